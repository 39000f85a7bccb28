import TestSupport
import Testing

@testable import MigrationKit
@testable import MigrationKitBase
@testable import MigrationKitGoogleCloud

/// What an entry of the log says.
struct BucketAccessTests {
    private func access(_ entry: AnyJSON) throws -> BucketAccess? {
        BucketAccess(entry: try JSONText.decode(JSONValue.self, from: Array(entry.text.utf8)))
    }

    private typealias AnyJSON = FakeJSON

    @Test func entryIsReadWhole() throws {
        let access = try #require(try access(LogEntries.entry("create", "some/where/primary.sql", at: 5)))
        #expect(access.time == "2026-11-20T10:11:05.123456Z")
        #expect(access.principal == LogEntries.uploader)
        #expect(access.action == "create")
        #expect(access.object == "some/where/primary.sql")
        #expect(access.address == "203.0.113.7")
        #expect(access.userAgent == "MigrationKit/1.0.0")
        #expect(access.outcome == .granted)
        #expect(try self.access(LogEntries.entry("list", nil))?.object == nil)
    }

    @Test(
        arguments: [
            (true, nil, BucketAccess.Outcome.granted), (true, 0, .granted), (true, 5, .failed), (true, 7, .denied),
            (false, nil, .denied), (false, 7, .denied),
        ] as [(Bool, Int64?, BucketAccess.Outcome)])
    func outcomeIsToldApart(granted: Bool, code: Int64?, outcome: BucketAccess.Outcome) throws {
        #expect(try access(LogEntries.entry("get", "a", granted: granted, code: code))?.outcome == outcome)
    }

    @Test func rightThatIsNotSaidToBeGrantedIsNot() throws {
        let entry = LogEntries.entry("get", "a") { $0["authorizationInfo"] = [["granted": true], ["permission": "x"]] }
        #expect(try access(entry)?.outcome == .denied)
    }

    @Test func whoIsNotLoggedInHasNoName() throws {
        #expect(try access(LogEntries.entry("get", "a", by: nil))?.principal == nil)
        #expect(try access(LogEntries.entry("get", "a", by: ""))?.principal == nil)
        let federated = LogEntries.entry("get", "a") {
            $0["authenticationInfo"] = ["principalSubject": "principal://x"]
        }
        #expect(try access(federated)?.principal == "principal://x")
    }

    @Test func whatIsNoEntryOfAnAuditLogIsNone() throws {
        for entry: AnyJSON in [[], "x", ["textPayload": "x"], ["protoPayload": "x", "timestamp": "2026"]] {
            #expect(try access(entry) == nil)
        }
        #expect(try access(LogEntries.entry("get", "a") { $0["methodName"] = 7 }) == nil)
        let bare = try access(LogEntries.entry("get", "a") { $0 = ["methodName": "storage.objects.get"] })
        #expect(bare?.outcome == .granted && bare?.address == nil && bare?.object == nil)
    }

    @Test func sameAccessesAreGroupedAndCounted() throws {
        let entries = [
            LogEntries.entry("get", "a", at: 1), LogEntries.entry("get", "b", at: 2),
            LogEntries.entry("get", "a", at: 3),
            LogEntries.entry("get", "a", by: "x@example.com", at: 4, granted: false),
        ]
        let audit = BucketAudit(
            bucket: "b", project: "p", since: "", accesses: try entries.compactMap { try access($0) }, gaps: [])
        #expect(audit.groups.map(\.count) == [2, 1, 1])
        #expect(audit.groups[0].last.hasPrefix("2026-11-20T10:11:03"))
        #expect(audit.principals.map(\.name) == [LogEntries.uploader, "x@example.com"])
        #expect(audit.principals.map(\.refused) == [0, 1])
        #expect(audit.principals[0].done == ["get": 3])
    }
}

/// The tests' own, where the library's is in sight as well.
private typealias FakeJSON = AnyJSON
