import MigrationKit
import TestClusters
import Testing

/// An instance that cannot be moved as it was is refused by each command that looks at its snapshot, before anything is
/// dropped.
@Suite(.inTurn) struct UnmovableInstanceTests {
    private struct State: Sendable, CustomTestStringConvertible {
        var name: String
        var setup: String
        var told: String
        var testDescription: String { name }
    }

    private static let states = [
        State(
            name: "dirty", setup: "INSERT INTO migration_logs (version, success) VALUES (7, false);",
            told: "The database is dirty"),
        State(
            name: "encrypted",
            setup: "CREATE TABLE external_services (id int, config text, encryption_key_id text);"
                + "INSERT INTO external_services VALUES (1, 'x', 'key'), (2, 'y', ''), (3, 'z', 'key');",
            told: "encrypted with a key of the customer's: external_services (2)"),
        State(
            name: "overdue", setup: "INSERT INTO out_of_band_migrations VALUES (30, 'lsif', 0.5, false, 4, 4, 4, 6);",
            told: "unfinished that its release needs finished, so an upgrade would stop: 30 lsif at 50 %"),
    ]

    private static let releases = [
        "204870_2023-03-30_5.0-64f93593ba02", "7.2.0-rc.1", "8.0.0", "insiders", "2023.03.23+205301.ca3646",
        "0.0.0+dev",
    ]

    /// Each of the commands, with its exit status.
    private func isRefused(_ told: String, _ setup: String) async throws {
        let place = try await RehearsalPlace()
        let name = "unmovable_\(UInt32.random(in: 0...UInt32.max))"
        try await place.workplace.upload(
            try await place.dump(name, BookkeepingSQL.tables + BookkeepingSQL.all + setup), as: .primary)
        let rehearsed = try await place.rehearse("--database=primary")
        #expect(rehearsed.exit == 5 && rehearsed.output.contains(told), "\(rehearsed.output)\(rehearsed.errors)")
        #expect(rehearsed.output.contains("ok    import"), "\(rehearsed.output)")
        #expect(rehearsed.errors.contains("The instance was not checked: its machine is not set"))
        for command in [["import", "--until=validate"], ["import", "--yes"], ["plan"]] {
            // No server is asked: the snapshot is looked at first.
            let refused = try await place.workplace.run(
                BuiltPrograms.path("mi-migrate"),
                command + ["--bucket=./bucket", "--into=postgres://nobody@127.0.0.1:1/postgres", "--database=primary"])
            #expect(refused.exit == 3 && refused.errors.contains(told), "\(command): \(refused.errors)")
            #expect(refused.errors.contains("The instance was not checked: its machine is not set"))
        }
    }

    @Test(arguments: states) private func stateIsRefused(_ state: State) async throws {
        try await isRefused(state.told, state.setup)
    }

    @Test(arguments: releases) func releaseThatTheMigratorDoesNotTakeIsRefused(_ release: String) async throws {
        try await isRefused(
            "It is from Sourcegraph \(release), which is",
            "UPDATE versions SET version = '\(release)' WHERE service = 'frontend';")
    }
}
