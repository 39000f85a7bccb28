import MigrationKit
import Subprocess
import TestClusters
import Testing

/// What would stop a run after hours is refused by its first step, and by that alone; so by what only imports, where the
/// instance's machine is known.
@Suite(.inTurnFirst) struct EarlyRefusalTests {
    private func isRefused(
        _ place: RunPlace, _ told: String, exit: Int32 = 3, environment: [String: String] = [:], _ options: String...
    ) async throws {
        for until in ["--until=validate", "--until=notice"] {
            let refused = try await place.run([until] + options, environment: environment)
            #expect(refused.exit == exit && refused.errors.contains(told), "\(until): \(refused.errors)")
        }
        for command in [["plan"], ["import", "--until=validate"], ["import", "--yes"]] {
            let refused = try await place.migrate(command, environment: environment)
            #expect(refused.exit == exit && refused.errors.contains(told), "\(command): \(refused.errors)")
        }
        #expect(try place.host.invocations().contains { $0.contains("down") } == false)
        #expect(try await place.journal().state.steps.isEmpty)
    }

    @Test func rehearsalTellsWhatTheInstanceLacks() async throws {
        try await RunPlace.with(machine: "local") { place in
            try await place.host.fault(.dockerDown)
            let rehearsed = try await place.migrate(
                ["rehearse", "--database=codeinsights"], environment: ["SRC_ACCESS_TOKEN": ""])
            #expect(rehearsed.exit == 5, "\(rehearsed.errors)")
            for told in ["Cannot connect to the Docker daemon", "SRC_ACCESS_TOKEN is not set", "ok    import"] {
                #expect(rehearsed.output.contains(told), "\(rehearsed.output)")
            }
        }
    }

    @Test func machineWithoutADockerDaemonIsRefused() async throws {
        try await RunPlace.with { place in
            try await place.host.fault(.dockerDown)
            try await isRefused(place, "Cannot connect to the Docker daemon")
        }
    }

    @Test func tokenIsAskedForAtOnce() async throws {
        try await RunPlace.with(machine: "local") { place in
            try await isRefused(place, "SRC_ACCESS_TOKEN is not set", exit: 2, environment: ["SRC_ACCESS_TOKEN": ""])
        }
    }

    @Test func summaryIsMissedUnlessTheTestIsSkipped() async throws {
        try await RunPlace.with(machine: "local") { place in
            try place.workplace.folder.remove("bucket")
            try await place.takeDumps()
            let uploaded = try await place.workplace.snapshot("upload", "-bucket=./bucket", "--without-summary")
            try #require(uploaded.exit == 0, "\(uploaded.errors)")
            try await isRefused(place, "has no summary.json")
            let validated = try await place.run("--until=validate", "--skip=test=there is none")
            #expect(validated.exit == 0, "\(validated.errors)")
        }
    }

    @Test func summaryThatWasChangedAfterTheImportIsRefused() async throws {
        try await RunPlace.with(machine: "local") { place in
            #expect(try await place.run("--until=analyze").exit == 0)
            let summary = try place.workplace.folder.text("bucket/summary.json")
            try place.workplace.folder.write(
                "bucket/summary.json", summary.replacing("{\n\t", with: "{\n ", maxReplacements: 1))
            let refused = try await place.run()
            #expect(refused.exit == 4 && refused.errors.contains("summary.json"), "\(refused.errors)")
            #expect(refused.errors.contains("its checksums differ"))
            #expect(try place.migrations("") == 0)
            for (command, exit) in [("plan", 4), ("import", 4), ("test", 4), ("rehearse", 5)] as [(String, Int32)] {
                let refused = try await place.migrate([command])
                #expect(refused.exit == exit, "\(command): \(refused.errors)")
                #expect("\(refused)".contains("its checksums differ"), "\(command): \(refused)")
            }
        }
    }

    @Test func unfinishedMigrationsOnTheWayAreRefused() async throws {
        try await RunPlace.with(machine: "local", target: "5.2.7") { place in
            try place.workplace.folder.remove("bucket")
            try await place.takeDumps { dump in
                dump.replacing("12\t0.6327\t99\t0", with: "12\t0.6327\t5\t2")
            }
            let uploaded = try await place.workplace.snapshot("upload", "-bucket=./bucket")
            try #require(uploaded.exit == 0, "\(uploaded.errors)")
            try await isRefused(place, "needs out-of-band migrations finished that are not: 12")
        }
    }
}
