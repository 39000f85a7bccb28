internal import MigrationKitFoundation
internal import NIOCore
internal import NIOHTTP1

/// A service account that other credentials act as.
struct Impersonation: Sendable {
    let email: String?
    private let url: URL
    private let delegates: [String]
    private let lifetime: Int

    /// What the credentials behind need: the token for the account itself has the scopes that were asked for.
    static let scope = "https://www.googleapis.com/auth/cloud-platform"
    private static let verb = ":generateAccessToken"

    /// Nil if the file names no account to act as.
    init?(_ fields: CredentialFields, lifetime: Int? = nil) throws {
        guard try fields.optionalText("service_account_impersonation_url") != nil else { return nil }
        url = try fields.endpoint("service_account_impersonation_url")
        delegates = try fields.texts("delegates")
        self.lifetime = lifetime ?? 3600
        let name = url.lastPathComponent
        email = name.hasSuffix(Self.verb) ? String(name.dropLast(Self.verb.count)) : nil
    }

    /// - Parameter token: One of the credentials behind.
    func token(for scopes: [String], as token: Secret, _ exchange: TokenExchange) async throws -> AccessToken {
        let body = Body(
            delegates: delegates.isEmpty ? nil : delegates, lifetime: "\(lifetime)s", scope: scopes)
        let json = ByteBuffer(string: try JSONText.encode(body, pretty: false))
        var request = HTTPRequest(.POST, url, body: .bytes(json))
        request.headers = ["Content-Type": "application/json", "Authorization": "Bearer \(token.revealed)"]
        let start = exchange.now()
        do {
            let reply = try await exchange.send(request, secrets: [token])
            guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(reply.body.readableBytesView)),
                let expires = try? Date(answer.expireTime, strategy: .iso8601)
            else { throw AccessToken.missing(in: reply) }
            // Google's clock at both ends; ours may be another.
            let lifetime = expires.timeIntervalSince(reply.date ?? start)
            return try AccessToken(answer.accessToken, of: reply, from: start, lifetime: lifetime)
        } catch let error as GoogleAPIError {
            throw refusal(error, exchange)
        }
    }

    private func refusal(_ error: GoogleAPIError, _ exchange: TokenExchange) -> MigrationError {
        let account = email ?? "the service account"
        if let common = error.commonRefusal("An access token for \(account)", account: "\(exchange.origin)") {
            return common
        }
        if error.status == 403, !error.message.contains("API") {
            return exchange.refused(
                "The credentials in \(exchange.origin) are not allowed to impersonate \(account).", error,
                next: "Grant them roles/iam.serviceAccountTokenCreator on \(account).")
        }
        return exchange.refused(
            "Google gives no access token for \(account).", error,
            next: "Check that the account exists, is enabled, and is spelled correctly in \(exchange.origin).")
    }

    private struct Body: Encodable {
        var delegates: [String]?
        var lifetime: String
        var scope: [String]
    }

    private struct Answer: Decodable {
        var accessToken: String
        var expireTime: String
    }
}
