import Foundation
import LoopbackServers
import NIOHTTP1
import Testing

@testable import MigrationKitBase
@testable import MigrationKitHTTP

/// A proxy that is named for all requests of a session, wherever they go.
@Suite(.timeLimit(.minutes(30))) struct NamedProxyTests {
    private func session(_ proxy: String, _ environment: [String: String] = [:]) throws -> HTTPSession {
        var options = HTTPSession.Options()
        options.proxy = Secret(proxy)
        return try HTTPSession(environment: environment, options: options)
    }

    private func get(_ session: HTTPSession, _ url: String = "http://sourcegraph.test:1234/path") async throws
        -> HTTPReply
    {
        try await session.send(HTTPRequest(.GET, #require(URL(string: url))))
    }

    private func served(_ kind: LoopbackProxy.Kind) async throws -> (LoopbackServer, LoopbackProxy) {
        let server = try await LoopbackServer { .init(body: "\($0.headers["host"])") }
        return (server, try await LoopbackProxy(kind, to: server))
    }

    @Test func httpProxyIsTakenWithItsPassword() async throws {
        let (server, proxy) = try await served(.connect())
        let reply = try await get(session("http://me:p%2Fw@127.0.0.1:\(proxy.port)"))
        #expect(reply.text == #"["sourcegraph.test:1234"]"#)
        #expect(proxy.targets == ["sourcegraph.test:1234"])
        #expect(proxy.heads.first?.contains("Basic \(Data("me:p/w".utf8).base64EncodedString())\r\n") == true)
        #expect(server.requests.allSatisfy { !$0.headers.contains(name: "Proxy-Authorization") })
    }

    @Test(arguments: ["socks5", "socks5h", "socks"])
    func socksProxyIsTakenAndLooksTheNameUp(scheme: String) async throws {
        let (server, proxy) = try await served(.socks())
        #expect(try await get(session("\(scheme)://127.0.0.1:\(proxy.port)")).status == 200)
        #expect(proxy.targets == ["sourcegraph.test:1234"])
        #expect(server.requests.map(\.path) == ["/path"])
    }

    @Test func thisMachineIsReachedByTheNamedProxyToo() async throws {
        let (_, proxy) = try await served(.connect())
        #expect(try await get(session("http://127.0.0.1:\(proxy.port)"), "http://localhost:7080/").status == 200)
        #expect(proxy.targets == ["localhost:7080"])
    }

    @Test func environmentsProxiesDoNotCountBesideIt() async throws {
        let (_, proxy) = try await served(.connect())
        let others = ["HTTP_PROXY": "nonsense://", "HTTPS_PROXY": "http://127.0.0.1:1", "NO_PROXY": "*"]
        #expect(try await get(session("http://127.0.0.1:\(proxy.port)", others)).status == 200)
        #expect(proxy.targets == ["sourcegraph.test:1234"])
    }

    @Test(arguments: [
        ("407 Proxy Authentication Required", "requires a user name"),
        (
            "403 Forbidden",
            "refused to connect to"
        ),
    ])
    func refusalNamesTheVariable(refusal: String, sentence: String) async throws {
        let (server, proxy) = try await served(.connect(refusal: refusal))
        let session = try session("http://me:hunter2@127.0.0.1:\(proxy.port)")
        let error = await #expect(throws: MigrationError.self) { try await get(session) }
        #expect(error?.message.contains(sentence) == true)
        #expect(error?.next?.contains("SRC_PROXY") == true)
        #expect(error?.description.contains("hunter2") == false)
        #expect(server.requests.isEmpty)
    }

    @Test func socksProxyThatWantsAPasswordIsToldAtOnce() async throws {
        let (server, proxy) = try await served(.socks(method: 0xFF))
        let session = try session("socks5://127.0.0.1:\(proxy.port)")
        let error = await #expect(throws: MigrationError.self) { try await get(session) }
        #expect(error?.message == "The SOCKS proxy for sourcegraph.test requires a user name and a password.")
        #expect(server.requests.isEmpty)
    }

    @Test func socksProxyThatDoesNotLeadThereIsTold() async throws {
        let (server, proxy) = try await served(.socks(reply: 2))
        let session = try session("socks5://127.0.0.1:\(proxy.port)")
        let failure = await #expect(throws: TransientFailure.self) { try await get(session) }
        #expect(failure?.reason.hasPrefix("the SOCKS proxy cannot connect to sourcegraph.test: ") == true)
        #expect(server.requests.isEmpty)
    }

    @Test func socksProxyThatHangsUpIsTold() async throws {
        let (server, proxy) = try await served(.none)
        let session = try session("socks5://127.0.0.1:\(proxy.port)")
        let failure = await #expect(throws: TransientFailure.self) { try await get(session) }
        #expect(failure?.reason == "the proxy for sourcegraph.test closed the connection")
        #expect(server.requests.isEmpty)
    }
}
