public import Foundation

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

    /// Names an instance; see the properties.
    public init(endpoint: URL, token: Secret? = nil, headers: [String: Secret] = [:], proxy: Secret? = nil) {
        self.endpoint = endpoint
        self.token = token
        self.headers = headers
        self.proxy = proxy
    }

    /// The instance for messages, without what may be a secret.
    public var name: String { endpoint.host().map { $0 + (endpoint.port.map { ":\($0)" } ?? "") } ?? "the instance" }
}
