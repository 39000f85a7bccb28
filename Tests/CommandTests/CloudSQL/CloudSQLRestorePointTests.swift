import FakeGoogle
import TestClusters
import Testing

@testable import MigrationKit
@testable import MigrationKitBase
@testable import MigrationKitSourcegraphAPI

/// The copy that an upgrade keeps on Cloud SQL before it changes anything.
@Suite(.inTurn) struct CloudSQLRestorePointTests {
    private struct Died: Error {}

    private func imported(_ body: (CloudSQLPlace) async throws -> Void) async throws {
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.small) { place in
            let imported = try await place.importAll(place.connection)
            try #require(imported.exit == 0, "\(imported.errors)")
            try await body(place)
        }
    }

    @Test func instanceIsBackedUpBeforeTheMigratorRuns() async throws {
        try await imported { place in
            let path = try await place.upgrading { _ in
                #expect(place.done("BACKUP_VOLUME") == 1)
                return 0
            }.run()
            #expect(path.to == SourcegraphVersion("5.2.3"))
            let backup = try #require(place.instance.record.backups.first)
            #expect(backup.description?.contains("before mi-migrate upgrade of gs://snapshot") == true)
            #expect(try await place.openJournal().state.step("restore-point")?.result == "backup \(backup.id)")
        }
    }

    @Test func backupThatFailsEndsTheUpgradeBeforeTheMigratorRuns() async throws {
        try await imported { place in
            place.instance.fault(operation: .fails(), type: "BACKUP_VOLUME")
            let flow = try await place.upgrading { _ in
                Issue.record("there is nothing to go back to")
                return 0
            }
            let error = try await #require(throws: MigrationError.self) { _ = try await flow.run() }
            #expect(error.code == .upgradeFailed && error.message.hasPrefix("The backup failed:"), "\(error)")
            try await place.upgrade()
            #expect(place.done("BACKUP_VOLUME") == 1)
        }
    }

    @Test(arguments: [FakeCloudSQL.Fault.lostAnswer, .tornAnswer(afterBytes: 20), .reset, .status(503)])
    func backupWhoseAnswerIsLostIsNotTakenTwice(fault: FakeCloudSQL.Fault) async throws {
        try await imported { place in
            place.instance.fault(fault, on: "backupRuns.insert")
            try await place.upgrade()
            #expect(place.done("BACKUP_VOLUME") == 1)
        }
    }

    @Test func upgradeThatIsTakenUpKeepsItsCopy() async throws {
        try await imported { place in
            let before = try await place.contents
            let dying = try await place.upgrading { _ in throw Died() }
            await #expect(throws: Died.self) { _ = try await dying.run() }
            let failing = try await place.upgrading { _ in
                try await place.instance.sql("CREATE TABLE IF NOT EXISTS halfway ()")
                return 1
            }
            let error = try await #require(throws: MigrationError.self) { _ = try await failing.run() }
            #expect(error.code == .upgradeFailed, "\(error)")
            try await place.upgrade()
            #expect(place.done("BACKUP_VOLUME") == 1)
            let restored = try await place.migrate("restore", "--yes")
            #expect(restored.exit == 0, "\(restored.errors)")
            #expect(try await place.contents == before)
        }
    }
}
