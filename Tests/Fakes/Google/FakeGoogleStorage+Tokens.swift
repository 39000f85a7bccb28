import Crypto
import CryptoExtras
package import FakeServer
import Foundation
import NIOCore
import NIOHTTP1
import TestSupport

/// What hands out tokens: Google's endpoints for accounts, and the metadata server of a machine of theirs.
extension FakeGoogleStorage {
    package struct Token: Sendable {
        package var expires: ContinuousClock.Instant
        package var scopes: [String]

        package func allows(_ operation: FakeOperation) -> Bool {
            let prefix = "https://www.googleapis.com/auth/"
            var wanted = ["cloud-platform", "devstorage.full_control", "devstorage.read_write"]
            switch operation {
            case .metadata, .media, .list, .bucket:
                wanted += ["devstorage.read_only", "cloud-platform.read-only"]
            case .impersonation: wanted = ["cloud-platform", "iam"]
            default: break
            }
            return scopes.contains { scope in wanted.contains { scope == prefix + $0 } }
        }
    }

    /// Every token that was handed out so far is refused from now on.
    package func expireAllTokens() { change { $0.tokens = [:] } }

    package func grant(_ exchange: Exchange, _ state: inout State) -> FakeResponse {
        let request = exchange.request
        switch request.operation {
        case .instanceToken: return instance(exchange, &state)
        case .impersonation: return impersonation(exchange, &state)
        default: break
        }
        guard request.headers.first(name: "content-type")?.hasPrefix("application/x-www-form-urlencoded") == true else {
            state.record.violations.append("\(request.target): the body is not a form")
            return Self.refusedGrant("invalid_request", "Could not find a form.")
        }
        let form = Dictionary(FakeRequest.form(String(buffer: exchange.body))) { first, _ in first }
        switch (request.operation, form["grant_type"]) {
        case (.token, "urn:ietf:params:oauth:grant-type:jwt-bearer"): return serviceAccount(form, &state)
        case (.token, "refresh_token"): return refresh(form, &state)
        case (.exchange, "urn:ietf:params:oauth:grant-type:token-exchange"): return exchangeToken(form, &state)
        default: return Self.refusedGrant("unsupported_grant_type", "Invalid grant_type")
        }
    }

    private static func refusedGrant(_ error: AnyJSON, _ description: String) -> FakeResponse {
        .json(400, body: ["error": error, "error_description": .string(description)])
    }

    /// A new token, and its record.
    private func issue(
        _ kind: FakeRecord.Grant.Kind, to subject: String, _ scopes: [String], delegates: [String] = [],
        lifetime: Int? = nil, _ state: inout State
    ) -> String {
        let token = "ya29.\(UUID().uuidString)"
        let lifetime = lifetime ?? options.tokenLifetime
        state.tokens[token] = Token(expires: .now + .seconds(lifetime), scopes: scopes)
        state.record.grants.append(
            FakeRecord.Grant(kind: kind, subject: subject, scopes: scopes, delegates: delegates, token: token))
        return token
    }

    private func answer(with token: String, _ more: [String: AnyJSON] = [:]) -> FakeResponse {
        let fields: [String: AnyJSON] = [
            "access_token": .string(token), "expires_in": .integer(Int64(options.tokenLifetime)),
            "token_type": "Bearer",
        ]
        return .json(body: .object(fields.merging(more) { _, new in new }))
    }

    // MARK: Kinds

    private func serviceAccount(_ form: [String: String], _ state: inout State) -> FakeResponse {
        let pieces = (form["assertion"] ?? "").split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard pieces.count == 3, let header = Self.base64URL(pieces[0]).flatMap({ AnyJSON(parsing: $0) }),
            let claims = Self.base64URL(pieces[1]).flatMap({ AnyJSON(parsing: $0) }),
            let signature = Self.base64URL(pieces[2])
        else { return Self.refusedGrant("invalid_grant", "Invalid JWT: Failed to parse.") }
        guard header["alg"] == "RS256", header["typ"] == "JWT" else {
            return Self.refusedGrant("invalid_grant", "Invalid JWT: alg and typ have to be RS256 and JWT.")
        }
        guard let account = try? FakeServiceAccount.shared.get() else {
            return Self.refusedGrant("invalid_grant", "There is no key.")
        }
        guard claims["iss"] == .string(account.email) else {
            return Self.refusedGrant("invalid_grant", "Invalid grant: account not found")
        }
        guard header["kid"] == .string(account.keyID),
            account.isValid(signature: signature, of: Data("\(pieces[0]).\(pieces[1])".utf8))
        else { return Self.refusedGrant("invalid_grant", "Invalid JWT Signature.") }
        guard claims["aud"] == .string(endpoint + "/token") else {
            return Self.refusedGrant("invalid_grant", "Invalid JWT: aud is not this endpoint.")
        }
        let now = Int64(Date().timeIntervalSince1970)
        guard let issued = claims["iat"]?.integer, let expires = claims["exp"]?.integer, issued <= now + 60,
            expires > now, expires > issued, expires - issued <= 3600
        else {
            let message =
                "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe."
                + " Check your iat and exp values in the JWT claim."
            return Self.refusedGrant("invalid_grant", message)
        }
        guard let scope = claims["scope"]?.string, !scope.isEmpty else {
            return Self.refusedGrant("invalid_scope", "Invalid OAuth scope or ID token audience provided.")
        }
        let scopes = scope.split(separator: " ").map(String.init)
        return answer(with: issue(.serviceAccount, to: account.email, scopes, &state))
    }

