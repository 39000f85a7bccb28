internal import MigrationKitFoundation
internal import NIOCore
internal import NIOHTTP1
internal import SystemPackage

/// A workload outside of Google that another provider vouches for: its token is exchanged for one of Google's (RFC 8693).
struct ExternalAccount: Sendable {
    private enum Place: Sendable {
        case file(FilePath)
        case url(URL, headers: [String: Secret])
    }

    private let audience: String
    private let tokenType: String
    private let tokenURL: URL
    private let place: Place
    /// The field of the JSON that the provider's token is in; nil if it stands alone.
    private let field: String?

    private static let grantType = "urn:ietf:params:oauth:grant-type:token-exchange"
    private static let accessTokenType = "urn:ietf:params:oauth:token-type:access_token"

    init(_ fields: CredentialFields) throws {
        audience = try fields.text("audience")
        tokenType = try fields.text("subject_token_type")
        tokenURL = try fields.endpoint("token_url")
        guard let source = try fields.object("credential_source") else {
            throw fields.error("`credential_source` is missing in \(fields.file).", next: CredentialFields.again)
        }
        if let file = try source.optionalText("file") {
            place = .file(FilePath(file))
        } else if try source.optionalText("environment_id") == nil, try source.optionalText("url") != nil {
            place = .url(try source.endpoint("url", isOfMachine: true), headers: try source.headers("headers"))
        } else {
            let kind =
                try source.object("executable") != nil
                ? "executable" : source.optionalText("environment_id") != nil ? "aws" : "of an unknown kind"
            throw fields.error(
                "The credential_source of \(fields.file) is \(kind), which is not supported.",
                next: "Use a credential_source with `file` or `url`, or a service account's key.")
        }
        let format = try source.object("format")
        switch try format?.optionalText("type") ?? "text" {
        case "text": field = nil
        case "json": field = try format?.text("subject_token_field_name")
        default:
            throw fields.error(
                "`credential_source.format.type` in \(fields.file) is neither text nor json.",
                next: CredentialFields.again)
        }
    }

    func token(for scopes: [String], _ exchange: TokenExchange) async throws -> AccessToken {
        let subject = try await subjectToken(exchange)
        let start = exchange.now()
        do {
            let form = [
                ("grant_type", Self.grantType), ("audience", audience), ("scope", scopes.joined(separator: " ")),
                ("requested_token_type", Self.accessTokenType), ("subject_token_type", tokenType),
            ]
            let fields = form.map { ($0.0, Secret($0.1)) } + [("subject_token", subject)]
            return try AccessToken(await exchange.post(fields, to: tokenURL), from: start)
        } catch let error as GoogleAPIError {
            throw exchange.refused(
                "Google rejected the token of your identity provider.", error,
                next: "Check that it has not expired, and that the pool in \(exchange.origin) accepts its issuer and "
                    + "audience.")
        }
    }

    /// The provider's token, which is short-lived: read again each time.
    private func subjectToken(_ exchange: TokenExchange) async throws -> Secret {
        let data: Data
        let name: String
        switch place {
        case .file(let path):
            name = path.string
            data = try await BlockingIO.run {
                try SecretFile.read(
                    path,
                    next: "Check that the program that issues tokens to this machine writes it.")
            }
        case .url(let url, let headers):
            var request = HTTPRequest(.GET, url)
            request.headers = HTTPHeaders(headers.map { ($0.key, $0.value.revealed) })
            request.avoidsProxy = url.scheme == "http"
            name = request.host
            do {
                data = Data(try await exchange.send(request, secrets: Array(headers.values)).body.readableBytesView)
            } catch let error as GoogleAPIError {
                throw exchange.refused(
                    "Your identity provider at \(name) does not issue a token.", error,
                    next: "Check `credential_source` in \(exchange.origin).")
            }
        }
        var text: String? = String(decoding: data, as: UTF8.self)
        if let field {
            text = (try? JSONDecoder().decode(JSONValue.self, from: data))?[field]?.text
        }
        let token = text?.trimmed ?? ""
        guard !token.isEmpty else {
            throw MigrationError(
                .unmetRequirement, "\(name) does not issue a token\(field.map { " in the field `\($0)`" } ?? "").",
                next: "Check `credential_source` in \(exchange.origin).")
        }
        return Secret(known: token)
    }
}
