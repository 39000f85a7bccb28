import Foundation
import MigrationKit
import Subprocess
import SystemPackage
import TestClusters
import Testing

/// Databases whose instance was started are dropped for nothing but `--start-over` and their server's name.
@Suite(.inTurnFirst) struct FinishedMigrationTests {
    /// Nothing was stopped, and nothing dropped.
    private func checkIsUntouched(_ place: RunPlace, _ comment: Comment) async throws {
        for database in Database.allCases {
            #expect(try await place.host.applied(database) == place.applied, comment)
        }
        #expect(try place.host.containers()["sourcegraph-frontend-0"]?.status == "running", comment)
    }

    /// Another snapshot, with the journal in the bucket, or one without.
    @Test(arguments: [true, false])
    func anotherSnapshotDoesNotTakeItsPlace(keepsJournal: Bool) async throws {
        try await RunPlace.with(machine: "local") { place in
            let (folder, server) = (place.workplace.folder, place.workplace.serverName)
            try await place.checkIsDone(try await place.run())
            try folder.copy(folder.file("bucket/mi-migrate"), to: "journals")
            try await place.uploadAgain(without: .codeinsights)
            if keepsJournal { try folder.copy(folder.file("journals"), to: "bucket/mi-migrate") }
            let why = keepsJournal ? "A migration into \(server) was finished" : "belong to another migration"
            for command in [
                ["run", "migration.yaml", "--yes"], ["import", "--config=migration.yaml", "--yes"],
                ["run", "migration.yaml", "--yes", "--confirm=\(server)"],
            ] {
                let refused = try await place.migrate(command)
                #expect(refused.exit == 3, "\(command): \(refused.errors)")
                #expect(refused.errors.contains(why) && refused.errors.contains("--start-over"), "\(refused.errors)")
            }
            for options in [["--start-over"], ["--start-over", "--confirm=localhost"], ["--from-step=reset"]] {
                let refused = try await place.migrate(["run", "migration.yaml", "--yes"] + options)
                #expect(refused.exit == 2, "\(options): \(refused.errors)")
            }
            let planned = try await place.migrate("plan", "--config=migration.yaml", "--start-over")
            #expect(planned.exit == 0 && planned.output.contains(why), "\(planned.output) \(planned.errors)")
            let applied = try await place.migrate("apply", "plan.json", "--config=migration.yaml")
            #expect(applied.exit == 2 && applied.errors.contains("--confirm=\(server)"), "\(applied.errors)")
            try await checkIsUntouched(place, "\(keepsJournal)")
            let dropped = try await place.run("--start-over", "--confirm=\(server)", "--until=analyze")
            #expect(dropped.exit == 0, "\(dropped.errors)")
            #expect(try await place.host.applied() == [:])
        }
    }

    @Test func anotherSpellingOfTheSamePlaceIsTheSame() async throws {
        try await RunPlace.with(machine: "local") { place in
            let folder = place.workplace.folder
            try await place.checkIsDone(try await place.run())
            try FileManager.default.createSymbolicLink(
                atPath: folder.file("link").string, withDestinationPath: folder.file("bucket").string)
            for bucket in [folder.file("bucket").string, "./bucket/", "./link", "file://\(folder.file("bucket"))"] {
                let again = try await place.run("--bucket=\(bucket)")
                #expect(again.exit == 0, "\(bucket): \(again.errors)")
                try await place.checkIsDone(again, "\(bucket)")
            }
            #expect(
                try await place.journal().entries.count { if case .opened = $0.event { true } else { false } } == 1)
        }
    }
}
