/// What a target's connection leads to, asked before anything else is sent there.
///
/// pg_dump sets up its session: no search path, no row security, a time zone. A pooler that hands a server's sessions
/// round gives these settings to other clients, too, and the customer's application finds its tables no more. So no
/// session is set up before it is known whose it is: the connection itself begins with a setting, of a name that means
/// nothing to the server. PostgreSQL notes it. PgBouncer refuses it or, like others, leaves it out.
struct SourceConnection {
    /// As `server_version_num` has it.
    let version: Int
    /// What the database takes on the server's disk.
    let databaseSize: Int64
    /// Whether the server follows another one, and cannot be written to.
    let isReplica: Bool

    /// - Parameter onNotice: Is told that the server restarts and is waited for.
    /// - Throws: ``PooledConnection`` if it is not the server that answers, ``MigrationError`` if nobody does.
    init(_ dumper: PgDump, onNotice: (MigrationNotice) -> Void) async throws {
        let name = dumper.database.rawValue
        let mark = String(UInt32.random(in: .min ... .max))
        let question = dumper.command.query(Self.question, beginningWith: (Self.setting, mark))
        let (answer, outcome) = try await ServerRestart.waiting(for: dumper, onNotice: onNotice) {
            try await question.collect(stallLimit: DumpPreflight.patience(dumper))
        }
        if outcome.exitStatus != 0, outcome.lastLines.contains(where: PooledConnection.isRefusal) {
            throw await PooledConnection(dumper, said: outcome.lastLines.first(where: PooledConnection.isRefusal))
        }
        // No SQLSTATE comes with it: of a server that does not speak English it is a refusal like any other.
        if outcome.exitStatus != 0, ServerTrouble(outcome) == .noMoreSessions {
            throw SourceSessions.noneIsFree(of: dumper.database, said: outcome.told.first)
        }
        try dumper.command.check(
            outcome, doing: "Connecting to \(name)",
            next: "Check the target, its user and its password; `src-snapshot databases --help` shows a targets file.",
            code: .unreachable)
        let fields = answer.prefix { $0 != "\n" }.split(separator: "|", omittingEmptySubsequences: false)
        guard fields.count == 4, let version = Int(fields[1]), let size = Int64(fields[2]), (0...1 << 60).contains(size)
        else {
            throw MigrationError(
                .failed,
                "The server of \(name) answered `\(String(answer.prefix(200)).printable)` to a query for its version.")
        }
        guard fields[0] == mark else { throw await PooledConnection(dumper, said: nil) }
        self.version = version
        databaseSize = size
        isReplica = fields[3] == "t"
    }

    private static let setting = "src_snapshot.probe"

    private static let question = """
        SELECT pg_catalog.current_setting('\(setting)', true), pg_catalog.current_setting('server_version_num'), \
        pg_catalog.pg_database_size(pg_catalog.current_database()), pg_catalog.pg_is_in_recovery()
        """
}

/// Something answers in the server's place.
struct PooledConnection: Error {
    let database: Database
    /// Where it has the server itself; nil: a socket of its own machine, or it does not tell.
    private let server: String?
    /// How it refused the setting; nil: it left it out.
    private let said: String?

    /// Whether a line refuses a connection for what it begins with: PgBouncer names the parameter, Amazon's RDS Proxy
    /// the options. Both speak English only, and no SQLSTATE comes with a connection that fails.
    static func isRefusal(_ line: String) -> Bool {
        line.contains("unsupported startup parameter") || line.contains("command-line options")
    }

    /// Asks it for the server's address, in a transaction of its own that sets nothing.
    init(_ dumper: PgDump, said line: String?) async {
        database = dumper.database
        said = line
        let sql = "SELECT pg_catalog.host(pg_catalog.inet_server_addr()), pg_catalog.inet_server_port()"
        let answer = try? await dumper.command.query(sql).collect(stallLimit: DumpPreflight.patience(dumper))
        let fields = answer?.output.prefix { $0 != "\n" }.split(separator: "|") ?? []
        server = fields.count == 2 ? (fields[0].contains(":") ? "[\(fields[0])]" : fields[0]) + ":\(fields[1])" : nil
    }

    /// What it means, and what to do.
    var error: MigrationError {
        let place = server.map { ", which the pooler connects to at \($0.printable)" } ?? ", on the pooler's machine"
        return MigrationError(
            .unmetRequirement,
            "The target of \(database.rawValue) is a connection pooler such as PgBouncer, not PostgreSQL itself. "
                + "The settings of the dump's session would leak into the sessions of your application, which would "
                + "then no longer find its tables.",
            next: "Set the target and the port of \(database.rawValue) to the PostgreSQL server\(place).",
            details: said.map { [$0] } ?? [])
    }
}
