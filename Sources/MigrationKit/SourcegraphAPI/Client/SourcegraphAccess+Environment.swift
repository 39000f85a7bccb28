public import MigrationKitFoundation
public import SystemPackage

extension SourcegraphAccess {
    /// Reads from the environment and a file what users of `src` have set.
    ///
    /// `SRC_ENDPOINT`, `SRC_ACCESS_TOKEN`, `SRC_PROXY`, `SRC_HEADERS` and `SRC_HEADER_NAME` come before what the file
    /// says. Unlike `src`, nothing stands in for an endpoint that is not named.
    ///
    /// Source for the names, what comes before what, and the words of what is refused, which scripts may look for:
    /// src-cli, cmd/src/main.go and cmd/src/headers.go.
    ///
    /// - Parameters:
    ///   - endpoint: The instance's address, whatever else is set.
    ///   - config: A file of JSON with `endpoint`, `accessToken`, `additionalHeaders` and `proxy`; nil:
    ///     `~/src-config.json`, if there is one. One that is named is not mixed: the environment has to give both
    ///     address and token then, or neither.
    ///   - environment: The variables above, `HOME` and `CI`.
    /// - Returns: The access; nobody has been asked yet whether it is valid.
    /// - Throws: ``MigrationError`` with code `usage` that names the variable or file, and shows none of its secrets.
    public static func read(
        endpoint: String? = nil, config: FilePath? = nil,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> SourcegraphAccess {
        let file = try SourcegraphConfigFile(config, environment: environment)
        let address = environment.value("SRC_ENDPOINT")
        if config != nil, (address == nil) != (environment.value("SRC_ACCESS_TOKEN") == nil) {
            throw MigrationError(
                .usage, "when using a configuration file, zero or all environment variables must be set.",
                next: "Set SRC_ENDPOINT and SRC_ACCESS_TOKEN both, or neither."
            )
        }
        let named = endpoint.map { ($0, "The endpoint") } ?? address.map { ($0, "SRC_ENDPOINT") } ?? file.endpoint
        guard let (text, source) = named else {
            throw MigrationError(
                .usage, "SRC_ENDPOINT is not set.",
                next:
                    "Set SRC_ENDPOINT=https://sourcegraph.example.com, and SRC_ACCESS_TOKEN to a site admin's token."
            )
        }
        var access = SourcegraphAccess(endpoint: try Self.endpoint(text, source: source))
        let token = environment.value("SRC_ACCESS_TOKEN").map { ($0, "SRC_ACCESS_TOKEN") } ?? file.token
        access.token = try token.map { try Self.token($0, source: $1) }
        let headers = try SourcegraphHeaders(environment: environment, file: file)
        access.headers = headers.values
        let proxy = environment.value("SRC_PROXY").map { ($0, "SRC_PROXY") } ?? file.proxy
        access.proxy = try proxy.map { try Self.proxy($0, source: $1, environment: environment) }
        try access.check(environment)
        access.warnings = file.warnings + headers.warnings + access.doubts
        return access
    }

    private func check(_ environment: [String: String]) throws {
        if token != nil, headers["authorization"] != nil {
            throw MigrationError(
                .usage, "when passing an 'Authorization' additional headers, SRC_ACCESS_TOKEN must never be set.",
                next: "Unset SRC_ACCESS_TOKEN, or remove the header from SRC_HEADER_AUTHORIZATION, SRC_HEADERS or "
                    + "`additionalHeaders`.")
        }
        if token == nil, environment.value("CI") != nil {
            throw MigrationError(
                .usage, "CI is true and SRC_ACCESS_TOKEN is not set or empty.",
                next: "Set SRC_ACCESS_TOKEN, or unset CI.")
        }
    }

    private var doubts: [String] {
        guard endpoint.scheme == "http", let host = endpoint.plainHost, !HTTPProxySettings.isLoopback(host),
            token != nil || !headers.isEmpty,
            (try? proxy.map { try HTTPProxy($0, source: "") })??.kind != .unixSocket
        else { return [] }
        return ["The connection to \(name) is not encrypted: others can read the access token."]
    }

    /// - Throws: ``MigrationError`` with code `usage`; a text that may hold a password is not shown.
    static func endpoint(_ text: String, source: String) throws -> URL {
        func refused(_ problem: String) -> MigrationError {
            MigrationError(
                .usage, "\(source) \(problem).", next: "Write it as https://sourcegraph.example.com.")
        }
        let text = text.trimmed
        guard text.contains("://") else { throw refused("has no scheme") }
        guard var parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased() else {
            throw refused("is not a URL")
        }
        guard ["http", "https"].contains(scheme) else { throw refused("is neither http nor https") }
        guard parts.query == nil, parts.fragment == nil else { throw refused("has a query or a fragment") }
        // What stands before an @ is sent nowhere, and would be seen in messages.
        (parts.scheme, parts.user, parts.password) = (scheme, nil, nil)
        while parts.path.hasSuffix("/") { parts.path.removeLast() }
        guard let url = parts.url, url.plainHost != nil else { throw refused("has no host") }
        guard (1...65535).contains(url.port ?? 443) else { throw refused("has an invalid port") }
        return url
    }

    private static func token(_ text: String, source: String) throws -> Secret {
        let token = text.trimmed
        guard token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw MigrationError(
                .usage, "\(source) is not a valid access token: it contains spaces or non-ASCII characters.",
                next: "Set it to the token exactly as the instance showed it.")
        }
        return Secret(known: token)
    }

    private static func proxy(_ text: String, source: String, environment: [String: String]) throws -> Secret {
        let isMarked = text.hasPrefix("unix://")
        let path = isMarked ? String(text.dropFirst("unix://".count)) : text
        let proxy = Secret(path.expandingHome(environment))
        // A relative path stays what it is, and a URL never begins with a tilde.
        let marked = isMarked ? Secret("unix://\(proxy.revealed)") : proxy
        _ = try HTTPProxy(marked, source: source)
        return marked
    }
}

extension String {
    /// A path with the home folder in place of `~/`.
    package func expandingHome(_ environment: [String: String]) -> String {
        guard hasPrefix("~/"), let home = environment.value("HOME") else { return self }
        return "\(home)/\(dropFirst(2))"
    }
}
