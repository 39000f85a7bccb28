import Foundation
import MigrationKit
import Subprocess
import TestClusters
import Testing

/// `--json`: a line of JSON an event on standard output, and one at the end that tells what came of it.
@Suite(.inTurn) struct JSONOutputTests {
    let workplace: Workplace

    init() async throws { workplace = try await Workplace() }

    private func run(_ line: String) async throws -> Workplace.Finished {
        let words = line.split(separator: " ").map(String.init)
        return try await workplace.run(
            BuiltPrograms.path(words[0]), Array(words.dropFirst()),
            environment: ["PGPASSWORD": workplace.postgres.target.password])
    }

    /// The lines, each an object.
    private func objects(_ finished: Workplace.Finished) throws -> [[String: Any]] {
        try CommandLines(finished.output).objects
    }

    /// The last line's error; the lines before it are events.
    private func error(_ finished: Workplace.Finished) throws -> [String: Any] {
        let objects = try objects(finished)
        #expect(objects.dropLast().allSatisfy { $0["event"] is String && $0["event"] as? String != "error" })
        #expect(objects.allSatisfy { $0["result"] == nil })
        let error = try #require(objects.last)
        #expect(error["event"] as? String == "error", "\(finished.output)")
        #expect((error["message"] as? String)?.isEmpty == false)
        #expect(error["code"] is String && error["details"] is [String])
        return error
    }

    static let failures = [
        ("src-snapshot upload -bucket=./b --json", "unmet-requirement"),
        ("src-snapshot --json upload -bucket=./b", "unmet-requirement"),
        ("src-snapshot verify -json", "unmet-requirement"),
        ("src-snapshot verify -bucket=./b --json", "unmet-requirement"),
        ("src-snapshot databases docker --run --json", "unmet-requirement"),
        ("mi-migrate import --bucket=./b --into=postgres://h/d --yes --json", "unmet-requirement"),
    ]

    @Test(arguments: failures)
    func failureEndsInOneLineOfIt(line: String, code: String) async throws {
        let failed = try await run(line)
        #expect(failed.exit == 3)
        let error = try error(failed)
        #expect(error["code"] as? String == code)
        #expect((error["next"] as? String)?.isEmpty == false, "\(failed.output)")
        #expect(failed.errors == "")
    }

    @Test(arguments: [
        "src-snapshot upload -bucket=gs://b --json", "src-snapshot databases --targets=./none -json",
        "mi-migrate import --bucket=./b --into=x --json", "mi-migrate -json import --bucket=b --into=postgres://h/d",
    ])
    func valueThatIsNoGoodEndsInOneLineOfIt(line: String) async throws {
        let refused = try await run(line)
        #expect(refused.exit == 2, "\(refused.output)\(refused.errors)")
        let error = try error(refused)
        #expect(error["code"] as? String == "usage")
        #expect((error["next"] as? String)?.isEmpty == false, "\(refused.output)")
        #expect(try objects(refused).map { $0["event"] as? String } == ["begin", "error"])
    }

    @Test(arguments: [
        "src-snapshot upload --json", "src-snapshot bogus --json", "src-snapshot databases --stall-timeout=0 -json",
        "mi-migrate import --until=then --json",
    ])
    func argumentsThatCannotBeReadAreToldInWords(line: String) async throws {
        let refused = try await workplace.refusal(line)
        #expect(refused.exit == 2)
        #expect(refused.output == "")
        #expect(refused.errors.hasPrefix("error: "), "\(refused.errors)")
    }

    @Test func interruptionEndsInOneLineOfIt() async throws {
        let source = workplace.postgres.source
        try workplace.writeTargets { _, lines in lines.dbname = "json_interrupted" }
        try await source.withDatabase("json_interrupted", "CREATE TABLE slow ()") {
            try await source.holding("LOCK TABLE slow", in: "json_interrupted") {
                let interrupted = try await workplace.snapshot(
                    "databases", "--targets=targets.yaml", "--only=primary", "--run", "--json",
                    whileRunning: { process in
                        try await source.waitForDump(of: "json_interrupted")
                        try process.send(.interrupt)
                    })
                #expect(interrupted.exit == 130)
                #expect(try error(interrupted)["code"] as? String == "interrupted")
                #expect(interrupted.errors == "")
            }
        }
    }

    @Test func successEndsInItsResult() async throws {
        try workplace.writeTargets()
        try await TargetDatabases.withAll {
            let lines = [
                "src-snapshot databases --targets=targets.yaml --json",
                "src-snapshot databases --targets=targets.yaml --run --json", "src-snapshot verify --json",
                "src-snapshot upload -bucket=./bucket --without-summary --json",
                "src-snapshot --json verify -bucket=./bucket",
                "mi-migrate import --bucket=./bucket --into=\(workplace.into) --yes --json",
            ]
            for line in lines {
                let finished = try await run(line)
                #expect(finished.exit == 0, "\(line) \(finished.output.suffix(1000)) \(finished.errors)")
                let objects = try objects(finished)
                #expect(objects.last?.keys.sorted() == ["result"], "\(line)")
                #expect(objects.dropLast().allSatisfy { $0["event"] is String && $0["time"] is String })
                let result = objects.last?["result"]
                let named = result as? [String: Any]
                let databases = named?["databases"] ?? named?["proofs"] ?? result
                let names = (databases as? [[String: Any]])?.compactMap { $0["database"] as? String }
                #expect(names == ["primary", "codeintel", "codeinsights"], "\(line)")
                #expect(finished.errors == "", "\(line)")
            }
        }
    }

    @Test func failedDumpIsAnEventAndTheEnd() async throws {
        try await workplace.takeExample("bucket")
        try workplace.folder.write("bucket/codeintel.sql", "x")
        try workplace.changeManifest { $0.databases[1].parts[0].object.size = 1 }
        let failed = try await run("src-snapshot verify -bucket=./bucket --json")
        #expect(failed.exit == 4)
        let events = try objects(failed).filter { $0["event"] as? String == "failed" }
        #expect(events.compactMap { $0["name"] as? String } == ["codeintel.sql"])
        let error = try error(failed)
        #expect((error["message"] as? String)?.hasPrefix("codeintel.sql: ") == true)
        #expect(error["code"] as? String == "damaged-snapshot")
    }
}
