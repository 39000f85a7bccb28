import MigrationKit
import TestClusters

/// A real importer, and somebody else who does something to the server or the bucket between its steps.
struct HookedImporter: ForwardingImporter {
    let base: PostgresImporter
    var afterReset: @Sendable (Database) async throws -> Void = { _ in }
    var afterLoad: @Sendable (Database) async throws -> Void = { _ in }

    func reset(_ database: Database, terminatingConnections: Bool, for step: JournaledStep) async throws {
        try await base.reset(database, terminatingConnections: terminatingConnections, for: step)
        try await afterReset(database)
    }

    func load(
        _ load: DumpLoad, from store: any ObjectStore, for step: JournaledStep,
        onProgress: @escaping @Sendable (Int64, String?) -> Void
    ) async throws {
        try await base.load(load, from: store, for: step, onProgress: onProgress)
        try await afterLoad(load.database)
    }
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
