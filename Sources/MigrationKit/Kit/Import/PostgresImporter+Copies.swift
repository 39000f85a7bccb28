extension PostgresImporter {
    /// The release in the table `versions`.
    ///
    /// - Throws: ``MigrationError`` if the server cannot be asked.
    public func release() async throws -> String? {
        let database = Database.primary.importedName
        let isThere: Bool = try await query(
            "SELECT to_json(count(*) > 0) FROM pg_database WHERE datname = \(database.quotedAsLiteral)")
        guard isThere else { return nil }
        let hasTable: Bool = try await query(
            "SELECT to_json(to_regclass('public.versions') IS NOT NULL)", database: database)
        guard hasTable else { return nil }
        return try await query(
            "SELECT coalesce(to_json(max(version)), 'null') FROM public.versions WHERE service = 'frontend'",
            database: database)
    }

    /// Copies each database beside it, file by file.
    ///
    /// - Throws: ``MigrationError`` if somebody is connected, or there is no room.
    public func backUp(_ databases: [Database], for step: JournaledStep) async throws -> String {
        let copy = step.step == .restorePoint ? Self.copyNames[0] : Self.copyNames[1]
        try await requireNobody(in: databases, "copied")
        let existing = try await state(of: databases).existing.map(\.name)
        for database in databases where existing.contains(database.importedName) {
            try await copyDatabase(database.importedName, to: Self.name(of: copy, database))
        }
        return copy
    }

    /// Looks for the copies, and for who is connected to the databases.
    public func checkCopy(
        _ copy: String, of databases: [Database],
        tolerating isTolerated: @escaping @Sendable (DestinationState.Connection) -> Bool
    ) async throws {
        let names = databases.map { Self.name(of: copy, $0).quotedAsLiteral }.joined(separator: ", ")
        let found: Int = try await query("SELECT count(*) FROM pg_database WHERE datname IN (\(names))")
        guard found == databases.count else {
            throw MigrationError(
                .unmetRequirement, "Some of the copies \(copy) are missing on \(serverName).",
                next: "Import again, with `mi-migrate run --from-step=reset`.", details: [names])
        }
        try await requireNobody(in: databases, "replaced", but: isTolerated)
    }

    /// Drops the databases and makes them again from their copies.
    ///
    /// - Throws: ``MigrationError`` if a copy is not there, or somebody is connected. Then nothing was dropped.
    public func restore(
        _ copy: String, of databases: [Database], terminatingConnections: Bool, for step: JournaledStep
    ) async throws {
        try await checkCopy(copy, of: databases) { _ in terminatingConnections }
        for database in databases {
            try await copyDatabase(
                Self.name(of: copy, database), to: database.importedName, terminating: terminatingConnections)
        }
    }

    /// The databases beside those that they are copies of.
    ///
    /// - Throws: ``MigrationError`` if the server cannot be asked.
    public func copies() async throws -> [DatabaseCopy] {
        struct Found: Decodable {
            var name: String
            var size: Int64
        }
        let names = Self.copyNames.flatMap { copy in Database.allCases.map { Self.name(of: copy, $0).quotedAsLiteral } }
        let found: [Found] = try await query(
            """
            SELECT coalesce(json_agg(json_build_object('name', datname, 'size', pg_database_size(oid)) ORDER BY datname), '[]')
            FROM pg_database WHERE datname IN (\(names.joined(separator: ", ")))
            """)
        return Self.copyNames.compactMap { copy -> DatabaseCopy? in
            let own = found.filter { $0.name.hasSuffix(".\(copy)") }
            guard !own.isEmpty else { return nil }
            return DatabaseCopy(
                name: copy, contents: own.map(\.name).joined(separator: ", "), size: Quantity.sum64(own.map(\.size)))
        }
    }

    /// Drops the databases that a copy is made of.
    ///
    /// - Throws: ``MigrationError`` if somebody is connected to one, or the role does not own it.
    public func remove(_ copy: DatabaseCopy, for step: JournaledStep) async throws {
        guard Self.copyNames.contains(copy.name) else {
            throw MigrationError(.usage, "`\(copy.name.printable)` is not a copy that was made on \(serverName).")
        }
        for database in Database.allCases {
            try await drop(Self.name(of: copy.name, database), terminatingConnections: false)
        }
    }

    /// Before an upgrade, and before an import.
    private static let copyNames = ["before-upgrade", "before-import"]

    /// As long as somebody is connected, a database can neither be copied nor dropped.
    private func requireNobody(
        in databases: [Database], _ fate: String,
        but isTolerated: (DestinationState.Connection) -> Bool = { _ in false }
    ) async throws {
        // Sessions of ours that are over may take a moment to go.
        let deadline = ContinuousClock.now + .seconds(5)
        var pauses = Pauses(upTo: .milliseconds(200))
        while true {
            let connections = try await state(of: databases).connections.filter { !isTolerated($0) }
            if connections.isEmpty { return }
            guard ContinuousClock.now < deadline else {
                throw MigrationError(
                    .unmetRequirement,
                    "Other sessions are connected to the databases of \(serverName), which are to be \(fate).",
                    next: "Stop them"
                        + (fate == "replaced" ? ", or end their sessions with --terminate-connections." : "."),
                    details: connections.map(\.description))
            }
            try await pauses.wait()
        }
    }

    private static func name(of copy: String, _ database: Database) -> String { "\(database.importedName).\(copy)" }

    private func copyDatabase(_ original: String, to copy: String, terminating: Bool = false) async throws {
        let (source, name) = (original.quotedAsIdentifier, copy.quotedAsIdentifier)
        // A run that was killed may have left its copying behind; the server goes on with it. From 15 on a server would
        // write each block to its log as well, unless it is told to copy files as it did before.
        try await execute(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE usename = current_user AND pid <> pg_backend_pid()
              AND query LIKE '%CREATE DATABASE%' AND position(\(name.quotedAsLiteral) IN query) > 0;
            \(Self.dropping(copy, terminating));
            SELECT CASE WHEN current_setting('server_version_num')::int >= 150000 THEN 'STRATEGY file_copy' ELSE '' END
              AS strategy \\gset
            CREATE DATABASE \(name) TEMPLATE \(source) :strategy
            """, alone: [original, copy], doing: "Copying \(source) to \(name)",
            next: "Stop them, then run the same command again.")
    }
}
