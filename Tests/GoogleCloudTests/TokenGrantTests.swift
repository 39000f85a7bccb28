import Crypto
import CryptoExtras
import Foundation
import LoopbackServers
import NIOHTTP1
import Testing

@testable import MigrationKitBase
@testable import MigrationKitGoogleCloud

/// What service accounts and users send for a token, and what refusals mean.
@Suite struct TokenGrantTests {
    let accounts: GoogleAccounts

    init() throws { accounts = try GoogleAccounts() }

    /// The parts of a JWT that the account's key has signed.
    private func verified(_ token: String) throws -> (header: [String: String], claims: [String: Any]) {
        let parts = token.split(separator: ".").map { part in
            let text = part.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
            return Data(base64Encoded: text + String(repeating: "=", count: (4 - text.count % 4) % 4)) ?? Data()
        }
        try #require(parts.count == 3)
        let signed = Data(token.prefix(upTo: try #require(token.lastIndex(of: "."))).utf8)
        let key = try #require(GoogleAccounts.key).publicKey
        let signature = _RSA.Signing.RSASignature(rawRepresentation: parts[2])
        #expect(key.isValidSignature(signature, for: signed, padding: .insecurePKCS1v1_5))
        return (
            try #require(JSONSerialization.jsonObject(with: parts[0]) as? [String: String]),
            try #require(JSONSerialization.jsonObject(with: parts[1]) as? [String: Any])
        )
    }

    @Test func serviceAccountSignsWhoItIsAndWhatItWants() async throws {
        let server = try await LoopbackServer { _ in .token("t") }
        let clock = TestClock(Date(timeIntervalSince1970: 1_800_000_000))
        let credentials = try accounts.credentials(GoogleAccounts.serviceAccount(server.url))
        #expect(try await credentials.tokens(clock: clock).token().revealed == "t")
        let request = try #require(server.requests.first)
        #expect(request.method == "POST")
        #expect(request.path == "/token")
        #expect(request.headers.first(name: "Content-Type") == "application/x-www-form-urlencoded")
        #expect(request.form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer")
        let (header, claims) = try verified(#require(request.form["assertion"]))
        #expect(header == ["alg": "RS256", "typ": "JWT", "kid": "key-1"])
        #expect(claims["iss"] as? String == GoogleAccounts.email)
        #expect(claims["aud"] as? String == "\(server.url)/token")
        #expect(claims["scope"] as? String == "scope-a scope-b")
        #expect(claims["iat"] as? Int == 1_799_999_990)
        #expect(claims["exp"] as? Int == 1_800_003_590)
        #expect(claims["sub"] == nil)
    }

    @Test func credentialsAreProvenByATokenForStorage() async throws {
        let server = try await LoopbackServer { _ in .token("t") }
        let credentials = try accounts.credentials(GoogleAccounts.serviceAccount(server.url))
        try await credentials.requireToken(patience: .seconds(1), environment: [:])
        let request = try #require(server.requests.first)
        let claims = try verified(#require(request.form["assertion"])).claims
        #expect(claims["scope"] as? String == "https://www.googleapis.com/auth/devstorage.read_write")
        let refusing = try await LoopbackServer { _ in .refusal("invalid_grant", "Account was disabled.") }
        let disabled = try accounts.credentials(GoogleAccounts.serviceAccount(refusing.url))
        await #expect(throws: MigrationError.self) {
            try await disabled.requireToken(patience: .seconds(1), environment: [:])
        }
        #expect(refusing.requests.count == 1)
    }

    @Test func inAnotherUniverseTheStatementIsTheToken() async throws {
        let server = try await LoopbackServer { _ in .token("t") }
        var json = GoogleAccounts.serviceAccount(server.url)
        json["universe_domain"] = "cloud.example"
        let token = try await accounts.credentials(json).tokens().token()
        let claims = try verified(token.revealed).claims
        #expect(claims["iss"] as? String == GoogleAccounts.email)
        #expect(claims["sub"] as? String == GoogleAccounts.email)
        #expect(claims["scope"] as? String == "scope-a scope-b")
        #expect(claims["aud"] == nil)
        #expect(server.requests.isEmpty)
    }

    @Test func userSendsTheRefreshToken() async throws {
        let server = try await LoopbackServer { _ in .token("t") }
        _ = try await accounts.credentials(GoogleAccounts.authorizedUser(server.url)).tokens().token()
        #expect(
            server.requests.first?.form == [
                "grant_type": "refresh_token", "client_id": "client-1", "client_secret": "hunter2-client",
                "refresh_token": "hunter2-refresh",
            ])
    }

    private func refusal(of json: (String) -> [String: Any], _ reply: LoopbackServer.Reply, clock: TestClock = .init())
        async throws -> MigrationError
    {
        let server = try await LoopbackServer { _ in reply }
        let tokens = try accounts.credentials(json(server.url)).tokens(clock: clock)
        let error = try #require(await #expect(throws: MigrationError.self) { try await tokens.token() })
        #expect(error.code == .unmetRequirement)
        #expect(server.requests.count == 1)
        #expect(GoogleAccounts.seesNoSecret(in: "\(error)"))
        return error
    }

    private static let timeframe = """
        Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. \
        Check your iat and exp values in the JWT claim.
        """

    @Test func wrongClockIsToldWithItsError() async throws {
        var reply = LoopbackServer.Reply.refusal("invalid_grant", Self.timeframe)
        reply.headers = ["Date": "Fri, 15 Jan 2027 08:00:00 GMT"]
        let date = Date(timeIntervalSince1970: 1_800_000_000)
        let late = try await refusal(
            of: GoogleAccounts.serviceAccount, reply, clock: TestClock(date - 2 * 3600))
        #expect(late.message == "The clock of this machine is wrong: it is 2 h 00 min behind Google's.")
        let early = try await refusal(of: GoogleAccounts.serviceAccount, reply, clock: TestClock(date + 600))
        #expect(early.message == "The clock of this machine is wrong: it is 10 min 00 s ahead of Google's.")
        reply.headers = ["Date": "yesterday"]
        let unknown = try await refusal(of: GoogleAccounts.serviceAccount, reply)
        #expect(unknown.message == "The clock of this machine is wrong.")
    }

    @Test(arguments: [
        ("invalid_grant", "Invalid JWT Signature.", "is no longer valid for"),
        ("invalid_grant", "Invalid grant: account not found", "is no longer valid for"),
        ("invalid_grant", "Account disabled: 117", "is disabled"),
        ("invalid_grant", "Invalid JWT: Failed audience check.", "Google gives no access token for"),
        ("unauthorized_client", "Client is unauthorized to retrieve access tokens", "Google gives no access token for"),
    ])
    func refusedKeyIsNamedWithWhatToDo(reason: String, description: String, message: String) async throws {
        let error = try await refusal(of: GoogleAccounts.serviceAccount, .refusal(reason, description))
        #expect(error.message.contains(message))
        #expect(error.description.contains("key.json"))
        #expect(error.details == ["\(reason): \(description)"])
    }

    @Test func expiredLoginIsToLogInAgain() async throws {
        let reply = LoopbackServer.Reply.refusal("invalid_grant", "Token has been expired or revoked.")
        let error = try await refusal(of: GoogleAccounts.authorizedUser, reply)
        #expect(error.message.contains("has expired or was revoked"))
        #expect(error.message.contains("key.json"))
        #expect(error.next?.contains("gcloud auth application-default login") == true)
    }

    @Test func answerThatRepeatsASecretIsNotShown() async throws {
        for status in [400, 503] {
            let server = try await LoopbackServer { .refusal("bad", $0.form["refresh_token"] ?? "", status: status) }
            let tokens = try accounts.credentials(GoogleAccounts.authorizedUser(server.url)).tokens()
            let error = await #expect(throws: MigrationError.self) { try await tokens.token() }
            #expect(GoogleAccounts.seesNoSecret(in: "\(String(describing: error))"))
            #expect(error?.description.contains("\(status)") == true)
        }
    }
}
