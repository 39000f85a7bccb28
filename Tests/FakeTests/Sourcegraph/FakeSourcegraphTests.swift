import FakeSourcegraph
import Foundation
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

@testable import MigrationKitBase

/// The fake is asked over HTTP and answers as the real server does.
@Suite(.timeLimit(.minutes(30))) struct FakeSourcegraphTests {
    private static let whoAmI: AnyJSON = ["query": "query Who { currentUser { username siteAdmin } }"]

    // MARK: Who is asking

    @Test(
        arguments: [
            (nil, "Private mode requires authentication.\n"), ("Bearer x", "Private mode requires authentication.\n"),
            ("token", "Invalid Authorization header.\n"), ("token a b", "Invalid Authorization header.\n"),
            ("token sgp_unknown", "Invalid access token.\n"),
        ] as [(String?, String)])
    func whoeverHasNoGoodTokenIsTurnedAway(header: String?, text: String) async throws {
        try await SourcegraphAsker.with { fake, asker in
            let headers = HTTPHeaders(header.map { [("Authorization", $0)] } ?? [])
            let answer = try await asker.send(ByteBuffer(string: Self.whoAmI.text), headers)
            #expect(answer.status == 401 && answer.text == text)
            #expect(fake.requests.map(\.status) == [401] && fake.violations == [])
        }
    }

    @Test func tokenTellsWhoIsAsking() async throws {
        try await SourcegraphAsker.with { fake, asker in
            let query = "query Who { currentUser { username siteAdmin } }"
            #expect(try await asker.ask(query).data?["currentUser"] == ["username": "ada", "siteAdmin": true])
            let other = try await asker.ask(query, token: fake.userToken)
            #expect(other.data?["currentUser"] == ["username": "grace", "siteAdmin": false])
            fake.change { $0.isPublic = true }
            let nobody = try await asker.send(ByteBuffer(string: Self.whoAmI.text), ["Authorization": "Bearer x"])
            #expect(nobody.status == 200 && nobody.data?["currentUser"] == .null)
            #expect(fake.requests.map(\.viewer) == ["ada", "grace", nil])
            #expect(fake.requests.map(\.operation) == ["Who", "Who", "Who"])
        }
    }

    // MARK: HTTP

    @Test func gzipIsTakenFromThreeTwentyOneAndGiven() async throws {
        let packed = try await Gzip.compressed(ByteBuffer(string: Self.whoAmI.text))
        for (version, status) in [("3.20.1", 400), ("3.21.0", 200), ("7.2.1943", 200)] {
            try await SourcegraphAsker.with(version) { fake, asker in
                let answer = try await asker.send(
                    packed,
                    [
                        "Authorization": "token \(fake.token)", "Content-Encoding": "gzip", "Accept-Encoding": "gzip",
                    ])
                #expect(answer.status == status && answer.headers.contains(name: "Date"))
                #expect(fake.violations.count == (status == 200 ? 0 : 1))
                guard status == 200 else { return }
                #expect(answer.headers["Content-Encoding"] == ["gzip"])
                let body = try await Gzip.decompressed(answer.body, limit: 1000, name: "the answer")
                #expect(String(buffer: body).contains("\"ada\""))
            }
        }
    }

    @Test func whatIsNoQueryIsRefused() async throws {
        try await SourcegraphAsker.with { fake, asker in
            let headers: HTTPHeaders = ["Authorization": "token \(fake.token)"]
            for body in ["", "x", "[]", "{}", "{\"query\":1}", "{\"query\":\"{site{id}}\",\"variables\":1}"] {
                let answer = try await asker.send(ByteBuffer(string: body), headers)
                #expect(answer.status == 400, "\(body)")
            }
            let body = ByteBuffer(string: Self.whoAmI.text)
            #expect(try await asker.send(body, headers, path: "/.api/graphql?Who").status == 200)
            #expect(try await asker.send(body, headers, path: "/graphql").status == 404)
            #expect(try await asker.send(body, headers, method: .PUT).status == 405)
            #expect(fake.violations.count == 7)
        }
    }

    @Test func invalidQueryIsAnsweredAndRecorded() async throws {
        try await SourcegraphAsker.with("5.11.6271") { fake, asker in
            let answer = try await asker.ask("query Health { site { monitoringStatistics { alerts { name } } } }")
            let message = "Cannot query field \"monitoringStatistics\" on type \"Site\"."
            #expect(answer.status == 200 && answer.errors == [message] && answer.data == nil)
            #expect(fake.violations == ["Health: \(message)"])
        }
    }

    @Test func versionGoesUpWhileItRuns() async throws {
        try await SourcegraphAsker.with("5.10.3940") { fake, asker in
            let query = "query V { site { productVersion monitoringStatistics { alerts { name } } } }"
            let answer = try await asker.ask(query)
            #expect(answer.data?["site"]?["productVersion"] == "5.10.3940")
            fake.change { ($0.version, $0.api) = ("5.11.6271", SourcegraphVersion(5, 11, 6271)) }
            #expect(try await asker.ask(query).errors.count == 1)
        }
    }

    @Test func schemaTellsOfItself() async throws {
        let query = """
            query Offered {
              query: __type(name: "Query") {
                fields { name args { name defaultValue type { kind } } type { kind name ofType { kind name } } }
              }
              none: __type(name: "Nothing") { fields(includeDeprecated: true) { name } }
            }
            """
        try await SourcegraphAsker.with("3.34.0") { fake, asker in
            let data = try #require(try await asker.ask(query).data)
            let fields = data["query"]?["fields"]?.array ?? []
            let executors = try #require(fields.first { $0["name"] == "executors" })
            #expect(executors["args"]?.array?.map { $0["name"] } == ["query", "active", "first", "after"])
            #expect(
                executors["type"] == [
                    "kind": "NON_NULL", "name": .null, "ofType": ["kind": "OBJECT", "name": "ExecutorConnection"],
                ])
            #expect(!fields.contains { $0["name"] == "batchChanges" && $0["args"] == [] })
            #expect(!fields.contains { $0["name"] == "permissionsSyncJobs" || $0["name"] == "__type" })
            #expect(data["none"] == .null && fake.violations == [])
        }
    }
}
