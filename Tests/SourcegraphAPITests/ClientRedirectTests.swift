import LoopbackServers
import NIOHTTP1
import SystemPackage
import TestSupport
import Testing

@testable import MigrationKitBase
@testable import MigrationKitSourcegraphAPI

/// A token goes to the instance that it was given for, and nowhere else.
@Suite(.timeLimit(.minutes(30))) struct ClientRedirectTests {
    @Test(arguments: [301, 302, 307, 308], ["/other/.api/graphql", "other?x=1", "HERE/other"])
    func redirectToTheSamePlaceIsFollowedWithTheWholeRequest(status: Int, location: String) async throws {
        let port = TestPort()
        let instance = try await LoopbackInstance { request in
            guard request.path == "/.api/graphql" else { return .value(4) }
            return .redirect(status, to: location.replacing("HERE", with: "HTTP://127.0.0.1:\(port.value)"))
        }
        port.set(instance.server.port)
        #expect(try await instance.client().ask() == 4)
        let requests = instance.server.requests
        #expect(requests.map(\.method) == ["POST", "POST"])
        #expect(requests.first?.bytes == requests.last?.bytes)
        #expect(requests.last?.headers["Authorization"] == ["token \(LoopbackInstance.token)"])
    }

    @Test func mutationIsSentToWhereItIsRedirected() async throws {
        let instance = try await LoopbackInstance(.redirect(to: "/other"), .value(4))
        #expect(try await instance.client().ask(.mutation) == 4)
    }

    @Test func otherPortGetsNothing() async throws {
        let other = try await LoopbackInstance(.value(1))
        let instance = try await LoopbackInstance(.redirect(to: other.server.url + "/.api/graphql"))
        let error = await #expect(throws: MigrationError.self) { try await instance.client().ask() }
        #expect(error?.code == .unmetRequirement)
        #expect(
            error?.message.contains(
                "redirects to \(other.server.url). Your access token is not sent there.") == true)
        #expect(error?.next?.contains("SRC_ENDPOINT") == true)
        #expect(other.server.requests.isEmpty && instance.server.requests.count == 1)
    }

    @Test(arguments: ["http://localhost:PORT/", "//localhost:PORT/", "http://127.0.0.1:PORT@localhost:PORT/"])
    func otherHostGetsNothing(place: String) async throws {
        let port = TestPort()
        let instance = try await LoopbackInstance { _ in
            .redirect(to: place.replacing("PORT", with: "\(port.value)"))
        }
        port.set(instance.server.port)
        let error = await #expect(throws: MigrationError.self) { try await instance.client().ask() }
        #expect(error?.message.contains("redirects to http://localhost:\(port.value). ") == true)
        #expect(instance.server.requests.count == 1)
    }

    @Test func nameInARedirectIsNotSent() async throws {
        let port = TestPort()
        let instance = try await LoopbackInstance { request in
            request.path == "/ok" ? .value(1) : .redirect(to: "http://me:pw@127.0.0.1:\(port.value)/ok")
        }
        port.set(instance.server.port)
        #expect(try await instance.client().ask() == 1)
        #expect(instance.server.requests.last?.headers["Authorization"] == ["token \(LoopbackInstance.token)"])
    }

    @Test(arguments: ["", "mailto:a@b", "ftp://127.0.0.1/", "https://"])
    func redirectToNowhereIsAnError(place: String) async throws {
        let instance = try await LoopbackInstance(.redirect(to: place))
        await #expect(throws: MigrationError.self) { try await instance.client().ask() }
        #expect(instance.server.requests.count <= 11)
    }

    @Test func redirectLoopIsLeft() async throws {
        let instance = try await LoopbackInstance(.redirect(to: "/.api/graphql"))
        let error = await #expect(throws: MigrationError.self) { try await instance.client().ask() }
        #expect(error?.message.contains("redirects in a loop") == true)
        #expect(instance.server.requests.count == 11)
    }
}

/// Redirects between http and https.
@Suite(.timeLimit(.minutes(30)), .enabled(if: TestCertificate.canBeMade, "There is no openssl."))
struct ClientTLSRedirectTests {
    private let certificate: TestCertificate
    private let folder: TestFolder

    init() async throws {
        certificate = try await TestCertificate.shared
        folder = try TestFolder()
    }

    private func authorities() throws -> [String: String] {
        ["SSL_CERT_FILE": try folder.write("ca.pem", certificate.pem).string]
    }

    /// An instance at `sourcegraph.test`, on the ports of http and https.
    private func asked(
        _ endpoint: String, plain: LoopbackServer.Reply, tls: LoopbackServer.Reply
    ) async throws -> (plain: LoopbackInstance, tls: LoopbackInstance, answer: Result<Int, any Error>) {
        let secure = try await LoopbackInstance(tls: certificate.server) { _ in tls }
        let instance = try await LoopbackInstance { _ in plain }
        let proxy = try await LoopbackProxy(.connect(), to: [0: instance.server.port, 443: secure.server.port])
        let client = try instance.client(
            endpoint, proxy: "http://127.0.0.1:\(proxy.port)", environment: authorities())
        do { return (instance, secure, .success(try await client.ask())) } catch {
            return (instance, secure, .failure(error))
        }
    }

    @Test func redirectFromHTTPToHTTPSIsFollowed() async throws {
        let place = "https://sourcegraph.test/.api/graphql"
        let asked = try await asked("http://sourcegraph.test", plain: .redirect(301, to: place), tls: .value(6))
        #expect(try asked.answer.get() == 6)
        #expect(asked.plain.server.requests.count == 1 && asked.tls.server.requests.count == 1)
    }

    @Test(arguments: [
        "http://sourcegraph.test/.api/graphql", "http://sourcegraph.test:443/", "HTTP://sourcegraph.test/",
    ])
    func redirectFromHTTPSToHTTPIsRefused(place: String) async throws {
        let asked = try await asked("https://sourcegraph.test", plain: .value(6), tls: .redirect(to: place))
        #expect(throws: MigrationError.self) { try asked.answer.get() }
        #expect(asked.plain.server.requests.isEmpty && asked.tls.server.requests.count == 1)
    }

    @Test func redirectFromHTTPToAnotherPortOfHTTPSIsRefused() async throws {
        let place = "https://sourcegraph.test:8443/"
        let asked = try await asked("http://sourcegraph.test", plain: .redirect(to: place), tls: .value(6))
        #expect(throws: MigrationError.self) { try asked.answer.get() }
        #expect(asked.plain.server.requests.count == 1)
    }

    @Test func unknownCertificateIsRefusedUnlessNoneIsWanted() async throws {
        let instance = try await LoopbackInstance(tls: certificate.server) { _ in .value(2) }
        let url = "https://localhost:\(instance.server.port)"
        let error = await #expect(throws: MigrationError.self) { try await instance.client(url).ask() }
        #expect(error?.message.contains("The certificate of localhost is not signed") == true)
        #expect(try await instance.client(url) { $0.verifiesTLS = false }.ask() == 2)
        #expect(instance.server.requests.count == 1)
    }
}
