import FakeGoogle
import Foundation
import SystemPackage
import TestClusters
import TestSupport
import Testing

@testable import MigrationKit
@testable import MigrationKitBase
@testable import MigrationKitGoogleCloud

/// What an audit asks, what it makes of the answers, and what it says that it cannot show.
@Suite(.timeLimit(.minutes(30))) struct AuditBucketTests {
    private typealias Answers = FakeAuditLogs.Answers

    private func audit(
        _ answers: FakeAuditLogs.Answers, since days: Double = 7,
        check: (FakeAuditLogs, Result<BucketAudit, any Error>) throws -> Void
    ) async throws {
        try await FakeAuditLogs.running(answers) { fake in
            let folder = try ScratchFolder.temporary()
            try folder.write("key.json", try fake.key())
            var retry = RetryPolicy()
            (retry.firstDelay, retry.patience) = (.milliseconds(5), .seconds(60))
            var audit = try AuditBucket(
                bucket: "acme-snapshot", project: "acme-migration",
                credentials: try .file(folder.file("key.json"), environment: [:]), retry: retry,
                environment: fake.environment)
            audit.since = .seconds(days * 86400)
            audit.now = Date(timeIntervalSince1970: 1_763_856_000)
            let result: Result<BucketAudit, any Error>
            do { result = .success(try await audit.run()) } catch { result = .failure(error) }
            try check(fake, result)
            #expect(fake.record.violations == [])
        }
    }

    @Test func logIsAskedAsGoogleDescribesIt() async throws {
        var answers = Answers()
        answers.policy = LogEntries.policy()
        try await audit(answers) { fake, result in
            _ = try result.get()
            #expect(fake.record.paths == ["/v1/projects/acme-migration:getIamPolicy", "/v2/entries:list"])
            #expect(Set(fake.record.scopes) == ["https://www.googleapis.com/auth/cloud-platform.read-only"])
            #expect(fake.record.quotaProjects == ["acme-billing", "acme-billing"])
            let question = try #require(fake.record.questions.first)
            #expect(question["resourceNames"] == ["projects/acme-migration"])
            #expect(question["orderBy"] == "timestamp desc")
            #expect(
                question["filter"]?.string == """
                    logName="projects/acme-migration/logs/cloudaudit.googleapis.com%2Fdata_access" \
                    AND resource.type="gcs_bucket" AND resource.labels.bucket_name="acme-snapshot" \
                    AND protoPayload."@type"="type.googleapis.com/google.cloud.audit.AuditLog" \
                    AND protoPayload.serviceName="storage.googleapis.com" \
                    AND protoPayload.methodName=("storage.objects.create" OR "storage.objects.get" \
                    OR "storage.objects.list" OR "storage.objects.delete") \
                    AND timestamp>="2025-11-16T00:00:00Z"
                    """)
        }
    }

    @Test func everyPageIsReadAlsoBehindEmptyOnes() async throws {
        var answers = Answers()
        answers.policy = LogEntries.policy()
        answers.pages = [[LogEntries.entry("get", "b", at: 2)], [], [], [LogEntries.entry("create", "a", at: 1)]]
        try await audit(answers) { fake, result in
            let audit = try result.get()
            #expect(audit.accesses.map(\.object) == ["a", "b"])
            #expect(audit.gaps == [])
            #expect(fake.record.questions.map { $0["pageToken"]?.string } == [nil, "page-1", "page-2", "page-3"])
        }
    }

    @Test(arguments: [true, false])
    func listWithoutEndIsRefused(repeatsToken: Bool) async throws {
        var answers = Answers()
        (answers.isEndless, answers.repeatsToken) = (true, repeatsToken)
        try await audit(answers) { _, result in
            let error = try #require(throws: MigrationError.self) { try result.get() }
            #expect(error.message == "The audit log of acme-migration is too long to read.")
        }
    }

    @Test func whatIsTransientIsTriedAgain() async throws {
        var answers = Answers()
        answers.policy = LogEntries.policy()
        answers.pages = [[LogEntries.entry("get", "a")]]
        (answers.entryFailures, answers.policyFailures) = ([503, 401, 429], [500])
        try await audit(answers) { fake, result in
            let accesses = try result.get().accesses
            #expect(accesses.count == 1)
            #expect(fake.record.scopes.count >= 3)
        }
    }

    @Test(arguments: [403, 401, 404, 400])
    func refusalNamesWhatToDo(status: Int) async throws {
        var answers = Answers()
        answers.entryFailures = Array(repeating: status, count: 4)
        try await audit(answers) { _, result in
            let error = try #require(throws: MigrationError.self) { try result.get() }
            if status == 403 {
                #expect(
                    error.message
                        == "operator@acme.iam.gserviceaccount.com is not allowed to read the Data Access logs of "
                        + "acme-migration.")
                #expect(error.next?.contains("roles/logging.privateLogViewer in the project acme-migration") == true)
            }
            #expect(error.next != nil && error.description.contains("Permission denied"))
        }
    }

    @Test func policyThatMayNotBeSeenIsAGapAndNoFailure() async throws {
        var answers = Answers()
        answers.policyFailures = [403]
        answers.pages = [[LogEntries.entry("get", "a")]]
        try await audit(answers) { _, result in
            let audit = try result.get()
            #expect(audit.accesses.count == 1 && audit.logging == nil)
            #expect(audit.gaps.count == 1 && audit.gaps[0].contains("roles/iam.securityReviewer"), "\(audit.gaps)")
        }
    }

    @Test(
        arguments: [
            (LogEntries.policy([]), "DATA_READ and DATA_WRITE"),
            (LogEntries.policy(["DATA_WRITE", "ADMIN_READ"]), "DATA_READ"),
            (LogEntries.policy(["DATA_READ"], service: "allServices"), "DATA_WRITE"),
            (LogEntries.policy(service: "bigquery.googleapis.com"), "DATA_READ and DATA_WRITE"),
            (["version": 1], "DATA_READ and DATA_WRITE"),
        ] as [(AnyJSON, String)])
    func logsThatAreOffAreAGap(policy: AnyJSON, missing: String) async throws {
        var answers = Answers()
        answers.policy = policy
        answers.pages = [[LogEntries.entry("get", "a")]]
        try await audit(answers) { _, result in
            let gaps = try result.get().gaps
            #expect(gaps.count == 1)
            #expect(gaps[0].contains("has no data access logs of \(missing) for storage.googleapis.com"), "\(gaps)")
        }
    }

    @Test func exemptionsRetentionAndSilenceAreGaps() async throws {
        var answers = Answers()
        answers.policy = LogEntries.policy(service: "allServices", exempted: ["user:a@example.com"])
        try await audit(answers, since: 31) { _, result in
            let gaps = try result.get().gaps
            #expect(gaps.count == 3)
            #expect(gaps[0].contains("exempts some members from its logs: user:a@example.com."))
            #expect(gaps[1].contains("kept for 30 days"))
            #expect(gaps[2].contains("That is not proof") && gaps[2].contains("roles/logging.privateLogViewer"))
        }
    }

    @Test(arguments: ["", "[]", "null", "<html>", "{\"entries\"", String(repeating: "[", count: 100_000)])
    func answerOfAnotherShapeIsRefused(text: String) async throws {
        var answers = Answers()
        answers.nonsense = text
        try await audit(answers) { _, result in
            let error = try #require(throws: MigrationError.self) { try result.get() }
            #expect(error.message.contains("sent a response that cannot be read"), "\(error)")
        }
    }

    @Test(arguments: [
        ("a\" OR \"b", "acme-migration"), ("./bucket", "acme-migration"), ("acme/x", "acme-migration"),
        ("acme-snapshot", "acme\" OR"), ("acme-snapshot", ""),
    ])
    func nameThatCouldBreakOutOfTheFilterIsRefused(bucket: String, project: String) throws {
        let error = try #require(throws: MigrationError.self) {
            try AuditBucket(bucket: bucket, project: project, environment: ["NO_GCE_CHECK": "1"])
        }
        #expect(error.code == .usage)
    }
}
