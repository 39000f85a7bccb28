import FakeGoogle
import Foundation
import MigrationKit
import NIOSSL
import SystemPackage
import TestClusters
import Testing

private let openssl = "/usr/bin/openssl"

/// Google by https: tokens go to nobody whose certificate is not what it has to be.
@Suite(
    .inTurn,
    .enabled(if: FileManager.default.isExecutableFile(atPath: openssl), "There is no /usr/bin/openssl.")
)
struct CommandTLSTests {
    /// A fake by https, with a certificate of its own for `localhost` and `storage.test` in `tls.pem`.
    private func with(_ body: (CommandPlace, CommandRelay) async throws -> Void) async throws {
        var options = FakeGoogleStorage.Options()
        options.scheme = "https"
        try await CommandPlace.with([.primary: .medium], options) { place in
            let made = try await place.workplace.shell(
                "\(openssl) req -x509 -newkey rsa:2048 -nodes -keyout tls.key -out tls.pem -days 2"
                    + " -subj /CN=localhost -addext subjectAltName=DNS:localhost,DNS:storage.test")
            try #require(made.exit == 0, "\(made.errors)")
            let chain = try NIOSSLCertificate.fromPEMFile(place.folder.file("tls.pem").string)
            let key = try NIOSSLPrivateKey(file: place.folder.file("tls.key").string, format: .pem)
            let context = try NIOSSLContext(
                configuration: .makeServerConfiguration(
                    certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key)))
            try await CommandRelay.with(.front(context), to: place.fake) { try await body(place, $0) }
            #expect(place.fake.violations == [])
        }
    }

    private func upload(
        _ place: CommandPlace, to authority: String, _ environment: [String: String] = [:]
    ) async throws -> Workplace.Finished {
        let variables = ["CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE": "https://\(authority)"]
        return try await place.upload(
            "-file=primary.sql", "--partial", "--retry-for=0", environment: variables.merging(environment) { $1 })
    }

    /// Only the token was asked for, which the key says where to.
    private func nothingWasSent(_ place: CommandPlace) -> Bool {
        place.fake.requests.allSatisfy { $0.operation == .token } && place.objects == []
    }

    @Test func certificateOfTheCompanysOwnAuthorityIsTaken() async throws {
        try await with { place, front in
            let uploaded = try await upload(place, to: "localhost:\(front.port)", ["SSL_CERT_FILE": "tls.pem"])
            #expect(uploaded.exit == 0, "\(uploaded.errors)")
            #expect(place.object("primary.sql") == CommandDump.medium.rewritten)
            #expect(place.objects == ["manifest.json", "primary.sql"])
        }
    }

    @Test func unknownAuthorityIsRefusedWithWhatHelps() async throws {
        try await with { place, front in
            let refused = try await upload(place, to: "localhost:\(front.port)")
            #expect(refused.exit == 3)
            #expect(
                refused.errors.contains(
                    "The certificate of localhost is not signed by an authority that this machine trusts."),
                "\(refused.errors)")
            #expect(refused.errors.contains("SSL_CERT_FILE=/path/ca.pem"))
            #expect(nothingWasSent(place))
        }
    }

    @Test func certificateForAnotherNameIsRefused() async throws {
        try await with { place, front in
            let refused = try await upload(place, to: "127.0.0.1:\(front.port)", ["SSL_CERT_FILE": "tls.pem"])
            #expect(refused.exit == 3)
            #expect(
                refused.errors.contains("The server at 127.0.0.1 has a certificate for another name."),
                "\(refused.errors)")
            #expect(!refused.errors.contains("SSL_CERT_FILE"))
            #expect(nothingWasSent(place))
        }
    }

    @Test func tlsGoesThroughTheProxy() async throws {
        try await with { place, front in
            try await CommandRelay.with(.proxy(), to: front.port) { proxy in
                let uploaded = try await upload(
                    place, to: "storage.test",
                    ["SSL_CERT_FILE": "tls.pem", "HTTPS_PROXY": "http://127.0.0.1:\(proxy.port)"])
                #expect(uploaded.exit == 0, "\(uploaded.errors)")
                #expect(place.object("primary.sql") == CommandDump.medium.rewritten)
                #expect(proxy.asked.allSatisfy { $0.hasPrefix("CONNECT storage.test:443 HTTP/1.1\r\n") })
            }
        }
    }

    @Test func serverWithoutTLSIsToldWithItsName() async throws {
        try await with { place, _ in
            let port = place.fake.authority.drop { $0 != ":" }
            let failed = try await upload(place, to: "localhost\(port)")
            #expect(failed.exit == 1)
            #expect(failed.errors.contains("localhost"), "\(failed.errors)")
            #expect(nothingWasSent(place))
        }
    }

    @Test(arguments: ["none.pem", "key.json"])
    func fileOfAuthoritiesThatCannotBeReadIsWrongUsage(name: String) async throws {
        try await with { place, front in
            let refused = try await upload(place, to: "localhost:\(front.port)", ["SSL_CERT_FILE": name])
            #expect(refused.exit == 2)
            #expect(
                refused.errors.contains("SSL_CERT_FILE is \(name), which does not contain valid certificates."),
                "\(refused.errors)")
            #expect(place.fake.requests.isEmpty)
        }
    }
}
