internal import Synchronization

/// Loads into a scratch server, as Sourcegraph's administrator would into an instance, and takes the time.
struct RehearsalImporter: DatabaseImporter {
    private let base: PostgresImporter
    private let superuser: PostgresImporter
    /// How long the load took; nil: it has not come to its end.
    let loading = Stopwatch()

    /// A time that is known later.
    final class Stopwatch: Sendable {
        private let taken = Mutex<Duration?>(nil)

        var duration: Duration? { taken.withLock { $0 } }

        func time(_ body: () async throws -> Void) async rethrows {
            let start = ContinuousClock.now
            try await body()
            taken.withLock { $0 = ContinuousClock.now - start }
        }
    }

    init(_ server: ScratchServer) throws {
        base = PostgresImporter(uri: try server.uri(as: CloudSQLRoles.administrator))
        superuser = PostgresImporter(uri: try server.uri(as: CloudSQLRoles.superuser))
    }

    var serverName: String { base.serverName }
    var fetchesObjects: Bool { base.fetchesObjects }
    var provesContents: Bool { base.provesContents }

    func identity() async throws -> String { try await base.identity() }

    /// There is nothing to lose on the server, so nothing is tried before it is done.
    func describe(
        _ databases: [Database], needing extensions: [RequiredExtension]?
    ) async throws -> DestinationState {
        try await base.describe(databases, needing: nil)
    }

    func release() async throws -> String? { try await base.release() }

    func backUp(_ databases: [Database], for step: MigrationStep) async throws -> String {
        try await base.backUp(databases, for: step)
    }

    func restore(_ copy: String, of databases: [Database], terminatingConnections: Bool) async throws {
        try await base.restore(copy, of: databases, terminatingConnections: terminatingConnections)
    }

    func reset(_ database: Database, terminatingConnections: Bool) async throws {
        try await base.reset(database, terminatingConnections: terminatingConnections)
    }

    /// What only a superuser may make elsewhere, every `cloudsqlsuperuser` may on an instance that offers it. The database
    /// is empty: nothing of the dump's can be called.
    func create(_ extensions: [RequiredExtension], in database: Database) async throws {
        for one in extensions {
            do {
                try await base.create([one], in: database)
            } catch let error as MigrationError where CloudSQLExtensions.availability(of: one.name) == .offered {
                do { try await superuser.create([one], in: database) } catch is MigrationError { throw error }
            }
        }
    }

    func load(
        _ load: DumpLoad, from store: any ObjectStore, onProgress: @escaping @Sendable (Int64, String?) -> Void
    ) async throws {
        try await loading.time { try await base.load(load, from: store, onProgress: onProgress) }
    }

    func contents(
        of database: Database, as dumped: DumpContents,
        onProgress: @escaping @Sendable (TableName, _ bytes: Int64) -> Void
    ) async throws -> DestinationContents {
        try await base.contents(of: database, as: dumped, onProgress: onProgress)
    }

    func analyze(_ database: Database) async throws { try await base.analyze(database) }
}
