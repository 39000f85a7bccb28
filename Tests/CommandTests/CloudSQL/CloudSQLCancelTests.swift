import FakeGoogle
import MigrationKit
import TestClusters
import Testing

/// `mi-migrate cancel` ends what goes on without mi-migrate.
@Suite(.inTurn) struct CloudSQLCancelTests {
    private static let uri = "gs://\(CloudSQLPlace.bucket)/primary.sql"

    @Test func runningImportIsEndedAndCanBeDoneAgain() async throws {
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.small) { place in
            place.instance.fault(operation: .held(), of: Self.uri)
            let stopped = try await place.importAll { _ in
                try await place.instance.waitUntil { $0.imports(of: Self.uri).last?.status == .running }
                let cancelled = try await place.migrate("cancel")
                #expect(cancelled.exit == 0, "\(cancelled.errors)")
                #expect(cancelled.errors.contains(place.instance.imports(of: Self.uri).first?.name ?? "none"))
            }
            #expect(stopped.exit == 5, "\(stopped.errors)")
            let again = try await place.importAll(place.connection)
            #expect(again.exit == 0, "\(again.errors)")
            #expect(place.imports(of: "primary.sql") == 2)
            #expect(again.errors.contains("holds exactly the rows that were dumped"))
        }
    }

    @Test func nothingToEndIsSaid() async throws {
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.small) { place in
            let cancelled = try await place.migrate("cancel")
            #expect(cancelled.exit == 0)
            #expect(cancelled.errors.contains("No operation of this import is running."))
        }
    }
}
