import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import MigrationKitBase
@testable import MigrationKitGoogleCloud

/// Files that are no credentials: the error names the file and what is wrong, and shows nothing of it.
@Suite struct CredentialFileTests {
    let accounts: GoogleAccounts

    init() throws { accounts = try GoogleAccounts() }

    private func refusal(_ path: FilePath) -> MigrationError? {
        #expect(throws: MigrationError.self) { try GoogleCredentials.file(path, environment: [:]) }
    }

    private func expectRefusal(_ path: FilePath, _ message: String) throws {
        let error = try #require(refusal(path))
        #expect(error.code == .usage)
        #expect(error.message.contains(message), "\(error)")
        #expect(error.message.contains(path.string), "\(error)")
        #expect(error.next != nil)
        #expect(GoogleAccounts.seesNoSecret(in: "\(error)"))
    }

    @Test(arguments: [
        ("", "is empty"), ("{", "is not valid JSON"), ("type: service_account\n", "is not valid JSON"),
        ("\n <!DOCTYPE html><html>", "is an HTML or XML page"), ("[]", "is JSON, but not an object"),
        ("-----BEGIN PRIVATE KEY-----\nhunter2-token", "is a key in PEM form"), ("{}", "`type` is missing"),
        (#"{"installed": {"client_secret": "hunter2-client"}}"#, "describes an OAuth client"),
        (#"{"web": {"client_secret": "hunter2-client"}}"#, "describes an OAuth client"),
        (#"{"type": 7}"#, "`type` in"), (#"{"type": "wizard"}"#, "has an unknown type: wizard"),
        (#"{"type": "gdch_service_account"}"#, "has the type gdch_service_account"),
        (#"{"type": "external_account_authorized_user"}"#, "has the type external_account_authorized_user"),
        (#"{"type": "impersonated_service_account"}"#, "`source_credentials` or"),
        (#"{"type": "external_account", "audience": "a", "subject_token_type": "b"}"#, "`token_url` is missing"),
    ])
    func whatIsNoCredentialsIsNamed(text: String, message: String) throws {
        try expectRefusal(accounts.write("key.json", text), message)
    }

    /// As CI systems hand keys on: the message says which it is, and what to do.
    @Test func keyInBase64IsToBeDecodedFirst() throws {
        let json = SecretForms.json("hunter2-token")
        for text in [SecretForms.base64(json), SecretForms.lines(of: SecretForms.base64(json)) + "\n"] {
            let path = try accounts.write("key.b64", text)
            try expectRefusal(path, "contains a key in base64")
            #expect(refusal(path)?.next?.hasPrefix("Decode it first: (umask 077; base64 -d <") == true)
        }
    }

    @Test func keyWithRealLineBreaksIsNoJSONThoughAKey() throws {
        let text = SecretForms.json("hunter2-token").replacing("\\n", with: "\n")
        try expectRefusal(accounts.write("key.json", text), "is not valid JSON, although it contains a key")
    }

    @Test(arguments: [SecretForms.json("hunter2-token"), SecretForms.base64(SecretForms.json("hunter2-token"))])
    func keyInPlaceOfItsPathIsRefusedUnseen(text: String) throws {
        let named = try #require(throws: MigrationError.self) {
            try GoogleCredentials.applicationDefault(environment: ["GOOGLE_APPLICATION_CREDENTIALS": text])
        }
        let path = try #require(refusal(FilePath(text)))
        #expect(named.message.hasPrefix("GOOGLE_APPLICATION_CREDENTIALS contains a key"), "\(named)")
        for error in [named, path] {
            #expect(error.code == .usage && error.message.contains("not its file"), "\(error)")
            #expect(!"\(error) \(error.jsonLine)".contains(text.prefix(40)), "\(error)")
            #expect(GoogleAccounts.seesNoSecret(in: "\(error)"))
        }
    }

    @Test func keyInP12FormIsNamed() throws {
        try expectRefusal(accounts.write("key.p12", Data([0x30, 0x82, 9, 0x6A, 2, 1, 3])), "is a key in P12 form")
    }

    @Test func folderHugeFileAndMissingFileAreNamed() throws {
        try expectRefusal(accounts.folder, "is not a file")
        try expectRefusal(accounts.write("big.json", Data(count: 1 << 20 + 1)), "is too large")
        try expectRefusal(accounts.folder.appending("nowhere.json"), "cannot be read")
    }

    @Test func nestingWithoutEndIsNoJSON() throws {
        let text = String(repeating: "[", count: 200_000)
        try expectRefusal(accounts.write("deep.json", text), "is not valid JSON")
    }

    @Test(arguments: ["client_email", "private_key"])
    func missingFieldOfAServiceAccountIsNamed(key: String) throws {
        for value in [nil, "" as Any, NSNull()] {
            var json = GoogleAccounts.serviceAccount()
            json[key] = value
            try expectRefusal(accounts.write("key.json", json), "`\(key)` is missing")
        }
    }

    @Test(arguments: ["client_id", "client_secret", "refresh_token"])
    func missingFieldOfAUserIsNamed(key: String) throws {
        var json = GoogleAccounts.authorizedUser()
        json[key] = nil
        try expectRefusal(accounts.write("key.json", json), "`\(key)` is missing")
        json[key] = ["hunter2-token"]
        try expectRefusal(accounts.write("key.json", json), "`\(key)` in")
    }

    @Test func damagedKeyIsNamedAndNotShown() throws {
        let pem = GoogleAccounts.pem
        for damaged in ["hunter2-token", String(pem.dropLast(200)), pem.replacingOccurrences(of: "\n", with: "\\n")] {
            var json = GoogleAccounts.serviceAccount()
            json["private_key"] = damaged
            try expectRefusal(accounts.write("key.json", json), "`private_key` in")
        }
    }

    @Test(
        arguments: [
            ([:], "is of an unknown kind"), (["executable": ["command": "x"]], "is executable"),
            (["environment_id": "aws1", "url": "http://169.254.169.254/x"], "is aws"),
            (["file": "/x", "format": ["type": "xml"]], "neither text nor json"),
            (
                ["file": "/x", "format": ["type": "json"]],
                "`credential_source.format.subject_token_field_name` is missing"
            ),
            (["url": "https://h/", "headers": ["A": "x\r\nB: y"]], "is not a valid header"),
            (["url": "https://h/", "headers": ["A: x": "y"]], "is not a valid header"),
        ] as [([String: any Sendable], String)])
    func sourceThatIsNotSupportedIsNamed(source: [String: any Sendable], message: String) throws {
        let json = GoogleAccounts.external("https://sts.googleapis.com", source: source)
        try expectRefusal(accounts.write("key.json", json), message)
    }

    @Test func impersonationOfImpersonationIsRefused() throws {
        let inner = GoogleAccounts.impersonated("https://h", by: GoogleAccounts.serviceAccount())
        let json = GoogleAccounts.impersonated("https://h", by: inner)
        try expectRefusal(accounts.write("key.json", json), "impersonates another")
    }
}
