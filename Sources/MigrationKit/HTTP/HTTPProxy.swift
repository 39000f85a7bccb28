internal import MigrationKitFoundation
internal import NIOCore

/// What stands on the way to a server because somebody named it.
package struct HTTPProxy: Sendable, Hashable {
    /// How it is spoken to.
    package enum Kind: Sendable, Hashable {
        /// CONNECT, as it is.
        case http
        /// CONNECT inside of TLS.
        case https
        /// SOCKS 5; the proxy looks names up, as Go's programs let it for `socks5` and `socks5h` alike.
        case socks
        /// A socket whose other end is the server itself.
        case unixSocket
    }

    package var kind: Kind
    /// The path of a Unix socket.
    var host: String
    var port: Int
    var user: String?
    var password: Secret?

    init(_ kind: Kind, host: String, port: Int = 0, user: String? = nil, password: Secret? = nil) {
        self.kind = kind
        self.host = host
        self.port = port
        self.user = user
        self.password = password
    }

    /// The proxy for messages.
    var name: String { kind == .unixSocket ? "the socket \(host)" : "the proxy \(host)" }

    /// Reads what `SRC_PROXY` and the like say.
    ///
    /// Source for the forms: src-cli, cmd/src/main.go (`readConfig`). A URL of `https` means TLS to the proxy here, as
    /// it does for curl and Go; src itself speaks plainly to it.
    ///
    /// - Parameters:
    ///   - text: A URL, which may hold a password, or the path of a Unix socket.
    ///   - source: What says so, for messages: `SRC_PROXY`.
    /// - Throws: ``MigrationError`` with code `usage`; what was read is not shown.
    package init(_ text: Secret, source: String) throws {
        let parts = text.revealed.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0] != "unix" else {
            let path = String(parts[parts.count - 1])
            // Who forgets the scheme would else read that there is no such socket.
            let isAddress = parts.count == 1 && path.wholeMatch(of: /[^\/]*:[0-9]+/) != nil
            guard !isAddress, !path.isEmpty, (try? SocketAddress(unixDomainSocketPath: path)) != nil else {
                throw Self.unusable(source)
            }
            self.init(.unixSocket, host: path)
            return
        }
        guard let scheme = Self.schemes[parts[0].lowercased()],
            let proxy = Self(url: text.revealed, scheme.kind, defaultPort: scheme.port)
        else { throw Self.unusable(source) }
        guard proxy.kind != .socks || proxy.user == nil else {
            throw MigrationError(
                .usage, "\(source) has a user name for a SOCKS proxy, which is not supported.",
                next: "Remove the user name and the password, or use an HTTP proxy."
            )
        }
        self = proxy
    }

    /// Reads a URL; nil if it names no host.
    init?(url text: String, _ kind: Kind, defaultPort: Int) {
        guard let url = URL(string: text), let host = url.plainHost, (1...65535).contains(url.port ?? defaultPort)
        else { return nil }
        self.init(
            kind, host: host, port: url.port ?? defaultPort, user: url.user(percentEncoded: false),
            password: url.password(percentEncoded: false).map { Secret(known: $0) })
    }

    private static let schemes: [String: (kind: Kind, port: Int)] = [
        "http": (.http, 80), "https": (.https, 443),
        "socks": (.socks, 1080), "socks5": (.socks, 1080), "socks5h": (.socks, 1080),
    ]

    private static func unusable(_ source: String) -> MigrationError {
        MigrationError(
            .usage, "\(source) is not a valid proxy.",
            next: "Write it as http://[user:password@]host:port (or https, socks5, socks5h), or as the path of a Unix "
                + "socket.")
    }
}

extension URL {
    /// The host without the brackets that some systems leave around an IPv6 address; nil if there is none.
    package var plainHost: String? {
        guard let host = host(), !host.isEmpty else { return nil }
        return host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
    }
}
