/// The kinds of credentials: what each holds, and how a token is had for it.
indirect enum CredentialSource: Sendable {
    case serviceAccount(ServiceAccountKey)
    case authorizedUser(AuthorizedUser)
    case metadataServer(MetadataServer)
    case external(ExternalAccount)
    case impersonated(Impersonation, by: CredentialSource)

    /// - Throws: ``MigrationError`` with code `usage` that names the kind if it is none of these, or the field that is
    ///   not what it has to be.
    init(_ fields: CredentialFields) throws {
        switch try fields.optionalText("type") {
        case "service_account": self = .serviceAccount(try ServiceAccountKey(fields))
        case "authorized_user": self = .authorizedUser(try AuthorizedUser(fields))
        case "external_account":
            let external = Self.external(try ExternalAccount(fields))
            let impersonation = try Impersonation(
                fields, lifetime: fields.object("service_account_impersonation")?.seconds("token_lifetime_seconds"))
            self = impersonation.map { .impersonated($0, by: external) } ?? external
        case "impersonated_service_account":
            guard let inner = try fields.object("source_credentials"), let impersonation = try Impersonation(fields)
            else {
                throw fields.error(
                    "`source_credentials` or `service_account_impersonation_url` is missing in \(fields.file).",
                    next: CredentialFields.again)
            }
            let source = try Self(inner)
            if case .impersonated = source {
                throw fields.error(
                    "\(fields.file) impersonates an account that impersonates another.",
                    next: "List the accounts in between in `delegates`.")
            }
            self = .impersonated(impersonation, by: source)
        case "external_account_authorized_user":
            throw fields.error(
                "\(fields.file) has the type external_account_authorized_user, a workforce pool login, which is not "
                    + "supported.", next: Self.instead)
        case "gdch_service_account":
            throw fields.error(
                "\(fields.file) has the type gdch_service_account, for Google Distributed Cloud, which is not "
                    + "supported.", next: Self.instead)
        case let kind?:
            throw fields.error("\(fields.file) has an unknown type: \(kind.prefix(60)).", next: Self.instead)
        case nil: throw fields.error("\(fields.file) contains no credentials: `type` is missing.", next: Self.instead)
        }
    }

    static let instead = """
        Use a service account's key (type service_account), or `gcloud auth application-default login`.
        """

    /// The account's e-mail address, where it is known.
    var account: String? {
        switch self {
        case .serviceAccount(let key): key.email
        case .authorizedUser(let user): user.email
        case .impersonated(let impersonation, _): impersonation.email
        case .metadataServer, .external: nil
        }
    }

    /// Whether who reads the file can take the account's place.
    var holdsSecrets: Bool {
        switch self {
        case .serviceAccount, .authorizedUser: true
        case .metadataServer, .external: false
        case .impersonated(_, let source): source.holdsSecrets
        }
    }

    /// Asks for a token.
    ///
    /// - Throws: ``TransientFailure`` if it may go well the next time, else ``MigrationError``.
    func token(for scopes: [String], _ exchange: TokenExchange) async throws -> AccessToken {
        switch self {
        case .serviceAccount(let key): try await key.token(for: scopes, exchange)
        case .authorizedUser(let user): try await user.token(exchange)
        case .metadataServer(let server): try await server.token(for: scopes, exchange)
        case .external(let account): try await account.token(for: scopes, exchange)
        case .impersonated(let impersonation, let source):
            try await impersonation.token(
                for: scopes, as: source.token(for: [Impersonation.scope], exchange).secret, exchange)
        }
    }
}
