internal import MigrationKitFoundation
internal import NIOCore

/// Loads dumps into any PostgreSQL through `psql`, as a role that need not be a superuser.
public struct PostgresImporter: ParallelImporter {
    /// Server and role.
    public let uri: PostgresURI
    /// How many sessions load or read back at once.
    public let jobs: Int
    package let jobsOrigin: String
    package let turns: Turns
    let psqlCommands = PsqlCommands()

    /// Names the server.
    ///
    /// - Parameters:
    ///   - uri: Server and role.
    ///   - jobs: How many sessions load or read back at once; nil: one for each core of this machine where the server is
    ///     reached by a socket, and so runs here, else 4.
    public init(uri: PostgresURI, jobs: Int? = nil) { self.init(uri: uri, jobs: jobs, cores: nil) }

    /// - Parameter cores: How many the server has; nil: it does not tell.
    init(uri: PostgresURI, jobs: Int?, cores: Int?) {
        self.uri = uri
        let ownCores = uri.isSocket ? ProcessInfo.processInfo.activeProcessorCount : nil
        self.jobs = max(1, jobs ?? cores ?? ownCores ?? 4)
        jobsOrigin =
            if jobs != nil {
                "--jobs"
            } else {
                (cores != nil ? "the instance's cores" : ownCores != nil ? "this machine's cores" : "the default")
                    + "; --jobs sets another number"
            }
        turns = Turns(self.jobs)
    }

    /// The server's host.
    public var serverName: String { uri.serverName }

    /// psql sends what is read here.
    public var fetchesObjects: Bool { false }

    /// psql shows every row.
    public var provesContents: Bool { true }

    // MARK: Questions

    /// The server as it is reached.
    public func identity() async throws -> String { serverName }

    /// Asks the server what is there, and tries in a scratch database what an import does.
    ///
    /// - Throws: ``MigrationError`` if it cannot be reached, or the role may not do that.
    public func describe(
        _ databases: [Database], needing extensions: [RequiredExtension]?
    ) async throws -> DestinationState {
        guard let extensions else { return try await state(of: databases) }
        let state = try await stateWithRows(of: databases)
        try await tryOut(databases, needing: extensions, on: state)
        return state
    }

    /// What is there, without the rows.
    func state(of databases: [Database]) async throws -> DestinationState {
        try await query(DestinationState.question(databases))
    }

    /// What is there, for whoever decides whether it may be dropped: rows are asked for in each database.
    func stateWithRows(of databases: [Database]) async throws -> DestinationState {
        var state = try await state(of: databases)
        for (index, database) in state.existing.enumerated() {
            let rows: Int? = try? await query(
                // A copy of a database has no statistics of what was written, but those that ANALYZE has left.
                """
                SELECT coalesce(sum(greatest(s.n_live_tup, c.reltuples)), 0)::bigint
                FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid
                """,
                database: database.name
            )
            state.existing[index].rows = rows
        }
        return state
    }

    // MARK: Steps

    /// Drops the database and makes it again.
    ///
    /// - Throws: ``MigrationError`` if somebody is connected, or the role may not.
    public func reset(
        _ database: Database, terminatingConnections: Bool, for step: JournaledStep
    ) async throws {
        try await makeAnew(database.importedName, terminatingConnections: terminatingConnections)
    }

    func makeAnew(_ name: String, terminatingConnections: Bool) async throws {
        let quoted = name.quotedAsIdentifier
        try await execute(
            "\(Self.dropping(name, terminatingConnections));\nCREATE DATABASE \(quoted) ENCODING 'UTF8'", alone: [name],
            doing: "Dropping and creating \(quoted)", next: Self.endOthers)
    }

    func drop(_ name: String, terminatingConnections: Bool) async throws {
        try await execute(
            Self.dropping(name, terminatingConnections), alone: [name], doing: "Dropping \(name.quotedAsIdentifier)",
            next: Self.endOthers)
    }

    private static let endOthers =
        "Stop them, or end their sessions with --terminate-connections. Then run the same command again."

    static func dropping(_ name: String, _ terminatingConnections: Bool) -> String {
        let drop = "DROP DATABASE IF EXISTS \(name.quotedAsIdentifier)"
        guard terminatingConnections else { return drop }
        return """
            SELECT current_setting('server_version_num')::int >= 130000 AS has_force \\gset
            \\if :has_force
            \(drop) WITH (FORCE);
            \\else
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
              WHERE datname = \(name.quotedAsLiteral) AND pid <> pg_backend_pid();
            \(drop);
            \\endif

            """
    }

