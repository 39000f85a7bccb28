import TestClusters
import Testing

/// Exit statuses, and what goes to which of the two outputs.
@Suite(.inTurn) struct ExitStatusTests {
    let workplace: Workplace

    init() async throws { workplace = try await Workplace() }

    private func run(_ line: String) async throws -> Workplace.Finished {
        let words = line.split(separator: " ").map(String.init)
        return try await workplace.run(BuiltPrograms.path(words[0]), Array(words.dropFirst()))
    }

    static let wrongUsages = [
        "src-snapshot bogus", "src-snapshot --bogus", "src-snapshot databases oracle",
        "src-snapshot databases --targets=./none.yaml", "src-snapshot databases --only=gitserver",
        "src-snapshot databases --only=", "src-snapshot databases --stall-timeout=0",
        "src-snapshot databases --stall-timeout=x", "src-snapshot databases --targets",
        "src-snapshot databases docker kubectl", "src-snapshot databases --run=yes", "src-snapshot upload",
        "src-snapshot upload -bucket", "src-snapshot upload -bucket=./b -bogus",
        "src-snapshot upload -bucket=./b -file=x", "src-snapshot upload -bucket=gs://b",
        "src-snapshot verify -bucket=s3://b", "src-snapshot verify bucket", "src-snapshot upload -without-sumary",
        "src-snapshot -hlep", "src-snapshot upload -without-summary", "mi-migrate bogus", "mi-migrate import",
        "mi-migrate import --bucket=./b",
        "mi-migrate import --into=postgres://h/d",
        "mi-migrate import --bucket=./b --into=mysql://h/d",
        "mi-migrate import --bucket=b --into=postgres://h/d",
        "mi-migrate import --bucket=./b --into=postgres://h/d --database=x", "mi-migrate config --project=X",
        "mi-migrate config --config=./none.yaml", "mi-migrate resources", "mi-migrate resources --from=./none",
    ]

    @Test(arguments: wrongUsages)
    func wrongUsageIsToldOnStandardErrorAlone(line: String) async throws {
        let refused = try await workplace.refusal(line)
        #expect(refused.exit == 2, "\(refused.output)\(refused.errors)")
        #expect(refused.output == "")
        #expect(refused.errors.hasPrefix("error: "), "\(refused.errors)")
        #expect(refused.errors.split(separator: "\n").count >= 2, "\(refused.errors)")
        #expect(try workplace.folder.list(".") == ["bin"])
    }

    static let failures = [
        "src-snapshot upload -bucket=./b", "src-snapshot verify", "src-snapshot verify -bucket=./b",
        "src-snapshot databases docker --run", "mi-migrate import --bucket=./b --into=postgres://h/d --yes",
    ]

    @Test(arguments: failures)
    func failureIsToldOnStandardErrorAlone(line: String) async throws {
        let failed = try await run(line)
        #expect(failed.exit == 3, "\(failed.errors)")
        #expect(failed.output == "")
        #expect(failed.errors.contains("error: "), "\(failed.errors)")
        #expect(try workplace.folder.list(".") == ["bin"])
    }

    @Test(arguments: ["-v", "--verbose", "-verbose"])
    func programsThatRunAreToldOnRequest(option: String) async throws {
        try workplace.writeTargets()
        let quiet = try await dump([], [])
        #expect(quiet.exit == 0 && !quiet.errors.contains("running pg_dump"), "\(quiet.errors)")
        for (before, after) in [([option], []), ([], [option])] {
            let verbose = try await dump(before, after)
            #expect(verbose.exit == 0, "\(verbose.errors)")
            #expect(verbose.errors.contains("PGPASSWORD='<redacted>'"), "\(verbose.errors)")
            #expect(verbose.output.split(separator: "\n").count == 2)
        }
    }

    private func dump(_ before: [String], _ after: [String]) async throws -> Workplace.Finished {
        try await workplace.run(
            BuiltPrograms.path("src-snapshot"),
            before + ["databases", "--targets=targets.yaml", "--only=codeinsights", "--run", "--force"] + after)
    }
}
