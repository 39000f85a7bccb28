import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// An HTTP server on this machine that answers as a test wants, and remembers what it was asked.
final class LoopbackServer: Sendable {
    struct Request: Sendable {
        var method: String
        var path: String
        var headers: HTTPHeaders
        var body: String

        /// The fields of a form, or of a query.
        var form: [String: String] {
            let text = body.isEmpty ? String(path.split(separator: "?", maxSplits: 1).last ?? "") : body
            let pairs = text.split(separator: "&").map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
            return Dictionary(pairs.map { ($0[0], $0.last?.removingPercentEncoding ?? "") }) { first, _ in first }
        }
    }

    struct Reply: Sendable {
        var status = 200
        var headers: HTTPHeaders = [:]
        var body: String
    }

    /// An answer that throws it closes the connection.
    struct HangsUp: Error {}

    let port: Int
    private let channel: any Channel
    private let seen: Seen

    var url: String { "http://127.0.0.1:\(port)" }
    var requests: [Request] { seen.requests.withLock { $0 } }

    init(_ answer: @escaping @Sendable (Request) async throws -> Reply) async throws {
        let seen = Seen()
        channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(seen: seen, answer: answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
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
        private var body = ""

        init(seen: Seen, answer: @escaping @Sendable (Request) async throws -> Reply) {
            self.seen = seen
            self.answer = answer
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): (self.head, body) = (head, "")
            case .body(let bytes): body += String(buffer: bytes)
            case .end:
                let request = Request(
                    method: head.method.rawValue, path: head.uri, headers: head.headers, body: body)
                seen.requests.withLock { $0.append(request) }
                let (channel, answer) = (context.channel, answer)
                Task {
                    guard let reply = try? await answer(request) else { return channel.close(promise: nil) }
                    var headers = reply.headers
                    headers.replaceOrAdd(name: "Content-Length", value: "\(reply.body.utf8.count)")
                    let head = HTTPResponseHead(
                        version: .http1_1, status: .init(statusCode: reply.status), headers: headers)
                    channel.write(HTTPServerResponsePart.head(head), promise: nil)
                    channel.write(
                        HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: reply.body))), promise: nil)
                    channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil)
                }
            }
        }
    }
}
