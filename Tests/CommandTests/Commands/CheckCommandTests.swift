import FakeSourcegraph
import Foundation
import TestClusters
import Testing

@testable import MigrationKitBase

/// `check` as it is typed.
@Suite(.inTurn) struct CheckCommandTests {
    let workplace: Workplace

    init() async throws {
        workplace = try await Workplace()
        try workplace.writeTargets()
    }

    private func report(_ run: Workplace.Finished) throws -> [String: Any] {
        let line = try #require(run.output.split(separator: "\n").last, "\(run.errors)")
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        return try #require(object?["result"] as? [String: Any], "\(run.output)")
    }

    private func verdicts(_ report: [String: Any]) -> [String: String] {
        let findings = report["findings"] as? [[String: Any]] ?? []
        return Dictionary(
            findings.map { ("\($0["place"] ?? "")/\($0["name"] ?? "")", "\($0["verdict"] ?? "")") }
        ) { first, _ in first }
    }

    private func check(_ fake: FakeSourcegraph, _ options: String...) async throws -> Workplace.Finished {
        try await workplace.run(
            BuiltPrograms.path("src-snapshot"), ["check", "pg_dump", "--targets=targets.yaml"] + options,
            environment: ["SRC_ENDPOINT": fake.endpoint, "SRC_ACCESS_TOKEN": fake.token])
    }

    @Test func whatCanBeMovedPassesTheCheck() async throws {
        try await FakeSourcegraph.with { fake in
            let id = try await workplace.postgres.source.sql("SELECT site_id FROM global_state", in: "sg")
            fake.change { $0.siteID = id.trimmingCharacters(in: .whitespacesAndNewlines) }
            let run = try await check(fake)
            #expect(run.exit == 0, "\(run.output)\(run.errors)")
            for line in ["ok    site-admin", "ok    encryption-keys", "ok    clock", "ok    dumpable", "ok    site-id"]
            {
                #expect(run.output.contains("  \(line) "), "\(line): \(run.output)")
            }
            #expect(run.errors.contains(" 0 failed. Next: src-snapshot databases pg_dump --run --targets=targets.yaml"))
            #expect(try workplace.folder.list(".") == ["bin", "targets.yaml"])
            #expect(fake.violations == [])
        }
    }

    @Test func whatCannotBeMovedFailsTheCheckWithARemedy() async throws {
        try workplace.writeTargets { database, lines in if database == .codeintel { lines.password = "wrong" } }
        try workplace.folder.write("key.json", "{\"type\": \"service_account\"}")
        try await FakeSourcegraph.with { fake in
            fake.change { $0.siteConfiguration.contents = "{\"encryption.keys\": {\"a\": 1}}" }
            let run = try await check(fake, "-credentials=key.json", "--json")
            #expect(run.exit == 3, "\(run.errors)")
            let findings = try #require(try report(run)["findings"] as? [[String: Any]])
            let failed = findings.filter { $0["verdict"] as? String == "fail" }
            #expect(
                failed.map { "\($0["place"] ?? "").\($0["name"] ?? "")" } == [
                    "instance.encryption-keys", "primary.site-id", "codeintel.reachable", "bucket.credentials",
                ])
            #expect(failed.allSatisfy { ($0["remedy"] as? String)?.isEmpty == false }, "\(failed)")
        }
    }

    @Test func everythingThatIsLookedAtIsALineAndAFailureIsStatusThree() async throws {
        try await FakeSourcegraph.with(version: "5.1.8") { fake in
            let environment = ["SRC_ENDPOINT": fake.endpoint, "SRC_ACCESS_TOKEN": fake.userToken]
            let run = try await workplace.snapshot(
                "check", "pg_dump", "--targets=targets.yaml", "-credentials=./none.json", "--json",
                environment: environment)
            #expect(run.exit == 3, "\(run.errors)")
            let report = try report(run)
            #expect(report["passed"] as? Bool == false)
            let verdicts = verdicts(report)
            #expect(verdicts["instance/site-admin"] == "fail" && verdicts["instance/version"] == "pass")
            #expect(verdicts["bucket/credentials"] == "fail" && verdicts["disk/space"] == "pass")
            for database in ["primary", "codeintel", "codeinsights"] {
                #expect(verdicts["\(database)/reachable"] == "pass" && verdicts["\(database)/pg-dump"] == "pass")
            }
            #expect(!(run.output + run.errors).contains(workplace.postgres.source.password))
            #expect(fake.violations == [])
        }
    }

    @Test func instanceThatCannotBeAskedKeepsNothingElseFromBeingAsked() async throws {
        let run = try await workplace.snapshot("check", "pg_dump", "--targets=targets.yaml", "--json")
        #expect(run.exit == 3, "\(run.errors)")
        let verdicts = verdicts(try report(run))
        #expect(verdicts["instance/reachable"] == "fail" && verdicts["primary/reachable"] == "pass")
    }

    @Test func withoutTheInstanceTheDatabasesAloneAreAsked() async throws {
        let run = try await workplace.snapshot(
            "check", "pg_dump", "--targets=targets.yaml", "--only=codeintel", "--without-instance")
        #expect(run.exit == 0, "\(run.output)\(run.errors)")
        #expect(!run.output.contains("instance\n") && run.output.contains("codeintel\n  ok    reachable"))
        #expect(
            run.errors.contains("Next: src-snapshot databases pg_dump --run --targets=targets.yaml --only=codeintel"))
    }
}
