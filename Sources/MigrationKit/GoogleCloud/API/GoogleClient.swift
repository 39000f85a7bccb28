package import MigrationKitFoundation
package import NIOHTTP1

/// Requests to one of Google's APIs: its address, the token, and one new token where the server takes the old no more.
package struct GoogleClient: Sendable {
    /// Such as `https://storage.googleapis.com`.
    let endpoint: String
    let http: HTTPSession
    /// Nil: the server asks for none.
    let tokens: AccessTokens?
    let quotaProject: String?
    /// With no byte moving for so long a connection counts as dead.
    let stallLimit: Duration
    /// Whose rights count, for messages.
    package let account: String

    /// How an API is reached.
    package struct Options: Sendable {
        /// How long is tried again.
        package var retry = RetryPolicy()
        /// With no byte moving for so long a connection counts as dead.
        package var stallLimit = Duration.seconds(60)

        package init() {}
        /// Is told in a sentence of what went wrong and is tried again.
        package var onNotice: @Sendable (MigrationNotice) -> Void = { _ in }
    }

    /// An API of Google's.
    ///
    /// - Parameters:
    ///   - api: The first part of its host's name: `sqladmin`.
    ///   - override: The variable that names another server in its place, as gcloud has it.
    ///   - scopes: What tokens are for, as Google's URLs.
    ///   - environment: `override`, and the proxy's and certificates' variables count.
    /// - Throws: ``MigrationError`` with code `usage` if the environment cannot be used.
    package init(
        _ api: String, override: String, scopes: [String], credentials: GoogleCredentials,
        options: Options = Options(), environment: [String: String]
    ) throws {
        let endpoint = try environment.place(override) ?? "https://\(api).\(credentials.universeDomain)"
        guard let url = URL(string: endpoint), let host = url.host(),
            url.scheme == "https" || HTTPProxySettings.isLoopback(host)
        else {
            throw MigrationError(
                .usage, "\(override) is `\(endpoint.printable)`, which is not https.",
                next: "Tokens are only sent over https: write https://host, or unset it."
            )
        }
        let http = try HTTPSession(environment: environment)
        let tokens = AccessTokens(
            credentials, scopes: scopes, http: http, retry: Retry(options.retry, onNotice: options.onNotice))
        self.init(
            endpoint: endpoint, http: http, tokens: tokens, quotaProject: credentials.quotaProject,
            stallLimit: options.stallLimit, account: credentials.account ?? "this key")
    }

    /// A server that asks for no token, where `tokens` is nil.
    package init(
        endpoint: String, http: HTTPSession, tokens: AccessTokens? = nil, quotaProject: String? = nil,
        stallLimit: Duration, account: String = "this key"
    ) {
        self.endpoint = String(endpoint.reversed().drop { $0 == "/" }.reversed())
        self.http = http
        self.tokens = tokens
        self.quotaProject = quotaProject
        self.stallLimit = stallLimit
        self.account = account
    }

    /// A request that does not wait for a dead connection for longer than it was asked to.
    package func request(
        _ method: HTTPMethod, _ url: URL, headers: HTTPHeaders = [:], body: HTTPRequest.Body = .none
    ) -> HTTPRequest {
        var request = HTTPRequest(method, url, headers: headers, body: body)
        request.stallLimit = stallLimit
        return request
    }

    /// Sends a request.
    ///
    /// - Parameters:
    ///   - retry: Whose end is the end of waiting for a token, where the task itself is not cancelled.
    ///   - request: Makes it, once or twice.
    package func send(
        waitingWith retry: Retry? = nil, _ request: () async throws -> HTTPRequest
    ) async throws -> HTTPReply {
        guard let tokens else { return try await http.send(try await request()) }
        func token() async throws -> Secret {
            guard let retry else { return try await tokens.token() }
            return try await retry.untilStopped { try await tokens.token() }
        }
        let first = try await token()
        let reply = try await http.send(authorized(try await request(), first))
        guard reply.status == 401 else { return reply }
        await tokens.discard(first)
        return try await http.send(authorized(try await request(), token()))
    }

    /// Sends a request that carries its own right in its address.
    package func sendUnauthorized(_ request: () async throws -> HTTPRequest) async throws -> HTTPReply {
        try await http.send(try await request())
    }

    private func authorized(_ request: HTTPRequest, _ token: Secret) -> HTTPRequest {
        var request = request
        request.headers.replaceOrAdd(name: "Authorization", value: "Bearer \(token.revealed)")
        if let quotaProject { request.headers.replaceOrAdd(name: "X-Goog-User-Project", value: quotaProject) }
        return request
    }

    // MARK: Addresses

    /// The address of a path.
    ///
    /// - Parameters:
    ///   - path: It, from its slash on, percent-encoded.
    ///   - query: Names and values; one without value stands alone.
    package func url(_ path: String, _ query: [(String, String?)] = []) throws -> URL {
        let items = query.map { name, value in value.map { "\(name)=\(Self.encoded($0))" } ?? name }
        let text = endpoint + path + (items.isEmpty ? "" : "?" + items.joined(separator: "&"))
        guard let url = URL(string: text) else {
            throw MigrationError(.usage, "`\(endpoint.printable)` is not a server's URL.")
        }
        return url
    }

    /// Whether an address that the server gave is its own: bytes and rights go nowhere else.
    package func isOwn(_ url: URL) -> Bool {
        guard let own = URL(string: endpoint) else { return false }
        return url.scheme == own.scheme && url.host() == own.host() && url.port == own.port
    }

    /// A name as a part of a path, or a value of a query.
    package static func encoded(_ text: String, keeping: String = "") -> String {
        text.percentEncoded(keeping: "-._~" + keeping)
    }
}
