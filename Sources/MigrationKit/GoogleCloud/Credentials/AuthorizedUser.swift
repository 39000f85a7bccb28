internal import MigrationKitFoundation

/// A person who logged in with `gcloud auth application-default login`.
struct AuthorizedUser: Sendable {
    let email: String?
    private let clientID: String
    private let clientSecret: Secret
    private let refreshToken: Secret
    private let tokenURI: URL

    init(_ fields: CredentialFields) throws {
        email = try fields.optionalText("account")
        clientID = try fields.text("client_id")
        clientSecret = try fields.secret("client_secret")
        refreshToken = try fields.secret("refresh_token")
        tokenURI = try fields.endpoint("token_uri", default: TokenExchange.defaultEndpoint)
    }

    /// The login decided on the scopes.
    func token(_ exchange: TokenExchange) async throws -> AccessToken {
        let start = exchange.now()
        do {
            let form = [
                ("grant_type", Secret("refresh_token")), ("client_id", Secret(clientID)),
                ("client_secret", clientSecret), ("refresh_token", refreshToken),
            ]
            return try AccessToken(await exchange.post(form, to: tokenURI), from: start)
        } catch let error as GoogleAPIError {
            throw exchange.refused(
                message(error, exchange.origin), error,
                next: "Log in again: `gcloud auth application-default login`.")
        }
    }

    private func message(_ error: GoogleAPIError, _ origin: String) -> String {
        if error.message.lowercased().contains("disabled") {
            return "The account or the client of \(origin) is disabled."
        }
        return error.reason == "invalid_grant"
            ? "The login in \(origin) has expired or was revoked."
            : "Google gives no access token for the login in \(origin)."
    }
}
