/// An importer that leaves to another one what it does not do itself.
package protocol ForwardingImporter: ParallelImporter {
    /// The other one.
    var base: PostgresImporter { get }
}

extension ForwardingImporter {
    package var serverName: String { base.serverName }
    package var fetchesObjects: Bool { base.fetchesObjects }
    package var provesContents: Bool { base.provesContents }
    package var jobs: Int { base.jobs }
    package var jobsOrigin: String { base.jobsOrigin }
    package var turns: Turns { base.turns }

    package func notedParts(in database: Database) async throws -> [PartNote]? {
        try await base.notedParts(in: database)
    }

    package func identity() async throws -> String { try await base.identity() }

    package func describe(
        _ databases: [Database], needing extensions: [RequiredExtension]?
    ) async throws -> DestinationState {
        try await base.describe(databases, needing: extensions)
    }

    package func release() async throws -> String? { try await base.release() }

    package func backUp(_ databases: [Database], for step: JournaledStep) async throws -> String {
        try await base.backUp(databases, for: step)
    }

    package func checkCopy(
        _ copy: String, of databases: [Database],
        tolerating isTolerated: @escaping @Sendable (DestinationState.Connection) -> Bool
    ) async throws {
        try await base.checkCopy(copy, of: databases, tolerating: isTolerated)
    }

    package func restore(
        _ copy: String, of databases: [Database], terminatingConnections: Bool, for step: JournaledStep
    ) async throws {
        try await base.restore(copy, of: databases, terminatingConnections: terminatingConnections, for: step)
    }

    package func copies() async throws -> [DatabaseCopy] { try await base.copies() }

    package func remove(_ copy: DatabaseCopy, for step: JournaledStep) async throws {
        try await base.remove(copy, for: step)
    }

    package func reset(_ database: Database, terminatingConnections: Bool, for step: JournaledStep) async throws {
        try await base.reset(database, terminatingConnections: terminatingConnections, for: step)
    }

    package func create(
        _ extensions: [RequiredExtension], in database: Database, for step: JournaledStep
    ) async throws {
        try await base.create(extensions, in: database, for: step)
    }

    package func load(
        _ load: DumpLoad, from store: any ObjectStore, for step: JournaledStep,
        onProgress: @escaping @Sendable (Int64, String?) -> Void
    ) async throws {
        try await base.load(load, from: store, for: step, onProgress: onProgress)
    }

    package func contents(
        of database: Database, as dumped: DumpContents,
        onProgress: @escaping @Sendable (TableName, _ bytes: Int64) -> Void
    ) async throws -> DestinationContents {
        try await base.contents(of: database, as: dumped, onProgress: onProgress)
    }

    package func mark(_ databases: [Database], with mark: String, for step: JournaledStep) async throws {
        try await base.mark(databases, with: mark, for: step)
    }

    package func analyze(_ database: Database, for step: JournaledStep) async throws {
        try await base.analyze(database, for: step)
    }
}
