import Foundation
import Testing

@testable import MigrationKitBase
@testable import MigrationKitGoogleCloud

/// Where secrets are sent: nobody on the way may read along.
@Suite struct CredentialEndpointTests {
    private func isTaken(_ url: String, isOfMachine: Bool = false) -> Bool {
        let fields = CredentialFields(file: "key.json", values: ["url": .string(url)])
        do {
            return try fields.endpoint("url", isOfMachine: isOfMachine).absoluteString == url
        } catch {
            let error = error as? MigrationError
            return error?.code != .usage || error?.description.contains("key.json") != true
        }
    }

    @Test(arguments: [
        "https://oauth2.googleapis.com/token", "https://10.0.0.1:8443/x", "http://localhost:1/",
        "http://127.0.0.1:80/x",
        "http://[::1]:80/x",
    ])
    func httpsAndThisMachineAreTaken(url: String) { #expect(isTaken(url)) }

    @Test(arguments: [
        "http://oauth2.googleapis.com/token", "http://127.0.0.1.example.com/", "http://localhost.example.com/",
        "http://169.254.169.254/", "http://metadata.google.internal/", "ftp://localhost/", "https:///x", "localhost",
        "file:///etc/passwd", "", "https://user:hunter2@host/",
    ])
    func anythingElseIsRefused(url: String) { #expect(!isTaken(url)) }

    @Test func tokenOfTheMachineMayComeFromItsMetadataServer() {
        #expect(isTaken("http://169.254.169.254/metadata/identity?x=y", isOfMachine: true))
        #expect(isTaken("http://metadata.google.internal/x", isOfMachine: true))
        #expect(!isTaken("http://169.254.169.253/x", isOfMachine: true))
    }
}
