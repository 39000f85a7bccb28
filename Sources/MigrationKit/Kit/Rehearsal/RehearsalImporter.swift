internal import Synchronization

/// Loads into a scratch server, as Sourcegraph's administrator would into an instance, and takes the time.
struct RehearsalImporter: ForwardingImporter {
    let base: PostgresImporter
    private let superuser: PostgresImporter
    /// How long all loads took, from the beginning of the first to the end of the last; nil: none has come to its end.
    let loading = Stopwatch()

    /// A time that is known later.
    final class Stopwatch: Sendable {
        private let taken = Mutex<(start: ContinuousClock.Instant?, duration: Duration?)>((nil, nil))

        var duration: Duration? { taken.withLock { $0.duration } }

        func time(_ body: () async throws -> Void) async rethrows {
            taken.withLock { $0.start = $0.start ?? .now }
            try await body()
            taken.withLock { taken in taken.duration = taken.start.map { ContinuousClock.now - $0 } }
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
        try await loading.time { try await base.load(load, from: store, for: step, onProgress: onProgress) }
    }
}
