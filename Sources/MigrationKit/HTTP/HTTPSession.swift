internal import AsyncHTTPClient
internal import MigrationKitFoundation
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL

/// HTTP to Google's APIs and to an instance's, by way of the proxy and with the certificate authorities that the
/// environment names.
///
/// One request a connection at a time: over HTTP/2 all parts of an upload would share one.
package final class HTTPSession: Sendable {
    private let direct: HTTPClient
    private let byProxy: [HTTPProxy: HTTPClient]
    private let relays: [HTTPProxy: ProxyRelay]
    private let proxies: HTTPProxySettings
    /// What all requests take.
    private let named: HTTPProxy?
    private let proxyVariable: String?

    private static let connectTimeout = TimeAmount.seconds(20)
    /// More than any upload has parts in flight.
    private static let connectionLimit = 128

    /// What differs from server to server.
    package struct Options {
        /// Whether servers have to have a certificate that this machine trusts. Proxies always have to: they get a
        /// password.
        package var verifiesTLS = true
        /// The way to take, whatever the environment says and wherever it leads: a URL, or the path of a Unix socket.
        package var proxy: Secret?
        /// What names that proxy, for messages.
        var proxyVariable = "SRC_PROXY"

        package init() {}
    }

    /// - Parameters:
    ///   - environment: `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY` and `SSL_CERT_FILE` count.
    ///   - options: What differs from server to server.
    /// - Throws: ``MigrationError`` with code `usage` if one of them cannot be used.
    package init(
        environment: [String: String] = ProcessInfo.processInfo.environment, options: Options = Options()
    ) throws {
        named = try options.proxy.map { try HTTPProxy($0, source: options.proxyVariable) }
        proxyVariable = named.map { _ in options.proxyVariable }
        proxies = try HTTPProxySettings(environment: named == nil ? environment : [:])
        let trusting = try Self.tls(environment)
        var tls = trusting
        if !options.verifiesTLS { tls.certificateVerification = .none }
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls, redirectConfiguration: .disallow,
            timeout: .init(connect: Self.connectTimeout), decompression: .disabled
        )
        configuration.httpVersion = .http1Only
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = Self.connectionLimit
        // Whoever calls knows how long to try again, and says so meanwhile.
        configuration.connectionPool.retryConnectionEstablishment = false
        direct = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        var byProxy: [HTTPProxy: HTTPClient] = [:]
        var relays: [HTTPProxy: ProxyRelay] = [:]
        for proxy in named.map({ [$0] }) ?? proxies.all {
            // The client below speaks to some proxies only by way of a relay.
            relays[proxy] = proxy.needsRelay ? try ProxyRelay(to: proxy, tls: trusting) : nil
            configuration.proxy = (relays[proxy]?.asProxy ?? proxy).setting
            byProxy[proxy] = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        }
        self.byProxy = byProxy
        self.relays = relays
    }

    deinit {
        for client in [direct] + byProxy.values { client.shutdown { _ in withExtendedLifetime(client) {} } }
    }

    /// Sends a request and reads the whole answer, whatever its status.
    ///
    /// - Throws: ``TransientFailure`` if the connection fails, breaks or stalls; ``MigrationError`` if it cannot be
    ///   trusted or the answer is longer than the request allows.
    package func send(_ request: HTTPRequest) async throws -> HTTPReply {
        let proxy = named ?? (request.avoidsProxy ? nil : proxies.proxy(for: request.url))
        let client = proxy.flatMap { byProxy[$0] } ?? direct
        let start = ContinuousClock.now
        do {
            return try await StallWatch.with(limit: request.stallLimit) { watch in
                let response = try await client.execute(request.prepared(watch), deadline: .distantFuture)
                watch.touch()
                var body = ByteBuffer()
                for try await chunk in response.body {
                    watch.touch()
                    if let limit = request.totalLimit, ContinuousClock.now - start > limit {
                        throw TransientFailure(
                            "no response after \(Quantity.duration(limit))", request: .unanswered)
                    }
                    guard body.readableBytes + chunk.readableBytes <= request.replyLimit else {
                        throw MigrationError(.failed, "\(request.host) sent more data than was requested.")
                    }
                    body.writeImmutableBuffer(chunk)
                }
                return HTTPReply(
                    status: Int(response.status.code), headers: response.headers, body: body, host: request.host)
            }
        } catch {
            let relayed = proxy.flatMap { relays[$0] }?.failure(behind: error)
            throw relayed ?? HTTPFailure.meaning(of: error, host: request.host, proxyVariable: proxyVariable)
        }
    }

    private static func tls(_ environment: [String: String]) throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        if let file = try environment.place("SSL_CERT_FILE") {
            do {
                configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(file))
            } catch {
                throw MigrationError(
                    .usage, "SSL_CERT_FILE is \(file.printable), which does not contain valid certificates.",
                    next: "Set it to a file with your certificate authorities in PEM format, or unset it."
                )
            }
        }
        return configuration
    }
}

extension HTTPProxy {
    fileprivate var needsRelay: Bool { kind == .https || kind == .unixSocket }

    fileprivate var setting: HTTPClient.Configuration.Proxy {
        guard kind == .http else { return .socksServer(host: host, port: port) }
        return .server(
            host: host, port: port,
            authorization: user.map { .basic(username: $0, password: password?.revealed ?? "") })
    }
}
