import MigrationKit
import Synchronization
import Testing

@testable import MigrationKit
@testable import MigrationKitBase
@testable import MigrationKitSourcegraphAPI

/// Another migrator at work on the same databases is waited for, and not forever.
@Suite struct ContendedMigratorTests {
    private let runs = Runs()

    /// The runs of the migrator, and what was said meanwhile.
    private final class Runs: Sendable {
        let commands = Mutex<[MigratorCommand]>([])
        let warnings = Mutex<[String]>([])
    }

    /// Upgrades where so many runs of `upgrade` find another migrator; then it has ended.
    private func upgrade(contended times: Int, _ complaint: String...) async throws {
        var instance = StandInInstance(marked: { _ in [] })
        instance.migrate = { [runs] command in
            runs.commands.withLock { $0.append(command) }
            return command.name == "upgrade" && runs.commands.withLock(\.count) <= times ? 1 : 0
        }
        instance.complaint = complaint + ["migration contention: concurrent migrator instances appear to be running"]
        let journal = MigrationJournal(store: nil)
        var flow = UpgradeInstance(
            instance: instance, importer: PostgresImporter(uri: try PostgresURI("postgres://nobody@127.0.0.1:1/x")),
            journal: journal
        ) { [runs] event in
            if case .warning(let warning) = event { runs.warnings.withLock { $0.append(warning.text) } }
        }
        flow.attempts = 1
        flow.contention = (times: 3, pause: .zero)
        try await journal.working { [flow] in
            try await flow.upgrade(UpgradePath(from: "5.1.8", to: "5.11.6271"))
        }
    }

    private var upgrades: [MigratorCommand] { runs.commands.withLock { $0.filter { $0.name == "upgrade" } } }

    @Test func itsEndIsWaitedFor() async throws {
        try await upgrade(contended: 3)
        #expect(upgrades.count == 4)
        // Nothing was begun: the schema is compared when it is.
        #expect(upgrades.allSatisfy { !$0.arguments.contains("--skip-drift-check") })
        let warnings = runs.warnings.withLock(\.self)
        #expect(warnings.count == 3 && warnings[1].contains("Waiting for its end"), "\(warnings)")
        #expect(warnings[1].contains("2 of 3."))
    }

    @Test func whatWasBegunBeforeIsNotTakenForDrift() async throws {
        try await upgrade(contended: 1, "👉 Migrating to v5.2 (step 1 of 10)")
        #expect(upgrades.map { $0.arguments.contains("--skip-drift-check") } == [false, true])
    }

    @Test func itIsGivenUpWithATimeAndAWayOut() async throws {
        let error = await #expect(throws: MigrationError.self) { try await upgrade(contended: 99) }
        #expect(error?.code == .upgradeFailed)
        #expect(error?.message.contains(#/Gave up at 2[0-9-]+ [0-9:]+ UTC, after waiting/#) == true, "\(error!)")
        #expect(error?.next?.contains("`mi-migrate freeze`") == true)
        #expect(upgrades.count == 4)
    }
}
