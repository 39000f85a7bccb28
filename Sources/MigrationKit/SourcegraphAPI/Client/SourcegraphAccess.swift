public import MigrationKitFoundation

/// Where an instance is, and as whom it is asked.
public struct SourcegraphAccess: Sendable {
    /// Scheme, host, port and path, without a slash at the end: `https://sourcegraph.example.com`.
    public var endpoint: URL
    /// An access token; nil: nobody.
    public var token: Secret?
    /// Headers of every request, such as those that a gateway in front of the instance wants.
    public var headers: [String: Secret]
    /// The way to the instance, in place of what `HTTPS_PROXY` and its like say: a URL (`http`, `https`, `socks5`,
    /// `socks5h`), which may hold a password, or the path of a Unix socket.
    public var proxy: Secret?
    /// What is not right but no reason to stop, a sentence each.
    public var warnings: [String] = []

    /// Names an instance; see the properties.
    public init(endpoint: URL, token: Secret? = nil, headers: [String: Secret] = [:], proxy: Secret? = nil) {
        self.endpoint = endpoint
        self.token = token
        self.headers = headers
        self.proxy = proxy
    }

    /// The instance for messages, without what may be a secret.
    public var name: String {
        guard let host = endpoint.plainHost else { return "the instance" }
        return (host.contains(":") ? "[\(host)]" : host) + (endpoint.port.map { ":\($0)" } ?? "")
    }
}

extension SourcegraphAccess {
    /// A text of the server's without what it must not show, should the server have sent it back.
    func masking(_ text: String) -> String {
        secrets.reduce(text) { $0.replacing($1, with: "<redacted>") }.redacted
    }

    /// An error without what the server must not have sent back.
    func masking(_ error: any Error) -> any Error {
        switch error {
        case var error as MigrationError:
            error.message = masking(error.message)
            error.details = error.details.map { masking($0) }
            error.next = error.next.map { masking($0) }
            return error
        case var failure as TransientFailure:
            failure.reason = masking(failure.reason)
            return failure
        case let errors as GraphQLErrors: return GraphQLErrors(messages: errors.messages.map { masking($0) })
        default: return error
        }
    }

    /// A header's value is often a word that may be read, with the secret behind it: `Bearer …`. One that is shorter than
    /// any secret would mask half the text.
    private var secrets: [String] {
        let values = headers.values.map(\.revealed)
        let words = values.compactMap { $0.split(separator: " ").last.map(String.init) }
        return ([token?.revealed].compactMap(\.self) + (values + words).filter { $0.utf8.count > 5 })
            .filter { !$0.isEmpty }
    }
}
