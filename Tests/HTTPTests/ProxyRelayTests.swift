import Foundation
import LoopbackServers
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import SystemPackage
import TestSupport
import Testing

@testable import MigrationKitBase
@testable import MigrationKitHTTP

/// Ways that the HTTP client does not know: a proxy inside of TLS, and Unix sockets.
@Suite(.timeLimit(.minutes(30)), .enabled(if: TestCertificate.canBeMade, "There is no openssl."))
struct ProxyRelayTests {
    private let folder: TestFolder
    private let certificate: TestCertificate
    private let authorities: [String: String]

    init() async throws {
        folder = try TestFolder()
        certificate = try await TestCertificate.shared
        authorities = ["SSL_CERT_FILE": try folder.write("ca.pem", certificate.pem).string]
    }

    private func session(
        _ proxy: String, verifiesTLS: Bool = true, _ environment: [String: String]? = nil
    ) throws -> HTTPSession {
        var options = HTTPSession.Options()
        options.proxy = Secret(proxy)
        options.verifiesTLS = verifiesTLS
        return try HTTPSession(environment: environment ?? authorities, options: options)
    }

    private func get(_ session: HTTPSession, _ url: String) async throws -> HTTPReply {
        try await session.send(HTTPRequest(.GET, #require(URL(string: url))))
    }

    private func server(tls: Bool, socket: String? = nil) async throws -> LoopbackServer {
        try await LoopbackServer(tls: tls ? certificate.server : nil, socket: socket) { .init(body: $0.path) }
    }

    @Test(arguments: [false, true])
    func proxyInsideOfTLSIsTaken(isTLS: Bool) async throws {
        let server = try await server(tls: isTLS)
        let proxy = try await LoopbackProxy(.connect(tls: certificate.server), to: server)
        let url = isTLS ? "https://sourcegraph.test/a" : "http://sourcegraph.test/a"
        let reply = try await get(session("https://me:p%2Fw@localhost:\(proxy.port)"), url)
        #expect(reply.text == "/a")
        #expect(proxy.targets == ["sourcegraph.test:\(isTLS ? 443 : 80)"])
        let password = "Proxy-Authorization: Basic \(Data("me:p/w".utf8).base64EncodedString())\r\n"
        #expect(proxy.heads.allSatisfy { $0.contains(password) })
    }

    @Test func environmentsProxyMayBeInsideOfTLS() async throws {
        let server = try await server(tls: false)
        let proxy = try await LoopbackProxy(.connect(tls: certificate.server), to: server)
        let environment = authorities.merging(["HTTP_PROXY": "https://127.0.0.1:\(proxy.port)"]) { $1 }
        let session = try HTTPSession(environment: environment)
        #expect(try await get(session, "http://sourcegraph.test/b").text == "/b")
        #expect(proxy.targets == ["sourcegraph.test:80"])
    }

    @Test(arguments: [true, false])
    func proxyWithoutATrustedCertificateIsRefusedWhateverIsTakenFromTheServer(verifiesTLS: Bool) async throws {
        let server = try await server(tls: true)
        let proxy = try await LoopbackProxy(.connect(tls: certificate.server), to: server)
        let session = try session("https://me:hunter2@localhost:\(proxy.port)", verifiesTLS: verifiesTLS, [:])
        let error = await #expect(throws: MigrationError.self) { try await get(session, "https://sourcegraph.test/") }
        #expect(error?.message.hasPrefix("The certificate of the proxy localhost is not signed") == true)
        #expect(error?.next?.contains("SSL_CERT_FILE") == true)
        #expect(proxy.heads == [] && server.requests.isEmpty)
    }

    @Test func serversCertificateMayBeTakenUnseen() async throws {
        let socket = folder.file("s").string
        let server = try await server(tls: true, socket: socket)
        #expect(try await get(session(socket, verifiesTLS: false, [:]), "https://other.test/c").text == "/c")
        #expect(server.requests.count == 1)
    }

    @Test(arguments: [
        ("407 Proxy Authentication Required", "requires a user name"),
        (
            "403 Forbidden",
            "refused to connect to"
        ),
    ])
    func refusalOfAProxyInsideOfTLSIsTold(refusal: String, sentence: String) async throws {
        let server = try await server(tls: false)
        let proxy = try await LoopbackProxy(.connect(tls: certificate.server, refusal: refusal), to: server)
        let session = try session("https://localhost:\(proxy.port)")
        let error = await #expect(throws: MigrationError.self) { try await get(session, "http://sourcegraph.test/") }
        #expect(error?.message.contains(sentence) == true)
        #expect(error?.next?.contains("SRC_PROXY") == true)
    }

    @Test func proxyThatSpeaksNoTLSIsToldWithItsName() async throws {
        let server = try await server(tls: false)
        let session = try session("https://localhost:\(server.port)")
        let failure = await #expect(throws: TransientFailure.self) { try await get(session, "http://a.test/") }
        #expect(failure?.reason.hasPrefix("TLS error with the proxy localhost") == true)
    }

    @Test func proxyThatIsNotThereIsToldWithItsName() async throws {
        let port = try await server(tls: false).port
        let session = try session("https://localhost:\(port)")
        let failure = await #expect(throws: TransientFailure.self) { try await get(session, "http://a.test/") }
        #expect(failure?.reason.hasPrefix("cannot connect to the proxy localhost: ") == true)
    }

    @Test func proxyThatHangsUpIsToldWithItsName() async throws {
        let proxy = try await LoopbackProxy(.none, to: [:])
        let session = try session("https://localhost:\(proxy.port)")
        let failure = await #expect(throws: TransientFailure.self) { try await get(session, "http://a.test/") }
        #expect(failure?.reason.hasPrefix("TLS error with the proxy localhost") == true)
    }

    @Test(arguments: [false, true], ["", "unix://"])
    func unixSocketLeadsToTheServer(isTLS: Bool, prefix: String) async throws {
        let socket = folder.file("s").string
        let server = try await server(tls: isTLS, socket: socket)
        let url = isTLS ? "https://sourcegraph.test/d" : "http://sourcegraph.test/d"
        #expect(try await get(session(prefix + socket), url).text == "/d")
        #expect(server.requests.first?.headers["Host"] == ["sourcegraph.test"])
    }

    /// One for the address that the relay, or a proxy, happens to have is none.
    @Test func serverBehindASocketHasToHaveItsCertificate() async throws {
        let socket = folder.file("s").string
        let server = try await server(tls: true, socket: socket)
        let session = try session(socket)
        let error = await #expect(throws: MigrationError.self) { try await get(session, "https://other.test/") }
        #expect(error?.message == "The server at other.test has a certificate for another name.")
        #expect(server.requests.isEmpty)
    }

    @Test func socketThatIsNotThereIsToldAtOnce() async throws {
        let session = try session(folder.file("none").string)
        let error = await #expect(throws: MigrationError.self) { try await get(session, "http://a.test/") }
        #expect(error?.code == .unmetRequirement)
        #expect(error?.message.contains(folder.file("none").string) == true)
        #expect(error?.message.contains("no such file or directory") == true)
    }

    @Test func muchPassesUnchangedInBothDirections() async throws {
        let server = try await LoopbackServer(tls: certificate.server) { .init(bytes: $0.bytes) }
        let proxy = try await LoopbackProxy(.connect(tls: certificate.server), to: server)
        let session = try session("https://localhost:\(proxy.port)")
        // More than the sockets on the way hold; of a period that no buffer has.
        let block = ByteBuffer(bytes: TestBytes.random(65_521))
        let bytes = (0..<192).reduce(into: ByteBuffer()) { bytes, _ in bytes.writeImmutableBuffer(block) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<3 {
                group.addTask {
                    var request = HTTPRequest(.POST, try #require(URL(string: "https://sourcegraph.test/")))
                    request.body = .bytes(bytes)
                    request.replyLimit = 16 << 20
                    #expect(try await session.send(request).body == bytes)
                }
            }
            try await group.waitForAll()
        }
    }

    @Test(arguments: [
        ("CONNECT a.test:80 HTTP/1.1\r\n\r\n", "407"),
        ("CONNECT a.test:80 HTTP/1.1\r\nProxy-Authorization: Basic cmVsYXk6\r\n\r\n", "407"),
        ("GET http://a.test/ HTTP/1.1\r\n\r\n", "400"), ("\r\n\r\n", "400"),
        (String(repeating: "a", count: 20 << 10), "431"),
    ])
    func nobodyElseIsLetThrough(said: String, status: String) async throws {
        let socket = folder.file("s").string
        let server = try await server(tls: false, socket: socket)
        let relay = try ProxyRelay(to: HTTPProxy(.unixSocket, host: socket), tls: .makeClientConfiguration())
        let client = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: relay.asProxy.host, port: relay.asProxy.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        let answer = try await client.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: said))
            var answer = ""
            for try await bytes in inbound { answer += String(buffer: bytes) }
            return answer
        }
        #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
        #expect(server.requests.isEmpty)
    }
}
