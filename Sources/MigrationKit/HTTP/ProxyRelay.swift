internal import AsyncHTTPClient
internal import MigrationKitFoundation
internal import NIOCore
internal import NIOPosix
internal import NIOSSL

/// Stands on this machine between the HTTP client, which knows proxies only as they are spoken to by plain TCP, and
/// what is reached by other means: a proxy inside of TLS, or a Unix socket.
///
/// What passes is as secret as it was: TLS with the server goes on inside. Nobody else on this machine gets through,
/// for want of a password that is created again for each relay.
final class ProxyRelay: Sendable {
    private let channel: any Channel
    private let way: RelayWay

    /// The relay for the HTTP client: a proxy as it knows them.
    let asProxy: HTTPProxy

    /// Opens the relay's port, which is closed when nobody holds the relay any more.
    ///
    /// - Parameters:
    ///   - proxy: Where it leads: to a proxy inside of TLS, or through a Unix socket.
    ///   - tls: Whom a proxy has to be certified by.
    /// - Throws: ``MigrationError`` if this machine does not let it.
    init(to proxy: HTTPProxy, tls: TLSConfiguration) throws {
        let user = "relay"
        let password = Secret((0..<4).map { _ in String(UInt64.random(in: 0 ... .max), radix: 16) }.joined())
        do {
            way = try RelayWay(to: proxy, tls: tls, password: Secret(Self.basic(user, password)))
            channel = try Self.listen(way)
        } catch {
            throw MigrationError(.failed, "The connection to \(proxy.name) cannot be prepared: \(error).")
        }
        asProxy = HTTPProxy(
            .http, host: channel.localAddress?.ipAddress ?? "127.0.0.1", port: channel.localAddress?.port ?? 0,
            user: user, password: password)
    }

    private static func listen(_ way: RelayWay) throws -> any Channel {
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let (near, far) = RelayPipe.pair()
                    try channel.pipeline.syncOperations.addHandlers(RelayHandshake(way, far: far), near)
                }
            }
        // NIOSSL takes a certificate for the address that it is connected to, whatever host is meant. For 127.0.0.1
        // there may be one; for another loopback address, which not every system has, there is none.
        let address = "127.\(Int.random(in: 1...254)).\(Int.random(in: 0...255)).\(Int.random(in: 1...254))"
        return try (try? bootstrap.bind(host: address, port: 0).wait())
            ?? bootstrap.bind(host: "127.0.0.1", port: 0).wait()
    }

    deinit { channel.close(promise: nil) }

    /// What kept the relay from opening the way, if that is what the HTTP client's error comes of.
    func failure(behind error: any Error) -> (any Error)? {
        guard let error = error as? HTTPClientError, error == .invalidProxyResponse else { return nil }
        return way.takeFailure()
    }

    /// A password as it stands in the header.
    static func basic(_ user: String, _ password: Secret?) -> String {
        "Basic \(Data("\(user):\(password?.revealed ?? "")".utf8).base64EncodedString())"
    }
}
