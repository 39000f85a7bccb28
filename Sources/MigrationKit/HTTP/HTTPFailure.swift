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
    ///   what no repetition mends; else a ``TransientFailure``.
    static func meaning(of error: any Error, host: String, proxyVariable: String? = nil) -> any Error {
        switch error {
        case is MigrationError, is TransientFailure, is CancellationError: return error
        case let failure as SourceFailure: return failure.error
        case let error as HTTPClientError where error == .cancelled: return CancellationError()
        case let error as HTTPClientError where error == .proxyAuthenticationRequired:
            return MigrationError(
                .unmetRequirement, "The proxy on the way to \(host) wants a name and a password.",
                next: "Set them: \(proxyVariable ?? "HTTPS_PROXY")=http://user:password@proxy:port."
            )
        case let error as HTTPClientError where error == .invalidProxyResponse:
            return MigrationError(
                .unmetRequirement, "The proxy does not lead to \(host).",
                next: "Have it allowed there, or "
                    + (proxyVariable.map { "unset \($0)" } ?? "name \(host) in NO_PROXY")
                    + " if it can be reached without."
            )
        case let error as NIOSSLError: return untrusted(host, "\(error)") ?? noTLS(host, error)
        case let error as NIOSSLExtraError where error == .failedToValidateHostname:
            return MigrationError(
                .unmetRequirement, "What answers for \(host) has a certificate for another name.",
                next: "See whether a proxy or a captive portal stands between."
            )
        case is NIOSSLExtraError: return untrusted(host, "CERTIFICATE \(error)") ?? noTLS(host, error)
        case let error as HTTPClientError where error == .connectTimeout:
            return TransientFailure(
                "\(host) cannot be reached: nothing answers there", code: .unreachable, request: .notCarriedOut)
        case let error as HTTPClientError: return TransientFailure(error.shortDescription)
        case let error as NIOConnectionError:
            let reason = error.connectionErrors.first.map { words($0.error) } ?? "its name leads to no address"
            return TransientFailure(
                "\(host) cannot be reached: \(reason)", code: .unreachable, request: .notCarriedOut)
        case let error as IOError where unreachable.contains(error.errnoCode):
            // The others may end a connection that has carried the request.
            let isSent = error.errnoCode != Errno.connectionRefused.rawValue
            return TransientFailure(
                "\(host) cannot be reached: \(words(error))", code: .unreachable,
                request: isSent ? .unknown : .notCarriedOut)
        default: return proxyFailure(error, host: host) ?? TransientFailure("\(host): \(words(error))")
        }
    }

    /// What the HTTP client throws of a proxy, in types that are not public or another package's.
    private static func proxyFailure(_ error: any Error, host: String) -> (any Error)? {
        let type = String(reflecting: type(of: error))
        if type.hasSuffix(".NoResult") { return TransientFailure("the proxy on the way to \(host) hangs up") }
        guard type.hasPrefix("NIOSOCKS.") else { return nil }
        guard type.contains("Authentication") else {
            return TransientFailure("the SOCKS proxy does not lead to \(host): \(error)")
        }
        return MigrationError(
            .unmetRequirement, "The SOCKS proxy on the way to \(host) wants a name and a password.",
            next: "Name one that can be used without, or an HTTP proxy.")
    }

    /// What the system says of those that nobody can connect to.
    private static let unreachable = [
        Errno.connectionRefused, .networkUnreachable, .noRouteToHost, .networkDown, .timedOut,
    ].map(\.rawValue)

    /// The system's words for its errors: NIO's own speak of its insides.
    private static func words(_ error: any Error) -> String {
        (error as? IOError).map { "\(Errno(rawValue: $0.errnoCode))" } ?? "\(error)"
    }

    private static func noTLS(_ host: String, _ error: any Error) -> TransientFailure {
        TransientFailure("\(host) does not speak TLS as it has to: \(error)")
    }

    private static func untrusted(_ host: String, _ text: String) -> MigrationError? {
        guard text.contains("CERTIFICATE") else { return nil }
        return MigrationError(
            .unmetRequirement, "The certificate of \(host) is not signed by an authority that this machine knows.",
            next: "If your company reads TLS on the way, name its certificate authority: SSL_CERT_FILE=/path/ca.pem."
        )
    }
}
