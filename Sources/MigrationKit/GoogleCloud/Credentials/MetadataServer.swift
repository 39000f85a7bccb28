internal import MigrationKitFoundation
internal import NIOHTTP1

/// What machines in Google Cloud ask for a token of their own service account.
struct MetadataServer: Sendable {
    /// With its port, if there is one.
    let host: String
    private let url: URL
    private let isNamed: Bool
    /// Where credentials were looked for before.
    private let searched: [String]

    private static let standard = "metadata.google.internal"
    /// It speaks no TLS, and need not: no packet to it leaves the machine.
    static let names = [standard, "169.254.169.254"]
    /// Elsewhere than in Google Cloud nobody answers.
    private static let patience = Duration.seconds(3)

    init(environment: [String: String], searched: [String]) throws {
        let named = try environment.place("GCE_METADATA_HOST")
        isNamed = named != nil
        host = named ?? Self.standard
        self.searched = searched
        let path = "/computeMetadata/v1/instance/service-accounts/default/token"
        guard let url = URL(string: "http://\(host)\(path)"), url.host() != nil, url.path() == path else {
            throw MigrationError(
                .usage, "GCE_METADATA_HOST is not a server.", next: "Unset it, or write it as host or host:port.")
        }
        self.url = url
    }

    func token(for scopes: [String], _ exchange: TokenExchange) async throws -> AccessToken {
        let start = exchange.now()
        let query = URLQueryItem(name: "scopes", value: scopes.joined(separator: ","))
        var request = HTTPRequest(.GET, url.appending(queryItems: [query]))
        request.headers = ["Metadata-Flavor": "Google"]
        request.avoidsProxy = true
        if exchange.isFirst { request.stallLimit = Self.patience }
        let reply: HTTPReply
        do {
            reply = try await exchange.http.send(request)
        } catch let failure as TransientFailure where exchange.isFirst {
            throw Self.nothingFound(searched + ["the metadata server \(host) does not respond: \(failure.reason)"])
        }
        // Some networks have an answer to every name.
        guard isNamed || reply["Metadata-Flavor"] == "Google" else {
            throw Self.nothingFound(searched + ["\(host) is not a metadata server here"])
        }
        do {
            return try AccessToken(exchange.checked(reply), from: start)
        } catch let error as GoogleAPIError {
            throw exchange.refused(
                error.status == 404
                    ? "This machine has no service account." : "The metadata server gives no access token.",
                error, next: "Attach a service account to the machine, or use a key: --credentials=FILE."
            )
        }
    }

    static func nothingFound(_ searched: [String]) -> MigrationError {
        MigrationError(
            .unmetRequirement, "No Google credentials were found.",
            next: "Use a service account's key, --credentials=FILE, or run `gcloud auth application-default login`.",
            details: searched
        )
    }
}
