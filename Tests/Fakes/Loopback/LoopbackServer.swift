import Foundation
package import NIOCore
package import NIOHTTP1
import NIOPosix
package import NIOSSL
import Synchronization

/// An HTTP server on this machine that answers as a test wants, and remembers what it was asked.
package final class LoopbackServer: Sendable {
    package struct Request: Sendable {
        package var method: String
        package var path: String
        package var headers: HTTPHeaders
        package var bytes: ByteBuffer

        package var body: String { String(buffer: bytes) }

        /// The fields of a form, or of a query.
        package var form: [String: String] {
            let text = body.isEmpty ? String(path.split(separator: "?", maxSplits: 1).last ?? "") : body
            let pairs = text.split(separator: "&").map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
            return Dictionary(pairs.map { ($0[0], $0.last?.removingPercentEncoding ?? "") }) { first, _ in first }
        }
    }

    package struct Reply: Sendable {
        package var status = 200
        package var headers: HTTPHeaders = [:]
        package var bytes: ByteBuffer

        package init(status: Int = 200, headers: HTTPHeaders = [:], body: String) {
            self.init(status: status, headers: headers, bytes: ByteBuffer(string: body))
        }

        package init(status: Int = 200, headers: HTTPHeaders = [:], bytes: ByteBuffer) {
            self.status = status
            self.headers = headers
            self.bytes = bytes
        }
    }

    /// An answer that throws it closes the connection.
    package struct HangsUp: Error { package init() {} }

    package let port: Int
    private let channel: any Channel
    private let seen: Seen

    package var url: String { "http://127.0.0.1:\(port)" }
    package var requests: [Request] { seen.requests.withLock { $0 } }

    /// - Parameters:
    ///   - tls: The certificate, if it is reached by TLS.
    ///   - socket: The path of a Unix socket, in place of a port.
    package init(
        tls: NIOSSLContext? = nil, socket: String? = nil,
        _ answer: @escaping @Sendable (Request) async throws -> Reply
    ) async throws {
        let seen = Seen()
        let bootstrap = ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(seen: seen, answer: answer))
                }
            }
        channel =
            if let socket {
                try await bootstrap.bind(unixDomainSocketPath: socket).get()
            } else {
                try await bootstrap.bind(host: "127.0.0.1", port: 0).get()
            }
        port = channel.localAddress?.port ?? 0
        self.seen = seen
    }

    deinit { channel.close(promise: nil) }

    private final class Seen: Sendable {
        let requests = Mutex<[Request]>([])
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart

        private let seen: Seen
        private let answer: @Sendable (Request) async throws -> Reply
        private var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/")
        private var body = ByteBuffer()

        init(seen: Seen, answer: @escaping @Sendable (Request) async throws -> Reply) {
            self.seen = seen
            self.answer = answer
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): (self.head, body) = (head, ByteBuffer())
            case .body(var bytes): body.writeBuffer(&bytes)
            case .end:
                let request = Request(
                    method: head.method.rawValue, path: head.uri, headers: head.headers, bytes: body)
                seen.requests.withLock { $0.append(request) }
                let (channel, answer) = (context.channel, answer)
                Task {
                    guard let reply = try? await answer(request) else { return channel.close(promise: nil) }
                    var headers = reply.headers
                    headers.replaceOrAdd(name: "Content-Length", value: "\(reply.bytes.readableBytes)")
                    let head = HTTPResponseHead(
                        version: .http1_1, status: .init(statusCode: reply.status), headers: headers)
                    channel.write(HTTPServerResponsePart.head(head), promise: nil)
                    channel.write(HTTPServerResponsePart.body(.byteBuffer(reply.bytes)), promise: nil)
                    channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil)
                }
            }
        }
    }
}
