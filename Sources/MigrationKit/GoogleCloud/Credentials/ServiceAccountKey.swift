internal import CryptoExtras
internal import MigrationKitFoundation

/// A service account's key: signs a short statement, and Google gives a token for it (RFC 7523).
struct ServiceAccountKey: Sendable {
    let email: String
    private let id: String?
    private let pem: Secret
    private let tokenURI: URL
    private let isOfGoogle: Bool

    private static let grantType = "urn:ietf:params:oauth:grant-type:jwt-bearer"
    /// The longest that Google allows.
    private static let lifetime = 3600.0
    /// For a clock that is a little ahead.
    private static let leeway = 10.0

    init(_ fields: CredentialFields) throws {
        email = try fields.text("client_email")
        id = try fields.optionalText("private_key_id")
        pem = try fields.secret("private_key")
        tokenURI = try fields.endpoint("token_uri", default: TokenExchange.defaultEndpoint)
        isOfGoogle = try [nil, GoogleCredentials.defaultUniverse].contains(fields.optionalText("universe_domain"))
        guard (try? _RSA.Signing.PrivateKey(pemRepresentation: pem.revealed)) != nil else {
            throw fields.error(
                "`private_key` in \(fields.file) is not an RSA key in PEM format, or is damaged.",
                next: "Create a new key for the account, download it as JSON, and use that file unchanged."
            )
        }
    }

    /// Outside of Google's own cloud there is nobody to exchange the statement: it is the token.
    func token(for scopes: [String], _ exchange: TokenExchange) async throws -> AccessToken {
        let start = exchange.now()
        let statement = Secret(try statement(for: scopes, at: start))
        guard isOfGoogle else {
            return AccessToken(statement, from: start, lifetime: Self.lifetime - Self.leeway)
        }
        do {
            let form = [("grant_type", Secret(Self.grantType)), ("assertion", statement)]
            return try AccessToken(await exchange.post(form, to: tokenURI), from: start)
        } catch let error as GoogleAPIError {
            throw refusal(error, exchange)
        }
    }

    private func statement(for scopes: [String], at time: Date) throws -> String {
        let issued = Int(time.timeIntervalSince1970 - Self.leeway)
        let header = Header(kid: id)
        let claims = Claims(
            iss: email, sub: isOfGoogle ? nil : email, aud: isOfGoogle ? tokenURI.absoluteString : nil,
            scope: scopes.joined(separator: " "), iat: issued, exp: issued + Int(Self.lifetime)
        )
        let parts = try [JSONText.encode(header, pretty: false), JSONText.encode(claims, pretty: false)]
        let signed = parts.map { Data($0.utf8).base64URL }.joined(separator: ".")
        let key = try _RSA.Signing.PrivateKey(pemRepresentation: pem.revealed)
        let signature = try key.signature(for: Data(signed.utf8), padding: .insecurePKCS1v1_5)
        return "\(signed).\(signature.rawRepresentation.base64URL)"
    }

    private func refusal(_ error: GoogleAPIError, _ exchange: TokenExchange) -> MigrationError {
        let text = error.message.lowercased()
        let isStatement = error.reason == "invalid_grant" && text.hasPrefix("invalid jwt:")
        if isStatement, text.contains(/\b(iat|exp|expired|short-lived)\b/) { return exchange.wrongClock(error) }
        if text.contains("disabled") {
            return exchange.refused(
                "The account \(email) is disabled.", error,
                next: "Ask whoever gave you \(exchange.origin) to enable it, or for another key.")
        }
        if ["invalid_grant", "invalid_client"].contains(error.reason), !isStatement {
            return exchange.refused(
                "The key in \(exchange.origin) is no longer valid for \(email): it was deleted or has expired.", error,
                next: "Ask whoever gave it to you for a new key.")
        }
        return exchange.refused(
            "Google gives no access token for \(email).", error, next: "Ask whoever gave you \(exchange.origin).")
    }

    private struct Header: Encodable {
        var alg = "RS256"
        var typ = "JWT"
        var kid: String?
    }

    private struct Claims: Encodable {
        var iss: String
        var sub: String?
        var aud: String?
        var scope: String
        var iat: Int
        var exp: Int
    }
}

extension Data {
    /// RFC 7515: as JWTs write bytes.
    fileprivate var base64URL: String {
        base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
