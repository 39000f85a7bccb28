/// What a dump tells of itself that an import would stumble over, or whoever goes on with the instance.
struct DumpFindings {
    let dump: SnapshotManifest.DatabaseEntry

    private var contents: DumpContents { dump.contents }
    private var place: String { dump.database.rawValue }

    /// All that is to be said of it.
    ///
    /// - Parameter major: Major version of the server that it is rehearsed on.
    func all(rehearsedOn major: Int) -> [Finding] {
        [size, postgres(major)] + ofInstance + Finding.extensions(contents.extensions, in: place)
    }

    /// What the instance was like that it is of: whoever moves it is stopped by what is not as it has to be, at the latest by
    /// the upgrade.
    var ofInstance: [Finding] {
        (dump.database == .primary ? [version] : []) + [migrations] + [encryption, outOfBand].compactMap(\.self)
    }

    private func finding(
        _ name: String, _ verdict: Finding.Verdict, _ reason: String, details: [String] = [], remedy: String? = nil
    ) -> Finding {
        Finding(name, in: place, verdict, reason, details: details, remedy: remedy)
    }

    // MARK: The dump

    private var size: Finding {
        let what =
            "\(dump.name): \(Quantity.bytes(dump.size)), \(Quantity.count(contents.rows)) rows in "
            + "\(contents.tables.count) tables"
        if dump.profile == .none {
            return finding(
                "contents", .warn, "\(what), as it was dumped.",
                remedy: "Cloud SQL refuses more than other servers: have it uploaded without --profile=none.")
        }
        let count = contents.rewrites.count
        let details = Rewrite.Rule.allCases.compactMap { rule in
            let count = contents.rewrites.count { $0.rule == rule }
            return count > 0 ? "\(rule.rawValue) \(Quantity.count(count))" : nil
        }
        return finding(
            "contents", .pass, "\(what); \(Quantity.count(count)) statements commented out for Cloud SQL.",
            details: details.isEmpty ? [] : [details.joined(separator: ", ")])
    }

    private func postgres(_ major: Int) -> Finding {
        guard let dumped = contents.serverMajor else {
            return finding(
                "postgresql", .warn, "The dump does not say which PostgreSQL it comes from.",
                remedy: "Check that the instance is not older than the customer's server.")
        }
        return finding(
            "postgresql", .pass,
            "Dumped from PostgreSQL \(dumped), rehearsed on \(major); the instance needs \(dumped) or later."
        )
    }

    // MARK: Sourcegraph

    private var version: Finding {
        let name = "sourcegraph-version"
        guard let text = contents.sourcegraphVersion else {
            return finding(
                name, .warn, "The dump does not say which release of Sourcegraph it is from.",
                remedy: "Ask the customer: the managed instance starts with that release.")
        }
        let version: SourcegraphVersion
        do { version = try ReleaseName(text).version } catch {
            return finding(
                name, .fail, "It is from Sourcegraph \(String(text.prefix(100)).printable), which \(error.reason).",
                remedy: error.nextForSource)
        }
        return finding(name, .pass, "It is from Sourcegraph \(version).")
    }

    private var migrations: Finding {
        let name = "schema-migrations"
        let schemas = NamedObjects.list(contents.migrations.map(\.schema))
        let unfinished = contents.migrations.filter { !$0.unfinished.isEmpty }
        guard unfinished.isEmpty else {
            return finding(
                name, .fail, "The database is dirty: schema migrations have failed or are not finished.",
                details: unfinished.map { "\($0.schema.printable): \(NamedObjects.list($0.unfinished))" },
                remedy:
                    "Sourcegraph's migrator refuses it. Have it repaired at the source, as the documentation on dirty "
                    + "databases describes, and dumped again.")
        }
        guard !contents.migrations.isEmpty else {
            return finding(
                name, .warn, "The dump has no table of schema migrations.",
                remedy: "Check that it is the dump of Sourcegraph's database \(place).")
        }
        let own = dump.database.migrationsSchema
        guard contents.migrations.contains(where: { $0.schema == own }) else {
            return finding(
                name, .fail, "The dump has the migrations of \(schemas), not of \(own).",
                remedy: "It is another of Sourcegraph's databases: have \(dump.database.dumpName) dumped again.")
        }
        return finding(name, .pass, "All schema migrations succeeded (\(schemas)).")
    }
    /// Nil: the manifest is of an older program, and does not tell.
    private var encryption: Finding? {
        let name = "encryption"
        guard let tables = contents.encryptedRows else { return nil }
        guard !tables.isEmpty else { return finding(name, .pass, "No encrypted rows.") }
        let list = tables.map { "\($0.table.description.printable) (\(Quantity.count($0.rows)))" }
        return finding(
            name, .fail,
            "Tables have rows that are encrypted with a key of the customer's: \(NamedObjects.list(list)).",
            remedy: "Have them decrypted at the source, and dumped again. \(InstanceRequirements.decryption)")
    }

    /// Nil: the dump does not tell.
    private var outOfBand: Finding? {
        guard let states = contents.outOfBandMigrations else { return nil }
        let name = "out-of-band-migrations"
        let version = contents.sourcegraphVersion.flatMap { SourcegraphVersion($0) }
        let first = contents.firstVersion.flatMap { SourcegraphVersion($0) }
        let unfinished = states.map(StoredMigration.init).filter { $0.concerns(version, first: first) }
        let overdue = unfinished.filter { $0.isOverdue(in: version) }
        guard overdue.isEmpty else {
            return finding(
                name, .fail,
                "Out-of-band migrations are unfinished that its release needs finished, so an upgrade would stop: "
                    + "\(NamedObjects.list(overdue.map(\.label))).",
                remedy: "Have them finished at the source with Sourcegraph's migrator, "
                    + "`run-out-of-band-migrations\(overdue.map { " --id=\($0.id)" }.joined())`, and dumped again.")
        }
        guard unfinished.isEmpty else {
            return finding(
                name, .warn, "Out-of-band migrations are unfinished: \(NamedObjects.list(unfinished.map(\.label))).",
                remedy: "The upgrade must finish them, if its target needs them finished.")
        }
        return finding(name, .pass, "All out-of-band migrations are finished.")
    }
}
