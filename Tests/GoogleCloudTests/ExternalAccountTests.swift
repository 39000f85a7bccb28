import Foundation
import LoopbackServers
import NIOHTTP1
import SystemPackage
import Testing

@testable import MigrationKitBase
@testable import MigrationKitGoogleCloud

/// Tokens by way of another identity provider, and in another account's name.
@Suite struct ExternalAccountTests {
    let accounts: GoogleAccounts

    init() throws { accounts = try GoogleAccounts() }

    /// Answers as the provider, as Google's exchange and as the account to act as, by path.
    private func server(_ provider: String = "", impersonation: LoopbackServer.Reply? = nil) async throws
        -> LoopbackServer
    {
        try await LoopbackServer { request in
            switch request.path {
            case "/provider": .init(body: provider)
            case "/sts": .token("sts-token")
            case "/token": .token("user-token")
            default:
                impersonation
                    ?? .init(
                        headers: ["Date": "Fri, 15 Jan 2027 08:00:00 GMT"],
                        body: #"{"accessToken": "account-token", "expireTime": "2027-01-15T09:00:00Z"}"#)
            }
        }
    }

    @Test func tokenOfAFileIsExchanged() async throws {
        let server = try await server()
        let file = try accounts.write("subject", "hunter2-token\n")
        let json = GoogleAccounts.external(server.url, source: ["file": file.string])
        let tokens = try accounts.credentials(json).tokens()
        #expect(try await tokens.token().revealed == "sts-token")
        #expect(
            server.requests.map(\.form) == [
                [
                    "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
                    "audience": "//iam.googleapis.com/pool", "scope": "scope-a scope-b",
                    "requested_token_type": "urn:ietf:params:oauth:token-type:access_token",
                    "subject_token": "hunter2-token", "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
                ]
            ])
        // It is another one by the next time.
        try accounts.write("subject", "second")
        await tokens.discard(Secret("sts-token"))
        _ = try await tokens.token()
        #expect(server.requests.last?.form["subject_token"] == "second")
    }

    @Test func tokenOfAURLIsAskedForWithItsHeaders() async throws {
        let server = try await server(#"{"value": "hunter2-token"}"#)
        let source: [String: Any] = [
            "url": "\(server.url)/provider", "headers": ["Metadata": "hunter2-header"],
            "format": ["type": "json", "subject_token_field_name": "value"],
        ]
        let json = GoogleAccounts.external(server.url, source: source)
        #expect(try await accounts.credentials(json).tokens().token().revealed == "sts-token")
        #expect(server.requests.map(\.path) == ["/provider", "/sts"])
        #expect(server.requests.first?.headers["Metadata"] == ["hunter2-header"])
        #expect(server.requests.last?.form["subject_token"] == "hunter2-token")
    }

    @Test(arguments: ["", "{}", "[]", #"{"value": 1}"#, #"{"value": " "}"#, "<html>"])
    func providerWithoutTokenIsNamed(body: String) async throws {
        let server = try await server(body)
        let format = ["type": "json", "subject_token_field_name": "value"]
        let source: [String: Any] = ["url": "\(server.url)/provider", "format": format]
        let tokens = try accounts.credentials(GoogleAccounts.external(server.url, source: source)).tokens()
        let error = await #expect(throws: MigrationError.self) { try await tokens.token() }
        #expect(error?.message == "127.0.0.1 does not issue a token in the field `value`.")
    }

    @Test func exchangedTokenActsAsAnAccount() async throws {
        let server = try await server()
        let file = try accounts.write("subject", "s")
        var json = GoogleAccounts.external(server.url, source: ["file": file.string])
        json["service_account_impersonation_url"] = "\(server.url)/v1/\(GoogleAccounts.email):generateAccessToken"
        json["service_account_impersonation"] = ["token_lifetime_seconds": 1200]
        #expect(try await accounts.credentials(json).tokens().token().revealed == "account-token")
        #expect(server.requests.first?.form["scope"] == "https://www.googleapis.com/auth/cloud-platform")
        let last = try #require(server.requests.last)
        #expect(last.headers["Authorization"] == ["Bearer sts-token"])
        #expect(last.body == #"{"lifetime":"1200s","scope":["scope-a","scope-b"]}"#)
    }

    @Test func userActsAsAnAccountByDelegates() async throws {
        let server = try await server()
        let user = GoogleAccounts.authorizedUser(server.url)
        let clock = TestClock()
        let tokens = try accounts.credentials(GoogleAccounts.impersonated(server.url, by: user)).tokens(clock: clock)
        #expect(try await tokens.token().revealed == "account-token")
        #expect(server.requests.map(\.path).last?.hasSuffix(":generateAccessToken") == true)
        let body = try #require(server.requests.last?.body)
        let fields = try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]
        #expect(fields?["delegates"] as? [String] == ["projects/-/serviceAccounts/between@x"])
        #expect(fields?["lifetime"] as? String == "3600s")
        #expect(fields?["scope"] as? [String] == ["scope-a", "scope-b"])
        // An hour by Google's clock, whatever ours says.
        clock.advance(3200)
        _ = try await tokens.token()
        #expect(server.requests.count == 2)
        clock.advance(200)
        _ = try await tokens.token()
        #expect(server.requests.count == 4)
    }

    @Test func refusedImpersonationNamesTheRole() async throws {
        let refusal = """
            {"error": {"code": 403, "status": "PERMISSION_DENIED", "message":
            "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist)."}}
            """
        let server = try await server(impersonation: .init(status: 403, body: refusal))
        let json = GoogleAccounts.impersonated(server.url, by: GoogleAccounts.authorizedUser(server.url))
        let error = await #expect(throws: MigrationError.self) {
            try await accounts.credentials(json).tokens().token()
        }
        #expect(error?.code == .unmetRequirement)
        #expect(error?.message.contains("are not allowed to impersonate \(GoogleAccounts.email)") == true)
        #expect(error?.next?.contains("roles/iam.serviceAccountTokenCreator") == true)
    }
}