    private func refresh(_ form: [String: String], _ state: inout State) -> FakeResponse {
        guard form["client_id"] == options.clientID, form["client_secret"] == options.clientSecret else {
            return FakeResponse.json(
                401, body: ["error": "invalid_client", "error_description": "The OAuth client was not found."])
        }
        guard form["refresh_token"] == options.refreshToken else {
            return Self.refusedGrant("invalid_grant", "Token has been expired or revoked.")
        }
        let scopes = ["https://www.googleapis.com/auth/cloud-platform"]
        let token = issue(.refreshToken, to: options.clientID, scopes, &state)
        return answer(with: token, ["scope": .string(scopes[0])])
    }

    private func exchangeToken(_ form: [String: String], _ state: inout State) -> FakeResponse {
        let access = "urn:ietf:params:oauth:token-type:access_token"
        guard let audience = form["audience"], !audience.isEmpty, let scope = form["scope"], !scope.isEmpty,
            form["requested_token_type"] == access,
            form["subject_token_type"]?.hasPrefix("urn:ietf:params:oauth:") == true
        else { return Self.refusedGrant("invalid_request", "A required parameter is missing.") }
        guard form["subject_token"] == options.subjectToken else {
            return Self.refusedGrant("invalid_grant", "The subject token is invalid.")
        }
        let token = issue(.exchange, to: audience, scope.split(separator: " ").map(String.init), &state)
        return answer(with: token, ["issued_token_type": .string(access)])
    }

    private func impersonation(_ exchange: Exchange, _ state: inout State) -> FakeResponse {
        let request = exchange.request
        let body = AnyJSON(parsing: exchange.body.readableBytesView) ?? [:]
        let path = /\/v1\/projects\/-\/serviceAccounts\/([^\/]+):generateAccessToken/
        guard let match = request.path.wholeMatch(of: path),
            let scopes = body["scope"]?.array?.compactMap(\.string), !scopes.isEmpty,
            Set(body.object?.keys.map { $0 } ?? []).isSubset(of: ["scope", "lifetime", "delegates"])
        else { return Self.failure(400, "badRequest", "Request contains an invalid argument.", request) }
        let lifetime = (body["lifetime"]?.string ?? "3600s").wholeMatch(of: /(\d{1,6})s/).flatMap { Int($0.1) }
        guard let lifetime, (1...3600).contains(lifetime) else {
            return Self.failure(400, "badRequest", "The lifetime is not between 1s and 3600s.", request)
        }
        let delegates = body["delegates"]?.array?.compactMap(\.string) ?? []
        let email = String(match.1).removingPercentEncoding ?? ""
        let token = issue(
            .impersonation, to: email, scopes, delegates: delegates, lifetime: min(lifetime, options.tokenLifetime),
            &state)
        let expires = Date().addingTimeInterval(Double(min(lifetime, options.tokenLifetime)))
        return .json(body: ["accessToken": .string(token), "expireTime": .string(expires.ISO8601Format())])
    }

    private func instance(_ exchange: Exchange, _ state: inout State) -> FakeResponse {
        let request = exchange.request
        let flavor: HTTPHeaders = ["Metadata-Flavor": "Google"]
        guard request.headers.first(name: "metadata-flavor") == "Google" else {
            return FakeResponse(status: 403, headers: flavor)
        }
        let account = "/computeMetadata/v1/instance/service-accounts/default/"
        switch request.path {
        case account + "token":
            let scopes = request.query("scopes") ?? "https://www.googleapis.com/auth/cloud-platform"
            let token = issue(
                .instance, to: options.account, scopes.split { " ,".contains($0) }.map(String.init), &state)
            return answer(with: token).adding("Metadata-Flavor", "Google")
        case account + "email":
            return FakeResponse(status: 200, headers: flavor, body: .init(string: options.account))
        case "/computeMetadata/v1/", "/computeMetadata/v1": return FakeResponse(status: 200, headers: flavor)
        default: return FakeResponse(status: 404, headers: flavor)
        }
    }

    private static func base64URL(_ text: String) -> Data? {
        guard !text.contains(where: { "+/=".contains($0) }) else { return nil }
        let plain = text.replacing("-", with: "+").replacing("_", with: "/")
        return Data(base64Encoded: plain + String(repeating: "=", count: (4 - plain.count % 4) % 4))
    }
}
