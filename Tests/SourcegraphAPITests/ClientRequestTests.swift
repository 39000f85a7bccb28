import Foundation
import LoopbackServers
import NIOCore
import NIOHTTP1
import Testing

@testable import MigrationKitBase
@testable import MigrationKitSourcegraphAPI

@Suite(.timeLimit(.minutes(30))) struct ClientRequestTests {
    @Test func queryIsPostedAsJSONWithTokenAndHeaders() async throws {
        let instance = try await LoopbackInstance(.value(7))
        #expect(try await instance.client().ask() == 7)
        let request = try #require(instance.server.requests.first)
        #expect(request.method == "POST" && request.path == "/.api/graphql")
        #expect(request.headers["Authorization"] == ["token \(LoopbackInstance.token)"])
        #expect(request.headers["x-gateway"] == ["Bearer \(LoopbackInstance.header)"])
        #expect(request.headers["Content-Type"] == ["application/json"])
        #expect(!request.headers.contains(name: "Content-Encoding"))
        #expect(!request.headers.contains(name: "X-Sourcegraph-Should-Trace"))
        let json = try JSONDecoder().decode(JSONValue.self, from: Data(request.bytes.readableBytesView))
        #expect(json["query"] == "query Test($first: Int!) { value }")
        #expect(json["variables"] == .object(["first": 3]))
    }

    @Test func answerMayBeGzipped() async throws {
        let body = try await Gzip.compressed(ByteBuffer(string: #"{"data": {"value": 8}}"#))
        let instance = try await LoopbackInstance(.init(headers: ["Content-Encoding": "gzip"], bytes: body))
        #expect(try await instance.client().ask() == 8)
        #expect(instance.server.requests.first?.headers["Accept-Encoding"] == ["gzip"])
    }

    @Test(arguments: ["/sourcegraph", "/sourcegraph/", "/a%20b"])
    func endpointMayHaveAPath(path: String) async throws {
        let instance = try await LoopbackInstance(.value(1))
        _ = try await instance.client(instance.server.url + path).ask()
        let expected = (path.hasSuffix("/") ? String(path.dropLast()) : path) + "/.api/graphql"
        #expect(instance.server.requests.map(\.path) == [expected])
    }

    @Test func nameInTheEndpointIsNotSent() async throws {
        let instance = try await LoopbackInstance(.value(1))
        let client = try instance.client("http://me:hunter2@127.0.0.1:\(instance.server.port)")
        _ = try await client.ask()
        #expect(client.access.endpoint.absoluteString == instance.server.url)
        #expect(instance.server.requests.first?.headers["Authorization"] == ["token \(LoopbackInstance.token)"])
    }

    @Test func gatewaysHeadersMayNameTheUserAgentAndNotTheBodysKind() async throws {
        let instance = try await LoopbackInstance(.value(1))
        _ = try await instance.client(headers: ["user-agent": "mine", "content-type": "text/plain"]).ask()
        let headers = try #require(instance.server.requests.first?.headers)
        #expect(headers["User-Agent"] == ["mine"])
        #expect(headers["Content-Type"] == ["application/json"])
    }

    @Test func proxyOfTheAccessIsTaken() async throws {
        let instance = try await LoopbackInstance(.value(9))
        let proxy = try await LoopbackProxy(.socks(), to: instance.server)
        let client = try instance.client("http://sourcegraph.test", proxy: "socks5://127.0.0.1:\(proxy.port)")
        #expect(try await client.ask() == 9)
        #expect(proxy.targets == ["sourcegraph.test:80"])
    }

    @Test func clockIsComparedWhateverTheInstanceSays() async throws {
        let date = "Mon, 02 Jan 2006 15:04:05 GMT"
        let instance = try await LoopbackInstance(.init(status: 401, headers: ["Date": date], body: "no"))
        let skew = try #require(try await instance.client().clockSkew())
        #expect(skew > .seconds(10 * 365 * 86400))
        let silent = try await LoopbackInstance(.value(1))
        #expect(try await silent.client().clockSkew() == nil)
    }
}
