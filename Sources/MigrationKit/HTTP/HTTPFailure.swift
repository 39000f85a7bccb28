internal import AsyncHTTPClient
internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import SystemPackage

/// What the errors of the HTTP client and the layers below it mean.
enum HTTPFailure {
    /// - Parameters:
    ///   - error: What was thrown.
    ///   - host: The server, for messages.
    ///   - proxyVariable: What names a proxy to take whatever host it is; nil if the environment's names one by host.
    /// - Returns: The error itself if it is one of ours or says that the task was cancelled; a ``MigrationError`` for
    ///   what no repetition fixes; else a ``TransientFailure``.
    static func meaning(of error: any Error, host: String, proxyVariable: String? = nil) -> any Error {
        switch error {
        case is MigrationError, is TransientFailure, is CancellationError: return error
        case let failure as SourceFailure: return failure.error
        case let error as HTTPClientError where error == .cancelled: return CancellationError()
        case let error as HTTPClientError where error == .proxyAuthenticationRequired:
            return MigrationError(
                .unmetRequirement, "The proxy for \(host) requires a user name and a password.",
                next: "Set them: \(proxyVariable ?? "HTTPS_PROXY")=http://user:password@proxy:port."
            )
        case let error as HTTPClientError where error == .invalidProxyResponse:
            return MigrationError(
                .unmetRequirement, "The proxy refused to connect to \(host).",
                next: "Allow \(host) in the proxy, or "
                    + (proxyVariable.map { "unset \($0)" } ?? "add \(host) to NO_PROXY")
                    + " if it can be reached without the proxy."
            )
        case let error as NIOSSLError: return untrusted(host, "\(error)") ?? noTLS(host, error)
        case let error as NIOSSLExtraError where error == .failedToValidateHostname:
            return MigrationError(
                .unmetRequirement, "The server at \(host) has a certificate for another name.",
                next: "Check for a proxy or captive portal between this machine and \(host)."
            )
        case is NIOSSLExtraError: return untrusted(host, "CERTIFICATE \(error)") ?? noTLS(host, error)
        case let error as HTTPClientError where error == .connectTimeout:
            return TransientFailure(
                "cannot connect to \(host): connection timed out", code: .unreachable, request: .notCarriedOut)
        case let error as HTTPClientError where handshakes.contains(error):
            return TransientFailure(
                "cannot connect to \(host): \(error.shortDescription)", code: .unreachable, request: .notCarriedOut)
        case let error as HTTPClientError: return TransientFailure(error.shortDescription)
        case let error as NIOConnectionError:
            let reason = error.connectionErrors.first.map { "cannot connect to \(host): \(words($0.error))" }
            return TransientFailure(
                reason ?? "cannot resolve host name \(host)", code: .unreachable, request: .notCarriedOut)
        case let error as IOError where unreachable.contains(error.errnoCode):
            // The others may end a connection that has carried the request.
            let isSent = error.errnoCode != Errno.connectionRefused.rawValue
            return TransientFailure(
                "cannot connect to \(host): \(words(error))", code: .unreachable,
                request: isSent ? .unknown : .notCarriedOut)
        default: return proxyFailure(error, host: host) ?? TransientFailure("\(host): \(words(error))")
        }
    }

    /// What the HTTP client throws of a proxy, in types that are not public or another package's.
    private static func proxyFailure(_ error: any Error, host: String) -> (any Error)? {
        let type = String(reflecting: type(of: error))
        if type.hasSuffix(".NoResult") {
            return TransientFailure("the proxy for \(host) closed the connection", code: .unreachable)
        }
        guard type.hasPrefix("NIOSOCKS.") else { return nil }
        guard type.contains("Authentication") else {
            return TransientFailure("the SOCKS proxy cannot connect to \(host): \(error)", code: .unreachable)
        }
        return MigrationError(
            .unmetRequirement, "The SOCKS proxy for \(host) requires a user name and a password.",
            next: "Use a SOCKS proxy without authentication, or an HTTP proxy.")
    }

    /// Somebody answers there who says nothing.
    private static let handshakes: [HTTPClientError] = [
        .tlsHandshakeTimeout, .httpProxyHandshakeTimeout, .socksHandshakeTimeout, .getConnectionFromPoolTimeout,
    ]

    /// What the system says of those that nobody can connect to.
    private static let unreachable = [
        Errno.connectionRefused, .networkUnreachable, .noRouteToHost, .networkDown, .timedOut,
    ].map(\.rawValue)

    /// The system's words for its errors: NIO's own speak of its insides.
    private static func words(_ error: any Error) -> String {
        guard let error = error as? IOError else { return "\(error)" }
        let text = "\(Errno(rawValue: error.errnoCode))"
        return text.prefix(1).lowercased() + text.dropFirst()
    }

    private static func noTLS(_ host: String, _ error: any Error) -> TransientFailure {
        TransientFailure("TLS error with \(host): \(error)")
    }

    private static func untrusted(_ host: String, _ text: String) -> MigrationError? {
        guard text.contains("CERTIFICATE") else { return nil }
        return MigrationError(
            .unmetRequirement, "The certificate of \(host) is not signed by an authority that this machine trusts.",
            next: "If your company intercepts TLS, set its certificate authority: SSL_CERT_FILE=/path/ca.pem."
        )
    }
}
