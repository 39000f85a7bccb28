internal import Synchronization

/// Loads into a scratch server, as Sourcegraph's administrator would into an instance, and takes the time.
struct RehearsalImporter: ForwardingImporter {
    let base: PostgresImporter
    private let superuser: PostgresImporter
    /// How long schema and rows took, or all of a dump that is not split.
    let rows = Stopwatch()
    /// How long what is built on the rows took.
    let indexes = Stopwatch()
    /// How long reading everything back took.
    let proof = Stopwatch()
    /// How long `ANALYZE` took.
    let analysis = Stopwatch()

    /// How long something took, from the beginning of its first part to the end of its last; nil: none has come to its
    /// end.
    final class Stopwatch: Sendable {
        private let taken = Mutex<(start: ContinuousClock.Instant?, duration: Duration?)>((nil, nil))

        var duration: Duration? { taken.withLock { $0.duration } }

        func time<Value>(_ body: () async throws -> Value) async rethrows -> Value {
            taken.withLock { $0.start = $0.start ?? .now }
            let value = try await body()
            taken.withLock { taken in taken.duration = taken.start.map { ContinuousClock.now - $0 } }
            return value
        }
    }

    init(_ server: ScratchServer) throws {
        base = PostgresImporter(uri: try server.uri(as: CloudSQLRoles.administrator))
        superuser = PostgresImporter(uri: try server.uri(as: CloudSQLRoles.superuser))
    }

    /// There is nothing to lose on the server, so nothing is tried before it is done.
    func describe(
        _ databases: [Database], needing extensions: [RequiredExtension]?
    ) async throws -> DestinationState {
        try await base.describe(databases, needing: nil)
    }

    /// What only a superuser may make elsewhere, every `cloudsqlsuperuser` may on an instance that offers it. The database
    /// is empty: nothing of the dump's can be called.
    func create(_ extensions: [RequiredExtension], in database: Database, for step: JournaledStep) async throws {
        for needed in extensions {
            do {
                try await base.create([needed], in: database, for: step)
            } catch let error as MigrationError where CloudSQLExtensions.availability(of: needed.name) == .offered {
                do { try await superuser.create([needed], in: database, for: step) } catch is MigrationError {
                    throw error
                }
            }
        }
    }

    func load(
        _ load: DumpLoad, from store: any ObjectStore, for step: JournaledStep,
        onProgress: @escaping @Sendable (Int64, String?) -> Void
    ) async throws {
        let watch = load.kind == .indexes ? indexes : rows
        try await watch.time { try await base.load(load, from: store, for: step, onProgress: onProgress) }
    }

    func contents(
        of database: Database, as dumped: DumpContents,
        onProgress: @escaping @Sendable (TableName, _ bytes: Int64) -> Void
    ) async throws -> DestinationContents {
        try await proof.time { try await base.contents(of: database, as: dumped, onProgress: onProgress) }
    }

    func analyze(_ database: Database, for step: JournaledStep) async throws {
        try await analysis.time { try await base.analyze(database, for: step) }
    }
}
