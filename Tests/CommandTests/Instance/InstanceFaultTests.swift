import FakeSourcegraph
import Foundation
import LoopbackServers
import NIOHTTP1
import Testing

@testable import MigrationKit
@testable import MigrationKitBase
@testable import MigrationKitSourcegraphAPI

/// What goes wrong between here and an instance.
@Suite(.timeLimit(.minutes(30))) struct InstanceFaultTests {
    /// A summary without the moment at which it was made.
    private func timeless(_ summary: SnapshotSummary) -> SnapshotSummary {
        var summary = summary
        summary.instance?.createdAt = ""
        return summary
    }

    @Test(arguments: [
        FakeSourcegraph.Fault.status(429, retryAfter: 0), .status(503), .status(502), .reset, .lostAnswer,
        .tornAnswer(afterBytes: 0), .tornAnswer(afterBytes: 9),
    ])
    func queriesAreAskedAgainAndTheSummaryIsTheSame(fault: FakeSourcegraph.Fault) async throws {
        try await FakeSourcegraph.with { fake in
            fake.change { $0.setCodeHosts(250) }
            let expected = timeless(try await fake.connected().summary())
            let before = fake.requests.count
            // Every other request.
            for _ in 1...before { fake.fault(fault, skip: 1) }
            let client = try fake.client(patience: .seconds(600))
            #expect(timeless(try await SourcegraphInstance(client).summary()) == expected)
            #expect(fake.requests.count > before * 2)
            #expect(fake.violations == [])
        }
    }

    @Test func serverThatWantsToBeLeftAloneIs() async throws {
        try await FakeSourcegraph.with { fake in
            fake.fault(.status(429, retryAfter: 1), on: "Instance")
            let client = try fake.client(patience: .seconds(600))
            let start = ContinuousClock.now
            _ = try await SourcegraphInstance(client)
            #expect(ContinuousClock.now - start >= .seconds(1))
            #expect(fake.violations == [])
        }
    }

    @Test func instanceThatOnlyFailsIsGivenUp() async throws {
        try await FakeSourcegraph.with { fake in
            fake.fault(.status(503, body: "starting\nup"), times: 100_000)
            let error = await #expect(throws: MigrationError.self) { try await fake.connected() }
            #expect(error?.message.contains("HTTP 503: starting") == true)
            #expect(error?.next?.contains("SRC_ENDPOINT") == true)
            #expect(fake.violations == [])
        }
    }

    // MARK: Answers that are none

    @Test func gzipThatStaysBrokenIsNoFaultOfTheSnapshot() async throws {
        try await FakeSourcegraph.with { fake in
            fake.fault(.damagedGzip, on: "Instance", times: 10_000)
            let error = await #expect(throws: MigrationError.self) { try await fake.connected() }
            #expect(error?.code == .failed)
            let told = "the gzip data of the response is damaged"
            #expect(error?.message.contains(told) == true, "\(String(describing: error))")
            #expect(error?.next?.contains("dump") != true && error?.next?.contains("uploaded") != true)
            #expect(fake.requests.count > 1)
            #expect(fake.violations == [])
        }
    }

    /// It may still be at work on the first.
    @Test func queryThatIsNotAnsweredIsNotAskedForAgain() async throws {
        try await FakeSourcegraph.with { fake in
            fake.fault(.stall, on: "Instance", times: 2)
            let time = ManualTime()
            let client = try fake.client(patience: .seconds(600))
            let asked = Task { try await time.ruling { try await SourcegraphInstance(client) } }
            try await fake.waitUntil { $0.stalled == 1 }
            time.advance(by: .seconds(120))
            let error = await #expect(throws: MigrationError.self) { _ = try await asked.value }
            #expect(error?.message.contains("the instance does not respond (no data was sent or received for ") == true)
            #expect(fake.requests.count == 1)
            #expect(fake.violations == [])
        }
    }

    // MARK: Side by side

    /// A stalled one keeps its place; the fifth has to wait.
    @Test func instanceIsAskedFourQuestionsAtATime() async throws {
        try await FakeSourcegraph.with { fake in
            fake.change { $0.setCodeHosts(250) }
            let expected = try await fake.connected().summary()
            fake.withState { $0.instance.synchronise() }
            fake.fault(.stall, skip: 1, times: 4)
            let test = try fake.test(expected)
            let report = Task { try await test.run() }
            try await fake.waitUntil { $0.stalled == 4 }
            fake.releaseStalls()
            #expect(try await report.value.isPassed)
            #expect(fake.record.peakOpen == 4)
            #expect(fake.violations == [])
        }
    }

    @Test(arguments: [false, true]) func hugeAnswerIsRefused(isGzipped: Bool) async throws {
        try await FakeSourcegraph.with { fake in
            fake.fault(.hugeAnswer(bytes: 40 << 20, isGzipped: isGzipped), on: "Instance", times: 100)
            let error = await #expect(throws: MigrationError.self) { try await fake.connected() }
            #expect(
                error?.message.contains(
                    isGzipped
                        ? "far larger than expected"
                        : "more data than was requested") == true)
            #expect(fake.requests.count == 1)
            #expect(fake.violations == [])
        }
    }

    @Test(arguments: [
        ("<html>Log in</html>", "is not from Sourcegraph's API"), ("", "is not from Sourcegraph's API"),
        ("{}", "sent no data"), ("{\"data\": null}", "sent no data"),
        ("{\"errors\": [], \"data\": null}", "sent no data"),
        ("{\"data\": {\"site\": null}}", "`data.site`"),
        ("{\"data\": {\"site\": {\"siteID\": 5}}}", "`data.site.siteID`"),
        ("{\"data\": {\"a\\u001b\\n\": 1}}", "`data.site` is missing"),
        (String(repeating: "[", count: 100_000), "is not from Sourcegraph's API"),
        ("{\"errors\": [{}]}", "GraphQL errors"), ("{\"errors\": \"no\"}", "GraphQL errors"),
    ])
    func answerOfAnotherKindIsRefusedAtOnce(body: String, reason: String) async throws {
        try await FakeSourcegraph.with { fake in
            fake.fault(.answer(body, contentType: "application/json"), on: "Instance", times: 100)
            let error = await #expect(throws: MigrationError.self) { try await fake.connected() }
            #expect(error?.message.contains(reason) == true, "\(String(describing: error))")
            #expect(fake.requests.count == 1)
            #expect(fake.violations == [])
        }
    }

    @Test func errorsCountWhateverDataComesWithThem() async throws {
        try await FakeSourcegraph.with { fake in
            let many = (1...50).map { "{\"message\": \"\($0) \(String(repeating: "x", count: 9000))\"}" }
            let answer =
                "{\"data\": {\"site\": {\"siteID\": \"a\", \"productVersion\": \"5.1.8\"}}, \"errors\": [\(many.joined(separator: ","))]}"
            fake.fault(.answer(answer, contentType: "application/json"), on: "Instance")
            let error = await #expect(throws: MigrationError.self) { try await fake.connected() }
            #expect(error?.details.count == 10 && error?.details.allSatisfy { $0.count <= 500 } == true)
            #expect(fake.violations == [])
        }
    }

    // MARK: Requests

    @Test(arguments: [("3.20.1", false), ("3.21.2", true), ("5.1.8", true), ("0.0.0+dev", true)])
    func requestsArePackedForThoseWhoCanUnpackThem(version: String, isPacked: Bool) async throws {
        try await FakeSourcegraph.with(version: version) { fake in
            _ = try await fake.connected().summary()
            let encodings = fake.requests.map { $0.headers.first(name: "content-encoding") }
            // Which release it is nobody knows before the first answer.
            #expect(encodings.first == .some(nil))
            #expect(encodings.dropFirst().allSatisfy { $0 == (isPacked ? "gzip" : nil) })
            #expect(fake.requests.allSatisfy { $0.headers.first(name: "accept-encoding") == "gzip" })
            #expect(fake.violations == [])
        }
    }
}
