import CryptoExtras
import Foundation
import LoopbackServers
import Synchronization
import SystemPackage

@testable import MigrationKitBase
@testable import MigrationKitGoogleCloud
@testable import MigrationKitHTTP

/// Files as Google's tools write them, in a folder of their own.
final class GoogleAccounts: Sendable {
    /// Made once: it takes a while.
    static let key = try? _RSA.Signing.PrivateKey(keySize: .bits2048)
    static let pem = key?.pkcs8PEMRepresentation ?? ""
    static let email = "uploader@customer.iam.gserviceaccount.com"
    /// Texts that must never be seen.
    static let secrets = ["hunter2-refresh", "hunter2-client", "hunter2-header", "hunter2-token", pemLine]
    private static let pemLine = String(pem.split(separator: "\n").dropFirst().first ?? "hunter2")

    let folder: FilePath

    init() throws {
        folder = FilePath(FileManager.default.temporaryDirectory.path).appending(UUID().uuidString)
        try FileManager.default.createDirectory(atPath: folder.string, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder.string) }

    /// Writes a file, and the folders it is in.
    @discardableResult
    func write(_ name: String, _ text: String, mode: Int = 0o600) throws -> FilePath {
        try write(name, Data(text.utf8), mode: mode)
    }

    func write(_ name: String, _ bytes: Data, mode: Int = 0o600) throws -> FilePath {
        let path = folder.pushing(FilePath(name))
        try FileManager.default.createDirectory(
            atPath: path.removingLastComponent().string, withIntermediateDirectories: true)
        try bytes.write(to: URL(fileURLWithPath: path.string))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path.string)
        return path
    }

    func write(_ name: String, _ json: [String: Any], mode: Int = 0o600) throws -> FilePath {
        try write(name, JSONSerialization.data(withJSONObject: json), mode: mode)
    }

    /// Credentials as they come from a file.
    func credentials(_ json: [String: Any]) throws -> GoogleCredentials {
        try .file(write("key.json", json), environment: [:])
    }

    static func serviceAccount(_ server: String = "https://oauth2.googleapis.com") -> [String: Any] {
        [
            "type": "service_account", "project_id": "customer", "private_key_id": "key-1", "private_key": pem,
            "client_email": email, "token_uri": "\(server)/token",
        ]
    }

    static func authorizedUser(_ server: String = "https://oauth2.googleapis.com") -> [String: Any] {
        [
            "type": "authorized_user", "client_id": "client-1", "client_secret": "hunter2-client",
            "refresh_token": "hunter2-refresh", "token_uri": "\(server)/token",
        ]
    }

    static func external(_ server: String, source: [String: Any]) -> [String: Any] {
        [
            "type": "external_account", "audience": "//iam.googleapis.com/pool",
            "subject_token_type": "urn:ietf:params:oauth:token-type:jwt", "token_url": "\(server)/sts",
            "credential_source": source,
        ]
    }

    static func impersonated(_ server: String, by source: [String: Any]) -> [String: Any] {
        [
            "type": "impersonated_service_account", "delegates": ["projects/-/serviceAccounts/between@x"],
            "service_account_impersonation_url": "\(server)/v1/projects/-/serviceAccounts/\(email):generateAccessToken",
            "source_credentials": source,
        ]
    }

    static func seesNoSecret(in text: String) -> Bool { !secrets.contains { text.contains($0) } }
}

extension GoogleCredentials {
    /// Tokens that give up soon.
    func tokens(
        patience: Duration = .milliseconds(100), clock: TestClock = .init(), environment: [String: String] = [:]
    ) throws -> AccessTokens {
        var policy = RetryPolicy()
        policy.patience = patience
        policy.firstDelay = .milliseconds(1)
        policy.longestDelay = .milliseconds(10)
        return AccessTokens(
            self, scopes: ["scope-a", "scope-b"], http: try HTTPSession(environment: environment), retry: Retry(policy),
            now: { clock.now })
    }
}

/// A clock that is set by hand.
final class TestClock: Sendable {
    private let time: Mutex<Date>

    init(_ time: Date = Date()) { self.time = Mutex(time) }

    var now: Date { time.withLock { $0 } }

    func advance(_ seconds: TimeInterval) { time.withLock { $0 += seconds } }
}

extension LoopbackServer.Reply {
    /// What a token endpoint answers.
    static func token(_ token: String, lifetime: Int = 3600) -> Self {
        .init(body: #"{"access_token": "\#(token)", "expires_in": \#(lifetime), "token_type": "Bearer"}"#)
    }

    static func refusal(_ reason: String, _ description: String, status: Int = 400) -> Self {
        .init(status: status, body: #"{"error": "\#(reason)", "error_description": "\#(description)"}"#)
    }
}
