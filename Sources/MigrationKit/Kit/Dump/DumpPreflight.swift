import MigrationKitCLibrary
internal import SystemPackage

/// What is asked of a database before its first byte is dumped.
package struct DumpPreflight: Sendable {
    /// Which database.
    package let database: Database
    /// Major version of the server.
    package let serverMajor: Int
    /// What the database takes on the server's disk, indexes included.
    package let databaseSize: Int64
    /// Whether the server is a replica: it may lack what its primary server has.
    let isReplica: Bool
    /// Its connections; nil: it is too old to be asked, or does not tell.
    private let sessions: SourceSessions?

    /// How many more connections the server lets the dump's role open; where it does not tell, that on which it has
    /// just answered.
    package var freeConnections: Int { sessions?.free ?? 1 }

    /// How long a server may take to answer that it is there.
    private static let patience = Duration.seconds(60)

    /// The oldest server whose dumps are taken, as the requirements of a migration have it.
    package static let oldestServerMajor = 11

    /// Asks the server.
    ///
    /// - Parameters:
    ///   - dumper: What is to be dumped.
    ///   - needed: How many connections that takes at once.
    ///   - onNotice: Is told that the server restarts and is waited for.
    /// - Throws: ``MigrationError`` if a program is missing, the server cannot be reached or is too old, a pooler stands
    ///   before it, pg_dump is older than the server, or it has too few free connections.
    package init(_ dumper: PgDump, needed: Int = 1, onNotice: (MigrationNotice) -> Void = { _ in }) async throws {
        let version = try await Self.dumpVersion(dumper)
        do { try await self.init(server: dumper, onNotice: onNotice) } catch let pooled as PooledConnection {
            throw pooled.error
        }
        try requireServer()
        try requireDumpVersion(version)
        try requireConnections(needed)
    }

    /// Asks the server, and judges nothing of what it says.
    ///
    /// - Parameters:
    ///   - dumper: What is to be dumped.
    ///   - onNotice: Is told that the server restarts and is waited for.
    /// - Throws: ``MigrationError`` if it cannot be reached, ``PooledConnection`` if a pooler answers.
    init(server dumper: PgDump, onNotice: (MigrationNotice) -> Void = { _ in }) async throws {
        let server = try await SourceConnection(dumper, onNotice: onNotice)
        database = dumper.database
        serverMajor = server.version / 10_000
        databaseSize = server.databaseSize
        isReplica = server.isReplica
        sessions = serverMajor >= Self.oldestServerMajor ? try await SourceSessions(dumper) : nil
    }

    /// Asks all servers at once.
    ///
    /// - Parameters:
    ///   - dumpers: What is to be dumped.
    ///   - needed: How many connections that takes at once, of each database.
    ///   - takesReplicas: Whether a replica is dumped from.
    /// - Throws: ``MigrationError`` as for one, or if a server is a replica that is not to be dumped from.
    static func all(
        _ dumpers: [PgDump], needed: Int, takesReplicas: Bool, _ onEvent: @escaping MigrationEventHandler
    ) async throws -> [Database: DumpPreflight] {
        try await withThrowingTaskGroup(of: DumpPreflight.self) { group in
            for dumper in dumpers {
                group.addTask {
                    let server = try await DumpPreflight(dumper, needed: needed) { onEvent(.notice($0)) }
                    if server.isReplica {
                        let replica = try await SourceReplica(dumper)
                        let caution = try replica.caution(isAccepted: takesReplicas)
                        onEvent(
                            .warning(
                                .init(
                                    .replica, "\(caution) \(replica.advice)",
                                    ["database": .init(dumper.database.rawValue), "reason": .init(caution)])))
                    }
                    return server
                }
            }
            return try await group.reduce(into: [:]) { $0[$1.database] = $1 }
        }
    }

    /// What pg_dump says of its version, where it runs.
    ///
    /// - Throws: ``MigrationError`` if it cannot be run.
    static func dumpVersion(_ dumper: PgDump) async throws -> String {
        let (version, outcome) = try await dumper.command.dumpVersion.collect(stallLimit: patience(dumper))
        try dumper.command.check(
            outcome, doing: "Running pg_dump for \(dumper.database.rawValue)",
            next: "Check that the container or pod exists, and that pg_dump is installed in it.",
            code: .unmetRequirement)
        return String(version.prefix(80).prefix { !$0.isNewline })
    }

    /// - Throws: ``MigrationError`` if the server is too old.
    func requireServer() throws {
        guard serverMajor >= Self.oldestServerMajor else {
            throw MigrationError(
                .unmetRequirement,
                "The server of \(database.rawValue) is PostgreSQL \(serverMajor); version \(Self.oldestServerMajor) or later is required.",
                next: "Upgrade PostgreSQL first, or Sourcegraph if its PostgreSQL comes with it."
            )
        }
    }

    /// - Throws: ``MigrationError`` if this pg_dump is older than the server.
    func requireDumpVersion(_ version: String) throws {
        guard let dumpMajor = Self.major(in: version), dumpMajor >= serverMajor else {
            throw MigrationError(
                .unmetRequirement,
                "pg_dump (`\(version.printable)`) is older than the server of \(database.rawValue), PostgreSQL \(serverMajor).",
                next: "Install postgresql-client-\(serverMajor) or newer, and put its bin folder first in PATH."
            )
        }
    }

    /// - Throws: ``MigrationError`` if the server has fewer free connections than are needed.
    func requireConnections(_ needed: Int) throws { try sessions?.require(needed) }

    /// How long the answer to a question that costs nothing is waited for.
    static func patience(_ dumper: PgDump) -> Duration { min(patience, dumper.stallLimit) }

    /// `pg_dump (PostgreSQL) 15.18 (Debian …)` → 15.
    static func major(in version: String) -> Int? {
        version.split(separator: " ").lazy.compactMap { Int($0.prefix { $0.isNumber }) }.first
    }

    /// Checks that the dumps fit in a folder.
    ///
    /// A plain dump is seldom larger than its database, which counts indexes; `pg_database_size` is the measure.
    ///
    /// - Returns: Whether the disk tells how much room it has.
    /// - Throws: ``MigrationError`` if they do not fit.
    @discardableResult
    static func checkSpace(_ databases: [DumpPreflight], in folder: FilePath) throws -> Bool {
        var status = statvfs()
        guard statvfs(folder.string, &status) == 0 else { return false }
        let free = Int64(status.f_bavail) * Int64(status.f_frsize)
        let needed = databases.reduce(0) { $0 + $1.databaseSize }
        guard free >= needed else {
            throw MigrationError(
                .unmetRequirement,
                "\(folder) has \(Quantity.bytes(free)) free; the databases need \(Quantity.bytes(needed)).",
                next:
                    "Free some space, run the command in a folder on a larger disk, or add --ignore-free-space."
            )
        }
        return true
    }
}