    /// Makes extensions, in the schemas that the dump names.
    ///
    /// - Throws: ``MigrationError`` if the role may not make one.
    public func create(
        _ extensions: [RequiredExtension], in database: Database, for step: JournaledStep
    ) async throws {
        guard !extensions.isEmpty else { return }
        let names = extensions.map(\.name.printable).joined(separator: ", ")
        try await execute(
            extensions.map(\.creation).joined(separator: ";\n"), database: database.importedName,
            doing: "Creating \(extensions.count == 1 ? "the extension" : "the extensions") \(names)")
    }

    /// Leaves a mark in the databases' comments.
    ///
    /// - Throws: ``MigrationError`` if the role does not own them.
    public func mark(_ databases: [Database], with mark: String, for step: JournaledStep) async throws {
        try await execute(DatabaseMark.leaving(mark, in: databases), doing: "Marking the databases")
    }

    /// Gathers planner statistics.
    ///
    /// - Throws: ``MigrationError`` if the server fails.
    public func analyze(_ database: Database, for step: JournaledStep) async throws {
        try await steadily {
            try await execute("ANALYZE", database: database.importedName, doing: "ANALYZE in \(database.importedName)")
        }
    }

    // MARK: psql

    func execute(_ sql: String, database: String? = nil, doing what: String) async throws {
        let command = uri.psql(database: database, ["--file=-"], input: Self.patiently(sql))
        let (_, outcome) = try await tellingOfLocks(what, in: database) { _ in try await command.collect() }
        try await check(outcome, in: database, doing: what)
    }

    /// Runs a query that gives one value of JSON.
    func query<Value: Decodable>(_ sql: String, database: String? = nil) async throws -> Value {
        let command = uri.psql(
            database: database, ["--tuples-only", "--no-align", "--file=-"], input: Self.patiently(sql)
        )
        let (output, outcome) = try await command.collect(limit: 64 << 20)
        try await check(outcome, in: database, doing: "A query")
        do {
            return try JSONText.decode(Value.self, from: Array(output.utf8))
        } catch {
            throw MigrationError(.failed, "\(serverName) gave an unexpected answer to a query: \(error).")
        }
    }

    /// Servers, databases and roles may have limits that suit an application and no import: ANALYZE takes minutes, and a
    /// load waits for a store.
    static let unlimited =
        "SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0; "
        + "SELECT set_config('transaction_timeout', '0', false)"
        + " WHERE current_setting('server_version_num')::int >= 170000"

    private static func patiently(_ sql: String) -> String { "\(unlimited) \\g /dev/null\n\(sql);\n" }

    func check(_ outcome: CommandOutcome, in database: String?, doing what: String) async throws {
        guard outcome.exitStatus != 0 else { return }
        if let trouble = try await trouble(in: outcome, database) { throw trouble.error(what, on: serverName, outcome) }
        if outcome.exitStatus == 2 { throw unreachable(outcome) }
        var error = MigrationError(.failed, "\(what) failed on \(serverName).", details: outcome.told)
        error.sqlState = outcome.sqlState
        throw error
    }

    /// The server's trouble, if that is why a psql has failed that connected to a database.
    func trouble(in outcome: CommandOutcome, _ database: String?) async throws -> ServerTrouble? {
        try await ServerTrouble.judging(
            outcome,
            readiness: {
                // As long as an overloaded server's answer may take.
                let command = uri.command("pg_isready", ["--quiet", "--timeout=30"]).withoutPassword
                return try? await command.collect().outcome.exitStatus
            }, again: { try? await uri.psql(database: database, ["--file=-"]).collect().outcome })
    }

    /// psql has no connection, and the server's trouble is not the reason.
    func unreachable(_ outcome: CommandOutcome) -> MigrationError {
        MigrationError(
            .unreachable,
            outcome.isRefused ? "\(serverName) refused the connection." : "\(serverName) cannot be reached.",
            next: Self.checkConnection, details: outcome.told)
    }

    static let checkConnection =
        "Check --into or --connection, the network and the password (PGPASSWORD or ~/.pgpass; of --connection "
        + "INSTANCE_ADMIN_PASSWORD)."
}

extension PostgresImporter {
    /// Names the server by its address.
    ///
    /// - Parameter address: `postgres://user@host:5432/postgres`; see ``PostgresURI``.
    /// - Throws: ``MigrationError`` with code `usage` if it is not one.
    public init(_ address: String) throws { self.init(uri: try PostgresURI(address, named: "The server's address")) }
}
