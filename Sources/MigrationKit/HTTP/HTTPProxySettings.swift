internal import MigrationKitFoundation

/// Which proxy a request takes: `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, in capitals or not, as curl and Go read them.
package struct HTTPProxySettings: Sendable {
    private var forHTTPS: HTTPProxy?
    private var forHTTP: HTTPProxy?
    private var exceptions: [Substring]

    /// Every proxy that is named.
    var all: Set<HTTPProxy> { Set([forHTTPS, forHTTP].compactMap(\.self)) }

    /// - Throws: ``MigrationError`` with code `usage` if one is named that cannot be used; its URL may hold a password
    ///   and is not shown.
    init(environment: [String: String]) throws {
        func value(_ name: String) -> String? {
            [name, name.lowercased()].compactMap { environment[$0] }.first { !$0.isEmpty }
        }
        forHTTPS = try value("HTTPS_PROXY").map { try Self.proxy($0, name: "HTTPS_PROXY") }
        forHTTP = try value("HTTP_PROXY").map { try Self.proxy($0, name: "HTTP_PROXY") }
        exceptions = (value("NO_PROXY") ?? "").split { $0 == "," || $0 == " " }
    }

    private static func proxy(_ text: String, name: String) throws -> HTTPProxy {
        let url = text.contains("://") ? text : "http://\(text)"
        let isTLS = url.hasPrefix("https://")
        guard isTLS || url.hasPrefix("http://"),
            let proxy = HTTPProxy(url: url, isTLS ? .https : .http, defaultPort: isTLS ? 443 : 80)
        else {
            throw MigrationError(
                .usage, "\(name) is not a valid proxy.",
                next: "Write it as http://[user:password@]host:port, or as https://….")
        }
        return proxy
    }

    /// The proxy on the way to a URL; nil if there is none.
    func proxy(for url: URL) -> HTTPProxy? {
        guard let host = url.host()?.lowercased(), !Self.isLoopback(host) else { return nil }
        let isHTTPS = url.scheme == "https"
        let port = url.port ?? (isHTTPS ? 443 : 80)
        let isExcepted = exceptions.contains { Self.covers($0.lowercased(), host: host, port: port) }
        return isExcepted ? nil : isHTTPS ? forHTTPS : forHTTP
    }

    package static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "::1" || host == "[::1]"
            || (host.hasPrefix("127.") && host.allSatisfy { $0 == "." || $0.isNumber })
    }

    /// A name stands for itself and all below it; `*` for everything.
    private static func covers(_ exception: String, host: String, port: Int) -> Bool {
        var name = exception[...]
        if let colon = name.lastIndex(of: ":"), let number = Int(name[name.index(after: colon)...]) {
            guard number == port else { return false }
            name = name[..<colon]
        }
        if name == "*" { return true }
        for prefix in ["*.", "."] where name.hasPrefix(prefix) { name = name.dropFirst(prefix.count) }
        return !name.isEmpty && (host == name || host.hasSuffix(".\(name)"))
    }
}
