import Foundation
import LoopbackServers
import NIOHTTP1
import Testing

@testable import MigrationKitBase
@testable import MigrationKitSourcegraphAPI

/// Neither token nor headers are shown, though the instance send them back.
@Suite(.timeLimit(.minutes(30))) struct ClientSecretTests {
    private static let both = "\(LoopbackInstance.token) and \(LoopbackInstance.header)"

    @Test(arguments: [
        LoopbackServer.Reply(status: 401, body: both), .init(status: 403, body: both), .init(status: 400, body: both),
        .init(status: 503, body: both), .init(body: both), .init(body: #"{"errors": [{"message": "\#(both)"}]}"#),
        .redirect(to: "http://\(LoopbackInstance.token).\(LoopbackInstance.header).example/"),
    ])
    func noErrorShowsThem(reply: LoopbackServer.Reply) async throws {
        for query in [GraphQLQuery.test, .mutation] {
            let instance = try await LoopbackInstance(reply)
            let error = await #expect(throws: (any Error).self) {
                try await instance.client(patience: .milliseconds(5)).ask(query)
            }
            let text = "\(String(describing: error)) \(instance.notices)"
            #expect(!text.contains("hunter2"), "\(text)")
        }
    }

    @Test func brokenConnectionShowsNothing() async throws {
        let instance = try await LoopbackInstance { _ in throw LoopbackServer.HangsUp() }
        let error = await #expect(throws: MigrationError.self) {
            try await instance.client(patience: .milliseconds(5)).ask()
        }
        #expect(error?.description.contains("hunter2") == false)
        #expect(!instance.notices.joined().contains("hunter2"))
    }

    @Test func dumpShowsRequestAndAnswerWithoutThem() async throws {
        let body = #"{"data": {"value": 1, "said": "\#(Self.both)", "token": "sgp_new", "n": [{"token": "sgp_2"}]}}"#
        let instance = try await LoopbackInstance(.init(headers: ["x-trace": Self.both], body: body))
        _ = try await instance.client {
            $0.log.dumpsRequests = true
            $0.log.traces = true
        }.ask()
        let log = instance.log
        #expect(log.contains("--> POST \(instance.server.url)/.api/graphql"))
        #expect(log.contains("query Test($first: Int!) { value }\n{\"first\":3}"))
        #expect(log.contains("Authorization: <redacted>") && log.contains("x-gateway: <redacted>"))
        #expect(log.contains("Content-Type: application/json"))
        #expect(log.contains("<-- HTTP status 200") && log.contains(#""value" : 1"#))
        #expect(log.contains("x-trace: <redacted> and <redacted>"))
        #expect(!log.contains("hunter2") && !log.contains("sgp_"))
        #expect(instance.server.requests.first?.headers["X-Sourcegraph-Should-Trace"] == ["true"])
    }

    @Test func dumpShowsWhatIsNoJSONAsItIs() async throws {
        let instance = try await LoopbackInstance(.init(status: 404, body: "no\u{1B}[2J\n\(Self.both)"))
        await #expect(throws: MigrationError.self) {
            try await instance.client { $0.log.dumpsRequests = true }.ask()
        }
        #expect(instance.log.contains("<-- HTTP status 404\nno\\u{1b}[2J\n<redacted> and <redacted>"))
    }

    @Test func curlNamesTheVariable() async throws {
        let instance = try await LoopbackInstance(.value(1))
        #expect(try await instance.client { $0.log.curl = .withoutSecrets }.ask() == 1)
        let expected =
            #"curl -H "Authorization: token $SRC_ACCESS_TOKEN" -H 'x-gateway: <redacted>' "#
            + #"-H 'Content-Type: application/json' -d '{"query":"query Test($first: Int!) { value }","#
            + #""variables":{"first":3}}' \#(instance.server.url)/.api/graphql"#
        #expect(instance.log == expected)
    }

    @Test func curlHoldsTheTokenOnlyWhenThatIsWanted() async throws {
        let instance = try await LoopbackInstance(.value(1))
        _ = try await instance.client { $0.log.curl = .withSecrets }.ask()
        #expect(
            instance.log.hasPrefix("curl -H 'Authorization: token \(LoopbackInstance.token)' -H 'x-gateway: Bearer "))
    }

    @Test func changeIsShownAndNotSent() async throws {
        let instance = try await LoopbackInstance(.value(1))
        let client = try instance.client { $0.log.curl = .withoutSecrets }
        let error = await #expect(throws: MigrationError.self) { try await client.ask(.mutation) }
        #expect(error?.message.contains("does not send it") == true)
        #expect(instance.log.contains("mutation Change { value }"))
        #expect(instance.server.requests.isEmpty)
    }

    @Test func nothingIsShownUnasked() async throws {
        let instance = try await LoopbackInstance(.value(1))
        _ = try await instance.client().ask()
        #expect(instance.log == "" && instance.notices == [])
    }

    @Test func accessPrintsWithoutSecrets() throws {
        let access = SourcegraphAccess(
            endpoint: try #require(.init(string: "https://a.example")), token: Secret(LoopbackInstance.token),
            headers: ["a": Secret(LoopbackInstance.header)], proxy: Secret("http://me:hunter2@h"))
        var text = "\(access)"
        dump(access, to: &text)
        #expect(!text.contains("hunter2"))
    }
}
