internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import Synchronization

/// Where a relay leads, and what went wrong on the way.
final class RelayWay: Sendable {
    let proxy: HTTPProxy
    let tls: NIOSSLContext?
    /// What the HTTP client has to say before it is let through.
    let password: Secret
    private let lastFailure = Mutex<(any Error)?>(nil)

    /// Shorter than the HTTP client's own patience, so that the reason is known by then.
    private static let connectTimeout = TimeAmount.seconds(15)

    init(to proxy: HTTPProxy, tls: TLSConfiguration, password: Secret) throws {
        var tls = tls
        tls.applicationProtocols = ["http/1.1"]
        self.proxy = proxy
        self.tls = proxy.kind == .https ? try NIOSSLContext(configuration: tls) : nil
        self.password = password
    }

    /// A connection on the way, with the handler at its end.
    func open(_ pipe: RelayPipe, on eventLoop: any EventLoop) -> EventLoopFuture<any Channel> {
        let pipe = NIOLoopBound(pipe, eventLoop: eventLoop)
        let bootstrap = ClientBootstrap(group: eventLoop).connectTimeout(Self.connectTimeout)
            .channelInitializer { [proxy, tls] channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls {
                        let isAddress = (try? SocketAddress(ipAddress: proxy.host, port: 0)) != nil
                        try pipeline.addHandler(
                            NIOSSLClientHandler(context: tls, serverHostname: isAddress ? nil : proxy.host))
                    }
                    try pipeline.addHandler(pipe.value)
                }
            }
        guard proxy.kind == .unixSocket else { return bootstrap.connect(host: proxy.host, port: proxy.port) }
        return bootstrap.connect(unixDomainSocketPath: proxy.host)
    }

    /// What a proxy has to be told before it leads to a server; nothing for a socket, which leads there by itself.
    func request(for target: String) -> String? {
        guard proxy.kind == .https else { return nil }
        let header = proxy.user.map { "Proxy-Authorization: \(ProxyRelay.basic($0, proxy.password))\r\n" } ?? ""
        return "CONNECT \(target) HTTP/1.1\r\nHost: \(target)\r\n\(header)\r\n"
    }

    func failed(_ error: any Error) {
        let meaning =
            error as? ChannelError == .eof
            ? TransientFailure("\(proxy.name) closed the connection") : HTTPFailure.meaning(of: error, host: proxy.name)
        guard proxy.kind == .unixSocket, let failure = meaning as? TransientFailure else {
            return lastFailure.withLock { $0 = meaning }
        }
        // A program on this machine is there or not: nothing fixes that by itself.
        let error = MigrationError(
            .unmetRequirement, "The proxy is not reachable: \(failure.reason).",
            next: "Check that the proxy program is running and that the path is correct.")
        lastFailure.withLock { $0 = error }
    }

    func takeFailure() -> (any Error)? {
        lastFailure.withLock { failure in
            defer { failure = nil }
            return failure
        }
    }
}
