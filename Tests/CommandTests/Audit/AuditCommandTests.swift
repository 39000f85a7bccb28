import FakeGoogle
import Foundation
import MigrationKit
import TestClusters
import TestSupport
import Testing

/// `mi-migrate audit` as it is typed.
@Suite(.inTurn) struct AuditCommandTests {
    let workplace: Workplace

    init() async throws { workplace = try await Workplace() }

    private func audit(
        _ answers: FakeAuditLogs.Answers, _ arguments: String..., check: (Workplace.Finished) throws -> Void
    ) async throws {
        try await FakeAuditLogs.running(answers) { fake in
            try workplace.folder.write("key.json", try fake.key())
            let run = try await workplace.run(
                BuiltPrograms.path("mi-migrate"),
                ["audit", "--bucket=gs://acme-snapshot", "--bucket-project=acme-migration", "--credentials=key.json"]
                    + arguments,
                environment: fake.environment)
            try check(run)
            #expect(fake.record.violations == [])
        }
    }

    private var answers: FakeAuditLogs.Answers {
        var answers = FakeAuditLogs.Answers()
        answers.policy = LogEntries.policy()
        answers.pages = [
            [
                LogEntries.entry("get", "primary.sql", by: "cloudsql@example.com", at: 9),
                LogEntries.entry("get", "primary.sql", by: "cloudsql@example.com", at: 8),
            ],
            [
                LogEntries.entry("delete", "primary.sql", by: "eve@example.com", at: 5, granted: false, code: 7),
                LogEntries.entry("list", nil, by: nil, at: 4, code: 5),
            ], [LogEntries.entry("create", "primary.sql", at: 1)],
        ]
        return answers
    }

    private func words(_ text: String) -> [String] {
        text.split(separator: "\n").map { line in line.split(separator: " ").joined(separator: " ") }
    }

    @Test func accessesAndAccountsAreShownAsTables() async throws {
        try await audit(answers) { run in
            #expect(run.exit == 0, "\(run.errors)")
            #expect(
                words(run.output) == [
                    "first last count who action object from granted",
                    "2026-11-20T10:11:01Z 1 \(LogEntries.uploader) create primary.sql 203.0.113.7 yes",
                    "2026-11-20T10:11:04Z 1 (not logged in) list - 203.0.113.7 yes, but failed",
                    "2026-11-20T10:11:05Z 1 eve@example.com delete primary.sql 203.0.113.7 NO",
                    "2026-11-20T10:11:08Z 2026-11-20T10:11:09Z 2 cloudsql@example.com get primary.sql 203.0.113.7 yes",
                    "who create get list delete refused first last",
                    "\(LogEntries.uploader) 1 0 0 0 0 2026-11-20T10:11:01Z 2026-11-20T10:11:01Z",
                    "(not logged in) 0 0 0 0 1 2026-11-20T10:11:04Z 2026-11-20T10:11:04Z",
                    "eve@example.com 0 0 0 0 1 2026-11-20T10:11:05Z 2026-11-20T10:11:05Z",
                    "cloudsql@example.com 0 2 0 0 0 2026-11-20T10:11:08Z 2026-11-20T10:11:09Z",
                ])
            #expect(run.errors.hasSuffix(": 5 entries.\n") && !run.errors.contains("warning"), "\(run.errors)")
        }
    }

    @Test func programsGetEveryAccess() async throws {
        try await audit(answers, "--json", "--since=2d") { run in
            #expect(run.exit == 0, "\(run.errors)")
            let line = try #require(run.output.split(separator: "\n").last)
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: [String: Any]]
            let result = try #require(object?["result"])
            let accesses = try #require(result["accesses"] as? [[String: Any]])
            #expect(accesses.map { $0["outcome"] as? String } == ["granted", "failed", "denied", "granted", "granted"])
            #expect((result["principals"] as? [Any])?.count == 4)
            #expect((result["gaps"] as? [Any])?.isEmpty == true)
            #expect((result["logging"] as? [String: Any])?["reads"] as? Bool == true)
        }
    }

    @Test func hostileTextIsMadePrintable() async throws {
        var answers = answers
        answers.pages = [
            [
                LogEntries.entry("get", "a\u{1B}[2J\nb", by: "eve\u{7}", agent: "\u{1B}]0;x") {
                    $0["requestMetadata"] = ["callerIp": "1\r2"]
                    $0["methodName"] = "x.\u{8}"
                }
            ]
        ]
        answers.policy = LogEntries.policy(exempted: ["user:\u{1B}[31m"])
        try await audit(answers) { run in
            #expect(run.exit == 0)
            let controls = (run.output + run.errors).unicodeScalars.filter {
                $0.properties.generalCategory == .control && $0 != "\n"
            }
            #expect(controls.isEmpty, "\(run.output)\(run.errors)")
            #expect(run.output.split(separator: "\n").count == 4, "\(run.output)")
        }
    }

    @Test func refusalAndGapsAreTold() async throws {
        var refusing = FakeAuditLogs.Answers()
        refusing.entryFailures = [403]
        try await audit(refusing) { run in
            #expect(run.exit == 3 && run.output == "")
            #expect(run.errors.contains("roles/logging.privateLogViewer"), "\(run.errors)")
        }
        try await audit(FakeAuditLogs.Answers(), "--since=40d") { run in
            #expect(run.exit == 0)
            #expect(
                run.errors.contains("warning: The policy of acme-migration has no data access logs"), "\(run.errors)")
            #expect(run.errors.contains("warning: Data access logs are kept for 30 days"))
            #expect(run.errors.contains("warning: The log shows no access. That is not proof"))
        }
    }

    @Test func whatIsNotNamedIsAskedFor() async throws {
        let cases = [
            ([], "No bucket is set."), (["--bucket=gs://acme-snapshot"], "--bucket-project=ID"),
            (["--bucket=./bucket"], "flag --bucket is a folder, which has no audit log."),
            (["--since=0"], "--since must be longer than 0."), (["--since=7x"], "--since"),
        ]
        for (arguments, message) in cases {
            let refused = try await workplace.refusal(.migrate, ["audit"] + arguments)
            #expect(refused.exit == 2 && refused.errors.contains(message), "\(refused.errors)")
        }
    }

    @Test func overrideWithoutHTTPSIsRefused() async throws {
        try await FakeAuditLogs.running { fake in
            try workplace.folder.write("key.json", try fake.key())
            let refused = try await workplace.run(
                BuiltPrograms.path("mi-migrate"),
                ["audit", "--bucket=acme-snapshot", "--bucket-project=acme-migration", "--credentials=key.json"],
                environment: ["CLOUDSDK_API_ENDPOINT_OVERRIDES_LOGGING": "http://example.com"])
            #expect(refused.exit == 2)
            #expect(
                refused.errors.contains(
                    "CLOUDSDK_API_ENDPOINT_OVERRIDES_LOGGING is `http://example.com`, which "
                        + "is not https."))
            #expect(fake.record.paths == [])
        }
    }
}
