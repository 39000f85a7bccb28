import FakeGoogle
import Foundation
import MigrationKit
import TestClusters
import Testing

/// An import in several sittings, and what `mi-migrate status` tells of it.
@Suite(.inTurn) struct CloudSQLStepsTests {
    @Test func importThatStopsWhereItWasToldToGoesOnFromThere() async throws {
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.small) { place in
            func importing(_ arguments: String...) async throws -> Workplace.Finished {
                try await place.workplace.run(
                    BuiltPrograms.path("mi-migrate"),
                    ["import", "--yes", "--credentials=key.json", "--database=primary", "--backup"] + arguments,
                    environment: place.environment)
            }
            try await place.makePrecious()
            #expect(try await status(place).summary == "No import into example-project:sourcegraph-db has started.")
            let validated = try await importing("--until=validate")
            #expect(validated.exit == 0)
            #expect(validated.errors.contains("Validated: the import can run. Nothing was changed."))
            try await place.expectUntouched()
            #expect(place.instance.record.backups.isEmpty)
            #expect(try await status(place).summary == "No import into example-project:sourcegraph-db has started.")

            let emptied = try await importing("--until=reset")
            #expect(emptied.exit == 0, "\(emptied.errors)")
            #expect(emptied.errors.contains("Stopped after the step reset (--until)."))
            #expect(try await place.instance.sql("SELECT to_regclass('precious')") == "")
            #expect(
                try await status(place).states == [
                    "backup": "done", "reset pgsql": "done", "load primary.sql": "to do", "prove pgsql": "to do",
                    "analyze pgsql": "to do",
                ])
            let loaded = try await importing("--until=load")
            #expect(loaded.exit == 0, "\(loaded.errors)")
            #expect(try await status(place).summary == "3 of 5 steps are done. Next: prove pgsql.")
            let imported = try await importing()
            #expect(imported.exit == 0, "\(imported.errors)")
            #expect(place.dropped == ["pgsql"] && place.imports(of: "primary.sql") == 1)
            #expect(place.instance.record.backups.count == 1)
            let id = try #require(place.instance.record.backups.first?.id)
            let shown = try await place.migrate("status", "--database=primary")
            #expect(shown.output.contains("  backup \(id)"), "\(shown.output)")
            #expect(place.instance.record.backups.first?.description?.contains("gs://snapshot") == true)
            let backup = try #require(place.instance.operations.firstIndex { $0.type == "BACKUP_VOLUME" })
            let delete = try #require(place.instance.operations.firstIndex { $0.database == "pgsql" })
            #expect(backup < delete)
            #expect(
                try await status(place).summary.hasPrefix(
                    "The import into example-project:sourcegraph-db was completed"))

            let anew = try await importing("--start-over")
            #expect(anew.exit == 0, "\(anew.errors)")
            #expect(place.dropped == ["pgsql", "pgsql"])
        }
    }

    /// What is told to a person and to programs.
    private func status(_ place: CloudSQLPlace) async throws -> (summary: String, states: [String: String]) {
        let shown = try await place.migrate("status", "--database=primary")
        #expect(shown.exit == 0, "\(shown.errors)")
        let told = try await place.migrate("status", "--database=primary", "--json")
        #expect(told.exit == 0, "\(told.errors)")
        let lines = try CommandLines(told.output)
        let result = try #require(lines.objects.last?["result"] as? [String: Any])
        #expect(result["server"] as? String == "example-project:sourcegraph-db")
        let steps = try #require(result["steps"] as? [[String: String]])
        let states = Dictionary(steps.map { ($0["name"] ?? "", $0["state"] ?? "") }) { first, _ in first }
        for step in states.keys { #expect(shown.output.contains(step), "\(shown.output)") }
        let text = shown.errors.trimmingCharacters(in: .newlines)
        let summary = text.split(separator: "\n").last { !$0.hasPrefix("To continue: ") }
        return (summary.map(String.init) ?? "", states)
    }

    @Test func everyLineForProgramsIsAnObjectAndTheResultIsTheLast() async throws {
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.small) { place in
            let planned = try await place.migrate("plan", "--json")
            #expect(try CommandLines(planned.output).objects.last?["result"] != nil, "\(planned.output)")
            let applied = try await place.migrate("apply", "plan.json", "--json")
            let result = try #require(try CommandLines(applied.output).objects.last?["result"] as? [String: Any])
            #expect((result["proofs"] as? [Any])?.count == 3 && result["completedAt"] != nil)
            #expect(applied.errors == "")
            let refused = try await place.importAll("--json", "--instance=other-db")
            let error = try #require(try CommandLines(refused.output).objects.last)
            #expect(error["event"] as? String == "error" && error["code"] as? String == "unmet-requirement")
        }
    }
}
