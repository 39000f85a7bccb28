import FakeGoogle
import MigrationKit
import MigrationKitTesting
import TestClusters
import Testing

/// What every ``DatabaseImporter`` owes.
@Suite(.inTurn) struct DatabaseImporterTests {
    @Test(arguments: DatabaseImporterPromise.all)
    func promiseIsKeptByAnyPostgreSQL(promise: DatabaseImporterPromise) async throws {
        try await TargetDatabases.withAll {
            let workplace = try await Workplace()
            try await promise.check(try workplace.importer, from: workplace.store, into: .codeintel)
        }
    }

    @Test(arguments: [true, false])
    func promisesAreKeptByCloudSQL(throughAPI: Bool) async throws {
        try await CloudSQLPlace.with([:]) { place in
            let (store, journal) = (try place.store(), try await place.openJournal())
            let importer: any DatabaseImporter =
                throughAPI ? try place.importer(journal) : try place.lanes(journal)
            try await journal.working {
                for promise in DatabaseImporterPromise.all {
                    do { try await promise.check(importer, from: store, into: .codeintel) } catch {
                        Issue.record("\(promise): \(error)")
                    }
                }
            }
        }
    }

    /// Somebody interferes with each load; or what is told is what was sent.
    private enum Fault: CaseIterable {
        case losesARow, altersARow, keepsWhatIsThere, tellsWhatWasSent, forgetsItsCopy

        /// A promise that is not kept then.
        var broken: String {
            switch self {
            case .losesARow, .altersARow: "loads all of a dump"
            case .keepsWhatIsThere: "empties a database, whatever was there"
            case .tellsWhatWasSent: "tells what the server holds, and not what was sent"
            case .forgetsItsCopy: "goes back to a copy, which stays until it is removed"
            }
        }
    }

    private struct FaultyImporter: ForwardingImporter {
        let base: PostgresImporter
        let workplace: Workplace
        let fault: Fault?

        func reset(_ database: Database, terminatingConnections: Bool, for step: JournaledStep) async throws {
            guard fault == .keepsWhatIsThere else {
                return try await base.reset(database, terminatingConnections: terminatingConnections, for: step)
            }
            let name = database.importedName
            let isThere = try await workplace.target.sql("SELECT 1 FROM pg_database WHERE datname = '\(name)'")
            if isThere.isEmpty { try await base.reset(database, terminatingConnections: false, for: step) }
        }

        func load(
            _ load: DumpLoad, from store: any ObjectStore, for step: JournaledStep,
            onProgress: @escaping @Sendable (Int64, String?) -> Void
        ) async throws {
            try await base.load(load, from: store, for: step, onProgress: onProgress)
            let change =
                switch fault {
                case .losesARow: "DELETE FROM promised WHERE id = 1"
                case .altersARow: "UPDATE promised SET body = body || ' ' WHERE id = 1"
                default: ""
                }
            try await workplace.target.sql(change, in: load.database.importedName)
        }

        func contents(
            of database: Database, as dumped: DumpContents,
            onProgress: @escaping @Sendable (TableName, Int64) -> Void
        ) async throws -> DestinationContents {
            guard fault == .tellsWhatWasSent else {
                return try await base.contents(of: database, as: dumped, onProgress: onProgress)
            }
            return DestinationContents(tables: dumped.tables, sequences: dumped.sequences, extensions: [])
        }

        func copies() async throws -> [DatabaseCopy] { fault == .forgetsItsCopy ? [] : try await base.copies() }
    }

    @Test func brokenPromiseIsFound() async throws {
        try await TargetDatabases.withAll {
            let workplace = try await Workplace()
            for fault in [nil] + Fault.allCases.map(Optional.some) {
                let importer = FaultyImporter(base: try workplace.importer, workplace: workplace, fault: fault)
                var broken: [String] = []
                for promise in DatabaseImporterPromise.all {
                    do { try await promise.check(importer, from: workplace.store, into: .codeintel) } catch {
                        broken.append(promise.description)
                    }
                }
                if let fault { #expect(broken.contains(fault.broken), "\(broken)") } else { #expect(broken == []) }
            }
            for copy in try await workplace.importer.copies() {
                try await workplace.importer.remove(copy, for: JournaledStep(nil))
            }
        }
    }
}
