import FakeGoogle
import MigrationKit
import Subprocess
import TestClusters
import Testing

/// `mi-migrate restore` on Cloud SQL: back to the backup that was taken before the upgrade.
@Suite(.inTurnFirst) struct CloudSQLRestoreTests {
    /// A place whose databases were imported and upgraded.
    private func upgraded(
        _ body: (_ place: CloudSQLPlace, _ before: [String]) async throws -> Void
    ) async throws {
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.small) { place in
            let imported = try await place.importAll(place.connection)
            try #require(imported.exit == 0, "\(imported.errors)")
            let before = try await place.contents
            try await place.upgrade()
            try #require(try await place.contents != before)
            try await body(place, before)
        }
    }

    private func restore(
        _ place: CloudSQLPlace, _ options: String...,
        whileRunning: @Sendable (ProcessIdentifier) async throws -> Void = { _ in }
    ) async throws -> Workplace.Finished {
        try await place.workplace.run(
            BuiltPrograms.path("mi-migrate"), ["restore", "--yes", "--credentials=key.json", "--settle=1"] + options,
            environment: place.environment, whileRunning: whileRunning)
    }

    /// All is as it was before the upgrade, which has to be done again.
    private func check(
        _ place: CloudSQLPlace, _ restored: Workplace.Finished, _ before: [String], _ comment: Comment? = nil
    ) async throws {
        #expect(restored.exit == 0, "\(comment ?? ""): \(restored.errors)")
        #expect(restored.errors.contains("to their state before the upgrade."), comment)
        #expect(try await place.contents == before, comment)
        let state = try await place.openJournal().state
        #expect(state.holder == nil && state.completedAt != nil, comment)
        #expect(state.isFinished("restore-point") && !state.isFinished("upgrade"), comment)
        #expect(!state.isFinished("proxy") && state.isFinished("restore"), comment)
    }

    @Test func databasesAreAsBeforeTheUpgradeAndCanBeUpgradedAnew() async throws {
        try await upgraded { place, before in
            for number in 1...2 {
                try await check(place, try await restore(place), before)
                #expect(place.done("RESTORE_VOLUME") == number)
                try await place.upgrade()
                #expect(try await place.contents != before)
            }
            #expect(place.done("BACKUP_VOLUME") == 1)
        }
    }

    @Test func sessionsAreEndedByTheInstanceItself() async throws {
        try await upgraded { place, before in
            let restored = try await place.instance.cluster.server.holding("SELECT FROM upgraded", in: "pgsql") {
                try await restore(place)
            }
            try await check(place, restored, before)
        }
    }

    @Test func withoutACopyNothingIsDoneAndTheWayOutIsTold() async throws {
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.small) { place in
            let imported = try await place.importAll(place.connection, "--backup")
            #expect(imported.exit == 0, "\(imported.errors)")
            let before = try await place.contents
            let refused = try await restore(place)
            #expect(refused.exit == 3)
            #expect(refused.errors.contains("was made before an upgrade."), "\(refused.errors)")
            #expect(refused.errors.contains("mi-migrate run --from-step=reset"))
            #expect(try await place.contents == before && place.done("RESTORE_VOLUME") == 0)
        }
    }

    @Test func nothingIsReplacedWithoutATerminalToAskAt() async throws {
        try await upgraded { place, before in
            let refused = try await place.migrate("restore")
            #expect(refused.exit == 2)
            #expect(refused.errors.contains("the databases would be replaced by the copy backup "), "\(refused.errors)")
            #expect(try await place.contents != before && place.done("RESTORE_VOLUME") == 0)
            try await check(place, try await restore(place), before)
        }
    }

    @Test func backupThatIsGoneIsNamed() async throws {
        try await upgraded { place, before in
            place.instance.forgetBackups()
            let refused = try await restore(place)
            #expect(refused.exit == 3, "\(refused.errors)")
            #expect(refused.errors.contains(" is gone."), "\(refused.errors)")
            #expect(refused.errors.contains("mi-migrate run --from-step=reset"))
            #expect(try await place.contents != before && place.done("RESTORE_VOLUME") == 0)
            #expect(try await place.openJournal().state.openRestore == nil)
        }
    }

    @Test func restoreThatFailsIsAskedForAnew() async throws {
        try await upgraded { place, before in
            place.instance.fault(operation: .fails(), type: "RESTORE_VOLUME")
            let failed = try await restore(place)
            #expect(failed.exit == 1 && failed.errors.contains("Restoring backup "), "\(failed.errors)")
            // Nobody knows what it has left behind, so nothing is built on it.
            let error = try await #require(throws: MigrationError.self) { try await place.upgrade() }
            #expect(error.next?.contains("mi-migrate restore") == true, "\(error)")
            try await check(place, try await restore(place), before)
            #expect(place.done("RESTORE_VOLUME") == 1)
        }
    }

    // MARK: Killed, and answers that are lost

    private static let faults: [FakeCloudSQL.Fault] = [
        .lostAnswer, .wrongAnswer("<html>"), .status(503),
    ]

    @Test(arguments: faults)
    func restoreWhoseAnswerIsLostIsNotAskedForTwice(fault: FakeCloudSQL.Fault) async throws {
        try await upgraded { place, before in
            place.instance.fault(fault, on: "instances.restoreBackup")
            let restored = try await restore(place)
            try await check(place, restored, before)
            #expect(restored.errors.contains("Checking whether it was accepted."))
            #expect(place.done("RESTORE_VOLUME") == 1)
        }
    }

    @Test func restoreThatTheListShowsLateIsFound() async throws {
        try await upgraded { place, before in
            place.instance.fault(.lostAnswer, on: "instances.restoreBackup")
            place.instance.fault(operation: .unlisted(lists: 2), type: "RESTORE_VOLUME")
            try await check(place, try await restore(place), before)
            #expect(place.done("RESTORE_VOLUME") == 1)
        }
    }

    enum Side: CaseIterable { case before, after }

    /// Whatever entry of the journal a run is killed at, the same command goes on with it. Each trial begins with the
    /// journal of the upgrade: every run reads all of it, and it would grow with each.
    @Test(arguments: Side.allCases)
    func restoreGoesOnFromAnyEntry(side: Side) async throws {
        try await upgraded { place, before in
            let upgraded = place.journalObjects
            let first = try await place.openJournal().entries.count
            try await check(place, try await restore(place), before)
            // What it has written, and when it was known to be over.
            let written = Array(try await place.openJournal().entries.dropFirst(first))
            let last = try #require(
                written.lastIndex { if case .finished(.restore, _) = $0.event { true } else { false } })
            #expect(written.count >= 5)
            for number in 1...written.count {
                place.putBack(journal: upgraded)
                try await place.upgradeContents()
                try #require(try await place.contents != before)
                let (comment, done) = (Comment(rawValue: "\(side) \(number)"), place.done("RESTORE_VOLUME"))
                let killed = try await restore(place) { process in
                    try await place.wait(
                        for: side == .before ? .before(entry: number) : .after(entry: number),
                        journal: place.journalFolder)
                    try process.send(.kill)
                }
                place.storage.removeFaults()
                #expect(killed.exit == nil, "\(comment): \(killed.errors)")
                try await check(place, try await restore(place), before, comment)
                // One that was over is done again by whoever asks for it again.
                let isOver = side == .before ? number - 1 > last : number - 1 >= last
                #expect(place.done("RESTORE_VOLUME") == done + (isOver ? 2 : 1), comment)
            }
        }
    }
}
