extension DatabaseRequirements {
    /// What the row of table `versions` tells of the instance.
    private struct Release: Decodable, Sendable {
        var version: String
        /// What was installed first; known since 3.29.
        var firstVersion: String?
    }

    /// Which Sourcegraph the database belongs to, and how far the migrations of its data are.
    func release(_ tables: BookkeepingTables) async throws -> [Finding] {
        var release: Release?
        var found = try await checking("versions") {
            guard let table = tables["versions"] else {
                return [
                    finding(
                        "versions", .warn, "The table versions, which records the instance's release, is missing.",
                        remedy: "Check that the target is Sourcegraph's primary database.")
                ]
            }
            guard table.isOpen else { return [unreadable("versions", [table])] }
            let sql = """
                SELECT coalesce((SELECT to_json(v) FROM \(table.quoted) AS v WHERE v.service::text = 'frontend' LIMIT 1),
                    'null'::json)
                """
            release = try await questions.answer(Release?.self, to: sql, "Reading the release")
            return [judge(release)]
        }
        let version = release.flatMap { SourcegraphVersion($0.version) }
        let first = release?.firstVersion.flatMap { SourcegraphVersion($0) }
        found += try await site(tables)
        found += try await outOfBandMigrations(tables, version: version, first: first)
        return found
    }

    /// Whether it is the database of the instance that was asked, and not of another one.
    private func site(_ tables: BookkeepingTables) async throws -> [Finding] {
        guard let siteID else { return [] }
        return try await checking("site-id") {
            guard let table = tables["global_state"], table.isOpen else {
                return [
                    finding(
                        "site-id", .warn, "The database does not say which instance it belongs to.",
                        remedy: "Check that the target is Sourcegraph's primary database.")
                ]
            }
            let sql =
                "SELECT coalesce(json_agg(g.site_id::text), '[]'::json) FROM (SELECT site_id FROM \(table.quoted) LIMIT 2) AS g"
            let ids: [String] = try await questions.answer(to: sql, "Reading the site id")
            if ids == [siteID] { return [finding("site-id", .pass, "This is the instance's database.")] }
            return [
                finding(
                    "site-id", .fail,
                    "This is not the instance's database: its site ID is \(NamedObjects.list(ids)), and that of the "
                        + "instance is \(siteID.printable).",
                    remedy: "Set SRC_ENDPOINT and the target to the same instance.")
            ]
        }
    }

    private func judge(_ release: Release?) -> Finding {
        guard let release else {
            return finding(
                "versions", .warn, "The table versions has no row for the service frontend.",
                remedy: "Check that the target is Sourcegraph's primary database, of an instance that has run before.")
        }
        guard let version = SourcegraphVersion(release.version) else {
            return finding(
                "versions", .warn,
                "The instance's version is \(String(release.version.prefix(100)).printable), which is not a release.",
                remedy: "Find out which release the build belongs to: the managed instance starts with that one.")
        }
        guard version >= .oldest else {
            return finding(
                "versions", .fail,
                "The instance is Sourcegraph \(version); \(SourcegraphVersion.oldest) or later is required.",
                remedy: "Upgrade Sourcegraph to \(SourcegraphVersion.oldest) or newer first.")
        }
        // The site id goes with every copy; the frontend writes its release whenever it starts as another one.
        if let instance, instance != version {
            // The migrator writes `upgrade --to=5.1.8` as 5.1.0, until a frontend has started.
            let isPatch = instance.minorRelease == version.minorRelease
            return finding(
                "versions", isPatch ? .warn : .fail,
                "The database was last used by Sourcegraph \(version), but the instance is \(instance): "
                    + (isPatch ? "it may be a copy from before an upgrade." : "the instance does not use it."),
                remedy: "Set the target to the database that the frontend is connected to (PGHOST and PGDATABASE of "
                    + "its container).")
        }
        return finding("versions", .pass, "The instance is Sourcegraph \(version).")
    }
}
