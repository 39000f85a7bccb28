import MigrationKit
import TestClusters

/// A real importer, and somebody else who does something to the server or the bucket between its steps.
struct HookedImporter: DatabaseImporter {
    let base: PostgresImporter
    var afterReset: @Sendable (Database) async throws -> Void = { _ in }
    var afterLoad: @Sendable (Database) async throws -> Void = { _ in }

    var serverName: String { base.serverName }

    var fetchesObjects: Bool { base.fetchesObjects }
    var provesContents: Bool { base.provesContents }

    func identity() async throws -> String { try await base.identity() }

    func describe(
        _ databases: [Database], needing extensions: [RequiredExtension]?
    ) async throws -> DestinationState {
        try await base.describe(databases, needing: extensions)
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
        try await afterReset(database)
    }

    func create(_ extensions: [RequiredExtension], in database: Database) async throws {
        try await base.create(extensions, in: database)
    }

    func load(
        _ load: DumpLoad, from store: any ObjectStore, onProgress: @escaping @Sendable (Int64, String?) -> Void
    ) async throws {
        try await base.load(load, from: store, onProgress: onProgress)
        try await afterLoad(load.database)
    }

    func contents(
        of database: Database, as dumped: DumpContents, onProgress: @escaping @Sendable (TableName, Int64) -> Void
    ) async throws -> DestinationContents {
        try await base.contents(of: database, as: dumped, onProgress: onProgress)
    }

    func analyze(_ database: Database) async throws { try await base.analyze(database) }
}

extension Workplace {
    /// Imports what is in the bucket into one database of the target, with somebody who interferes.
    func importSnapshot(
        of database: Database, afterReset: @escaping @Sendable () async throws -> Void = {},
        afterLoad: @escaping @Sendable () async throws -> Void = {}
    ) async throws -> [ContentProof] {
        let importer = HookedImporter(
            base: try importer, afterReset: { _ in try await afterReset() }, afterLoad: { _ in try await afterLoad() })
        return try await ImportSnapshot(store: store, importer: importer, databases: [database], confirm: { _ in true })
            .run().proofs
    }

    /// How many tables and other relations a database of the target has in `public` and `audit`, an extension's left out.
    func relations(in database: Database) async throws -> String {
        try await postgres.target.sql(
            "SELECT count(*) FROM pg_class WHERE relnamespace::regnamespace::text IN ('public', 'audit')"
                + " AND relname NOT LIKE 'pg_stat_statements%'",
            in: database.importedName)
    }
}
