import Foundation
import MigrationKit
import SystemPackage
import TestClusters
import Testing

/// What a rehearsal took is what the plan of the import goes by, and the report tells it beside what it was.
@Suite(.inTurn) struct RehearsedDurationTests {
    let place: RehearsalPlace

    init() async throws { place = try await RehearsalPlace() }

    @Test func planAndReportTellThem() async throws {
        let workplace = place.workplace
        let variables = [
            "PGPASSWORD": workplace.target.password, "XDG_STATE_HOME": workplace.folder.file("state").string,
        ]
        try await TargetDatabases.withOne { database in
            _ = try await PartLoader(workplace: workplace).upload(HostileDump.text, as: database, size: 30_000)
            func migrate(_ command: String, _ arguments: String...) async throws -> Workplace.Finished {
                try await workplace.run(
                    BuiltPrograms.path("mi-migrate"),
                    [command, "--bucket=./bucket", "--into=\(workplace.into)", "--journal=./journal"] + arguments,
                    environment: variables)
            }
            let name = "--database=\(database.rawValue)"
            let before = try await migrate("plan", name)
            #expect(before.output.contains("not known before a rehearsal"), "\(before.output)\(before.errors)")

            let rehearsed = try await place.rehearse(name, environment: variables)
            #expect(rehearsed.exit == 0, "\(rehearsed.errors)")
            #expect(rehearsed.errors.contains("here; `mi-migrate plan --bucket=./bucket "), "\(rehearsed.errors)")
            let kept = try workplace.folder.list("state/mi-migrate/rehearsals")
            #expect(kept.count == 1)
            #expect(try workplace.folder.mode("state/mi-migrate/rehearsals/\(kept[0])") == 0o600)

            let planned = try await migrate("plan", name, "--jobs=1", "--json")
            #expect(planned.exit == 0, "\(planned.errors)")
            let plan = try #require(try CommandLines(planned.output).objects.last?["result"] as? [String: Any])
            let steps = try #require(plan["steps"] as? [[String: Any]])
            #expect(steps.count > 5)
            for step in steps {
                let what = try #require(step["name"] as? String)
                let isMeasured = ["load ", "prove ", "analyze "].contains { what.hasPrefix($0) }
                #expect((step["seconds"] as? Double ?? 0 > 0) == isMeasured, "\(step)")
            }
            let basis = try #require(plan["estimatedBy"] as? String)
            #expect(basis.hasPrefix("by the rehearsal of 20") && basis.hasSuffix(" there, 1 session here)"), "\(basis)")
            let told = try await migrate("plan", name)
            #expect(told.output.contains(#/Estimated duration: [0-9.]+ s, by the rehearsal of /#), "\(told.output)")

            let measured = try workplace.folder.text("state/mi-migrate/rehearsals/\(kept[0])")
            try workplace.folder.write("state/mi-migrate/rehearsals/\(kept[0])", "{")
            let damaged = try await migrate("plan", name)
            #expect(damaged.exit == 0 && damaged.output.contains("not known before a rehearsal"), "\(damaged.output)")
            #expect(damaged.errors.contains("\(kept[0]) is damaged. The plan tells no durations."), "\(damaged.errors)")
            try workplace.folder.write("state/mi-migrate/rehearsals/\(kept[0])", measured)

            let imported = try await migrate("import", name, "--yes", "--terminate-connections")
            #expect(imported.exit == 0, "\(imported.errors)")
            #expect(try await migrate("report", "-o", "report.json").exit == 0)
            let report = try #require(
                try JSONSerialization.jsonObject(with: workplace.folder.bytes("report.json")) as? [String: Any])
            let reported = try #require((report["databases"] as? [[String: Any]])?.first)
            let stages = try #require(reported["stages"] as? [[String: Any]])
            #expect(stages.map { $0["name"] as? String } == ["load", "indexes", "proof"])
            for stage in stages {
                #expect(stage["seconds"] is Double && stage["estimatedSeconds"] is Double, "\(stage)")
            }
            #expect(try await migrate("report", "-o", "report.html").exit == 0)
            let page = try workplace.folder.text("report.html")
            #expect(page.contains(#/Time for indexes<.dt><dd>[0-9.]+ s, estimated [0-9.]+ s/#))
        }
    }
}
