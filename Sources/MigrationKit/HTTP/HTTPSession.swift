internal import AsyncHTTPClient
internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL

/// HTTP to Google's APIs and to an instance's, by way of the proxy and with the certificate authorities that the environment names.
///
/// One request a connection at a time: over HTTP/2 all parts of an upload would share one.
final class HTTPSession: Sendable {
    private let direct: HTTPClient
    private let byProxy: [HTTPProxySettings.Proxy: HTTPClient]
    private let proxies: HTTPProxySettings

    private static let connectTimeout = TimeAmount.seconds(20)
    /// More than any upload has parts in flight.
    private static let connectionLimit = 128

    /// What differs from server to server.
    struct Options {
        /// Whether servers have to have a certificate that this machine trusts.
        var verifiesTLS = true
        /// The way to take, whatever the environment says.
        var proxy: Secret?
    }

    /// - Parameters:
    ///   - environment: `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY` and `SSL_CERT_FILE` count.
    ///   - options: What differs from server to server.
    /// - Throws: ``MigrationError`` with code `usage` if one of them cannot be used.
    init(
        environment: [String: String] = ProcessInfo.processInfo.environment, options: Options = Options()
    ) throws {
        proxies = try HTTPProxySettings(environment: environment)
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: try Self.tls(environment, options), redirectConfiguration: .disallow,
            timeout: .init(connect: Self.connectTimeout), decompression: .disabled
        )
        configuration.httpVersion = .http1Only
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = Self.connectionLimit
        // Whoever calls knows how long to try again, and says so meanwhile.
        configuration.connectionPool.retryConnectionEstablishment = false
        direct = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        var byProxy: [HTTPProxySettings.Proxy: HTTPClient] = [:]
        for proxy in proxies.all {
            configuration.proxy = .server(
                host: proxy.host, port: proxy.port,
                authorization: proxy.user.map { .basic(username: $0, password: proxy.password?.revealed ?? "") }
            )
            byProxy[proxy] = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        }
        self.byProxy = byProxy
    }

    deinit {
        for client in [direct] + byProxy.values { client.shutdown { _ in withExtendedLifetime(client) {} } }
    }

    /// Sends a request and reads the whole answer, whatever its status.
    ///
    /// - Throws: ``TransientFailure`` if the connection fails, breaks or stalls; ``MigrationError`` if it cannot be
    ///   trusted or the answer is longer than the request allows.
    func send(_ request: HTTPRequest) async throws -> HTTPReply {
        let proxy = request.avoidsProxy ? nil : proxies.proxy(for: request.url)
        let client = proxy.flatMap { byProxy[$0] } ?? direct
        do {
            return try await StallWatch.with(limit: request.stallLimit) { watch in
                let response = try await client.execute(request.prepared(watch), deadline: .distantFuture)
                watch.touch()
                var body = ByteBuffer()
                for try await chunk in response.body {
                    watch.touch()
                    guard body.readableBytes + chunk.readableBytes <= request.replyLimit else {
                        throw MigrationError(.failed, "\(request.host) answers with more than was asked for.")
                    }
                    body.writeImmutableBuffer(chunk)
                }
                return HTTPReply(
                    status: Int(response.status.code), headers: response.headers, body: body, host: request.host)
            }
        } catch {
            throw HTTPFailure.meaning(of: error, host: request.host)
        }
    }

    private static func tls(_ environment: [String: String], _ options: Options) throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        if !options.verifiesTLS { configuration.certificateVerification = .none }
        if let file = environment["SSL_CERT_FILE"], !file.isEmpty {
            do {
                configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(file))
            } catch {
                throw MigrationError(
                    .usage, "SSL_CERT_FILE names \(file.printable), which cannot be read as certificates.",
                    next: "Name a file with your certificate authorities in PEM form, or unset it."
                )
            }
        }
        return configuration
    }
}
