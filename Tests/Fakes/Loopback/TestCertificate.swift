import Foundation
package import NIOSSL
import Subprocess
import SystemPackage
import TestSupport

/// A certificate that nobody knows, for `localhost`, `sourcegraph.test` and 127.0.0.1.
package struct TestCertificate: Sendable {
    /// What makes it.
    package static let openssl = "/usr/bin/openssl"
    package static var canBeMade: Bool { FileManager.default.isExecutableFile(atPath: openssl) }

    package let pem: String
    private let key: String

    /// For servers that show it.
    package let server: NIOSSLContext

    /// Made once: it takes a while.
    package static var shared: TestCertificate { get async throws { try await made.value } }
    private static let made = Task { try await TestCertificate() }

    private init() async throws {
        let folder = try TestFolder()
        let names = "subjectAltName=DNS:localhost,DNS:sourcegraph.test,IP:127.0.0.1"
        let files = ["-keyout", folder.file("tls.key").string, "-out", folder.file("tls.pem").string]
        let arguments =
            ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", names]
            + files
        _ = try await run(
            .path(FilePath(Self.openssl)), arguments: Arguments(arguments), output: .discarded, error: .discarded)
        pem = try String(contentsOfFile: folder.file("tls.pem").string, encoding: .utf8)
        key = try String(contentsOfFile: folder.file("tls.key").string, encoding: .utf8)
        let chain = try NIOSSLCertificate.fromPEMBytes(Array(pem.utf8)).map { NIOSSLCertificateSource.certificate($0) }
        let privateKey = try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem)
        server = try NIOSSLContext(
            configuration: .makeServerConfiguration(certificateChain: chain, privateKey: .privateKey(privateKey)))
    }
}
