import FakeGoogle
import MigrationKit
import NIOCore
import Subprocess
import TestClusters
import TestSupport
import Testing

/// A run ends, in whatever way, while the instance is at work on an import: that goes on without it.
@Suite(.inTurn) struct RunningImportTests {
    private static let uri = "gs://\(CloudSQLPlace.bucket)/primary.sql"

    /// A place whose import of the first dump waits for the test.
    private func withHeldImport(_ body: (CloudSQLPlace) async throws -> Void) async throws {
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.small) { place in
            place.instance.fault(operation: .held(), of: Self.uri)
            try await body(place)
        }
    }

    /// How often somebody has asked how far the import is.
    private static func looks(_ record: FakeCloudSQL.Record) -> Int {
        guard let name = record.imports(of: uri).first?.name else { return 0 }
        return record.requests(for: "operations.get").count { $0.pieces.last == name }
    }

    /// Returns when a run waits for the import that has not waited for it before.
    private func somebodyWaits(_ place: CloudSQLPlace, besides looks: Int = 0) async throws {
        try await place.instance.waitUntil { Self.looks($0) > looks }
    }

    private func wasImportedOnce(_ place: CloudSQLPlace, by run: Workplace.Finished) {
        #expect(run.exit == 0, "\(run.errors)")
        #expect(run.errors.contains("holds exactly the rows that were dumped"))
        #expect(place.imports(of: "primary.sql") == 1)
        #expect(place.instance.requests(for: "instances.import").count == place.instance.imports().count)
    }

    @Test func nextRunWaitsForTheImportThatAKilledRunHasBegun() async throws {
        try await withHeldImport { place in
            let killed = try await place.importAll(place.connection) { process in
                try await somebodyWaits(place)
                try process.send(.kill)
            }
            #expect(killed.status == .signaled(Signal.kill.rawValue))
            let (record, name) = (place.instance.record, place.instance.imports(of: Self.uri)[0].name)
            let again = try await place.importAll(place.connection) { _ in
                try await somebodyWaits(place, besides: Self.looks(record))
                place.instance.releaseOperations()
            }
            #expect(
                again.errors.contains("The import of primary.sql was started by an earlier run: operation \(name)."))
            #expect(again.errors.contains("Resuming the import of "))
            wasImportedOnce(place, by: again)
            for name in ["codeintel.sql", "codeinsights.sql"] { #expect(place.imports(of: name) == 1) }
        }
    }

    @Test(arguments: [Signal.interrupt, .terminate])
    func interruptedRunTellsThatTheImportGoesOn(signal: Signal) async throws {
        try await withHeldImport { place in
            let interrupted = try await place.importAll(place.connection, "--database=primary") { process in
                try await somebodyWaits(place)
                try process.send(signal)
            }
            let name = place.instance.imports(of: Self.uri)[0].name
            #expect(interrupted.exit == 130, "\(interrupted.errors)")
            #expect(
                interrupted.errors.contains(
                    "Stopped waiting for the import of primary.sql, which continues: operation \(name)."),
                "\(interrupted.errors)")
            #expect(interrupted.errors.contains("Run the same command to resume"))
            #expect(place.journal.last?.contains("released") == true)
            #expect(!place.journal.contains { $0.contains("\"failed\"") || $0.contains("\"undone\"") })
            place.instance.releaseOperations()
            wasImportedOnce(place, by: try await place.importAll(place.connection, "--database=primary"))
        }
    }

    @Test func instanceThatCannotBeAskedForAWhileLosesNothing() async throws {
        try await withHeldImport { place in
            // Not to be tried again: as good as no answer for as long as there is patience.
            try await place.importUpToLoad()
            place.instance.fault(.status(403), on: "operations.get", skip: 1, times: 1000)
            let lost = try await place.importAll(place.connection, "--database=primary")
            #expect(lost.exit == 3, "\(lost.errors)")
            #expect(place.imports(of: "primary.sql") == 1)
            place.instance.removeFaults()
            place.instance.releaseOperations()
            let again = try await place.importAll(place.connection, "--database=primary")
            wasImportedOnce(place, by: again)
            #expect(place.instance.operations.count { $0.type == "DELETE_DATABASE" && $0.database == "pgsql" } == 1)
        }
    }

    @Test func importThatFailedWhileNobodyWaitedIsToldAndBegunAnew() async throws {
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.small) { place in
            place.instance.fault(operation: .held(), of: Self.uri)
            place.instance.fault(operation: .fails(), of: Self.uri)
            let killed = try await place.importAll(place.connection, "--database=primary") { process in
                try await somebodyWaits(place)
                try process.send(.kill)
            }
            #expect(killed.status == .signaled(Signal.kill.rawValue))
            place.instance.releaseOperations()
            let told = try await place.importAll(place.connection, "--database=primary")
            #expect(told.exit == 5)
            #expect(told.errors.contains("The import of primary.sql failed: An internal error occurred."))
            let again = try await place.importAll(place.connection, "--database=primary")
            #expect(again.exit == 0, "\(again.errors)")
            #expect(place.imports(of: "primary.sql") == 2)
            #expect(place.instance.operations.count { $0.type == "DELETE_DATABASE" && $0.database == "pgsql" } == 2)
        }
    }

    // MARK: Two runs

    @Test func secondRunIsRefusedWhileTheFirstIsAtWork() async throws {
        try await withHeldImport { place in
            let first = try await place.importAll(place.connection, "--database=primary") { process in
                try await somebodyWaits(place)
                let (entries, operations) = (place.journal.count, place.instance.operations.count)
                let second = try await place.importAll("--json", "--database=primary")
                #expect(second.exit == 8)
                #expect(second.output.contains("\"code\":\"locked\""), "\(second.output)")
                #expect(second.output.contains("This migration is locked by"))
                #expect(second.output.contains("process \(process.value)"))
                #expect(place.journal.count == entries && place.instance.operations.count == operations)
                place.instance.releaseOperations()
            }
            wasImportedOnce(place, by: first)
        }
    }

    @Test func runThatIsPushedAsideDoesNothingMore() async throws {
        try await withHeldImport { place in
            let pushed = try await place.importAll(place.connection, "--database=primary") { _ in
                try await somebodyWaits(place)
                let second = try await place.importAll(place.connection, "--database=primary", "--take-over") { _ in
                    // From then on the first cannot write.
                    try await place.storage.state.wait(
                        file: #filePath, line: #line, last: { $0.record.lastLines },
                        until: { state in
                            state.objects.values.count { String(buffer: $0.bytes).contains("\"working\"") } > 1
                        })
                    place.instance.releaseOperations()
                }
                wasImportedOnce(place, by: second)
            }
            #expect(pushed.exit == 8)
            #expect(pushed.errors.contains("has taken over this migration"), "\(pushed.errors)")
            #expect(place.imports(of: "primary.sql") == 1)
        }
    }
}
