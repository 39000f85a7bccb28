import FakeSourcegraph
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

@testable import MigrationKitBase

/// What a test wants to go wrong goes wrong, as often as it wants, and then no more.
@Suite(.timeLimit(.minutes(30))) struct SourcegraphFaultTests {
    private static let who = "query Who { currentUser { username } }"

    @Test func statusComesAsOftenAsItIsWanted() async throws {
        try await SourcegraphAsker.with { fake, asker in
            fake.fault(.status(429, retryAfter: 3), on: "Who", skip: 1)
            fake.fault(.status(502), times: 2)
            fake.fault(.redirect("https://login.example.com/", status: 307))
            let other = try await asker.ask("query Other { site { id } }")
            var answers: [SourcegraphAsker.Answer] = []
            for _ in 0..<5 { answers.append(try await asker.ask(Self.who)) }
            #expect(other.status == 502 && other.text.hasPrefix("<html>"))
            #expect(answers.map(\.status) == [200, 429, 502, 307, 200])
            #expect(answers[1].headers["Retry-After"] == ["3"])
            #expect(answers[3].headers["Location"] == ["https://login.example.com/"])
            #expect(fake.violations == [] && fake.requests(for: "Who").count == 5)
        }
    }

    @Test func connectionIsCutBeforeTheWorkOrAfterIt() async throws {
        let write = "mutation W { updateSiteConfiguration(lastID: 3, input: \"{}\") }"
        try await SourcegraphAsker.with { fake, asker in
            fake.fault(.reset, on: "W")
            await #expect(throws: (any Error).self) { _ = try await asker.ask(write) }
            #expect(fake.instance.siteConfiguration.id == 3)
            fake.fault(.lostAnswer, on: "W")
            await #expect(throws: (any Error).self) { _ = try await asker.ask(write) }
            #expect(fake.instance.siteConfiguration.id == 4)
            fake.fault(.tornAnswer(afterBytes: 5))
            await #expect(throws: (any Error).self) { _ = try await asker.ask(Self.who) }
        }
    }

    @Test func stalledRequestIsAnsweredWhenItIsReleased() async throws {
        try await SourcegraphAsker.with { fake, asker in
            fake.fault(.stall, on: "Who")
            async let answer = asker.ask(Self.who)
            try await fake.waitUntil { $0.stalled == 1 }
            fake.releaseStalls()
            let status = try await answer.status
            #expect(status == 200)
        }
    }

    @Test func answerIsSomethingElse() async throws {
        try await SourcegraphAsker.with { fake, asker in
            fake.fault(.answer("<html>Log in</html>"))
            fake.fault(.errors(["timeout", "again"]))
            fake.fault(.hugeAnswer(bytes: 1 << 20))
            fake.fault(.damagedGzip)
            #expect(try await asker.ask(Self.who).text == "<html>Log in</html>")
            let errors = try await asker.ask(Self.who)
            #expect(errors.errors == ["timeout", "again"] && errors.data == .null)
            #expect(try await asker.ask(Self.who).body.readableBytes == 1 << 20)
            let damaged = try await asker.ask(Self.who)
            #expect(damaged.headers["Content-Encoding"] == ["gzip"])
            await #expect(throws: MigrationError.self) {
                try await Gzip.decompressed(damaged.body, limit: 1000, name: "the answer")
            }
        }
    }

    @Test func oneFieldFailsAndTheRestIsThere() async throws {
        try await SourcegraphAsker.with { fake, asker in
            fake.fault(.fieldError("User.displayName", "no name today"))
            let answer = try await asker.ask("{ currentUser { username displayName } site { siteID } }")
            #expect(answer.errors == ["no name today"])
            #expect(answer.json["errors"]?.array?.first?["path"] == ["currentUser", "displayName"])
            #expect(answer.data?["currentUser"] == ["username": "ada", "displayName": .null])
            fake.change { $0.fieldErrors["Query.batchChanges"] = "batch changes are disabled" }
            let batch = try await asker.ask("{ site { siteID } batchChanges { totalCount } }")
            #expect(batch.errors == ["batch changes are disabled"] && batch.data == .null)
        }
    }

    @Test func pagesNeverEnd() async throws {
        let query =
            "query S($after: String) { externalServices(first: 1, after: $after) "
            + "{ nodes { id } pageInfo { hasNextPage endCursor } } }"
        try await SourcegraphAsker.with { fake, asker in
            fake.fault(.endlessPages, on: "S", times: 2)
            let first = try await asker.ask(query).data?["externalServices"]
            #expect(first?["pageInfo"]?["hasNextPage"] == true)
            let second = try await asker.ask(query, ["after": first?["pageInfo"]?["endCursor"] ?? .null])
            #expect(second.data?["externalServices"] == first && fake.violations == [])
        }
    }

    // MARK: The library's own client
}
