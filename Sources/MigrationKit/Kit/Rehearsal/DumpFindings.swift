/// What a dump tells of itself that an import would stumble over, or whoever goes on with the instance.
struct DumpFindings {
    let dump: SnapshotManifest.DatabaseEntry
    /// Major version of the server that it is rehearsed on.
    let major: Int

    private var contents: DumpContents { dump.contents }
    private var place: String { dump.database.rawValue }

    /// All of them.
    var findings: [Finding] {
        [size, postgres] + (dump.database == .primary ? [version] : []) + [migrations]
            + Finding.extensions(contents.extensions, in: place)
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

    private var postgres: Finding {
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
        guard let version = SourcegraphVersion(text) else {
            return finding(
                name, .warn, "The instance calls itself \(String(text.prefix(100)).printable), which is not a release.",
                remedy: "Find out which release the build belongs to: the managed instance starts with it.")
        }
        guard version >= .oldest else {
            return finding(
                name, .fail, "It is from Sourcegraph \(version); at least \(SourcegraphVersion.oldest) is required.",
                remedy: "Have Sourcegraph upgraded to \(SourcegraphVersion.oldest) or newer, and dumped again.")
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
}
