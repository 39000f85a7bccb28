import NIOCore
import NIOPosix
package import NIOSSL
import Synchronization

/// A proxy on this machine that leads to ports of this machine, whatever the client calls them.
package final class LoopbackProxy: Sendable {
    package enum Kind: Sendable {
        /// Answers CONNECT, or with this status instead.
        case connect(tls: NIOSSLContext? = nil, refusal: String? = nil)
        /// SOCKS 5 with this answer to the offer of no password, and to what is asked for.
        case socks(method: UInt8 = 0, reply: UInt8 = 0)
        /// Hangs up when it is spoken to.
        case none
    }

    package let port: Int
    private let channel: any Channel
    private let record: ProxyRecord
    private let server: LoopbackServer?

    /// What the clients wanted to reach, in order.
    package var targets: [String] { record.targets.withLock { $0 } }
    /// The heads of requests to connect.
    package var heads: [String] { record.heads.withLock { $0 } }

    /// - Parameters:
    ///   - ports: Where it leads, by the port that is asked for; all others to the one of key 0.
    ///   - server: What lives as long as the proxy.
    package init(_ kind: Kind, to ports: [Int: Int], keeping server: LoopbackServer? = nil) async throws {
        let record = ProxyRecord()
        self.record = record
        self.server = server
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if case .connect(let tls?, _) = kind {
                        try pipeline.addHandler(NIOSSLServerHandler(context: tls))
                    }
                    try pipeline.addHandler(ProxyHandler(kind, ports, record))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
    }

    package convenience init(_ kind: Kind, to server: LoopbackServer) async throws {
        try await self.init(kind, to: [0: server.port], keeping: server)
    }

    deinit { channel.close(promise: nil) }
}

private final class ProxyRecord: Sendable {
    let targets = Mutex<[String]>([])
    let heads = Mutex<[String]>([])
}

private final class ProxyHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let kind: LoopbackProxy.Kind
    private let ports: [Int: Int]
    private let record: ProxyRecord
    private var early = ByteBuffer()
    private var isGreeted = false
    private var isAsking = true
    private var other: (any Channel)?

    init(_ kind: LoopbackProxy.Kind, _ ports: [Int: Int], _ record: ProxyRecord) {
        (self.kind, self.ports, self.record) = (kind, ports, record)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if let other { return other.writeAndFlush(bytes, promise: nil) }
        early.writeBuffer(&bytes)
        guard isAsking else { return }
        switch kind {
        case .connect(_, let refusal): readConnect(context, refusal)
        case .socks(let method, let reply): readSOCKS(context, method, reply)
        case .none: context.close(promise: nil)
        }
    }

    private func readConnect(_ context: ChannelHandlerContext, _ refusal: String?) {
        guard let end = early.readableBytesView.firstRange(of: Array("\r\n\r\n".utf8))?.upperBound,
            let head = early.readString(length: end - early.readerIndex)
        else { return }
        record.heads.withLock { $0.append(head) }
        if let refusal {
            answer(context, Array("HTTP/1.1 \(refusal)\r\nContent-Length: 0\r\n\r\n".utf8))
        } else {
            open(context, String(head.split(separator: " ")[1]), Array("HTTP/1.1 200 OK\r\n\r\n".utf8))
        }
    }

    private func readSOCKS(_ context: ChannelHandlerContext, _ method: UInt8, _ reply: UInt8) {
        if !isGreeted {
            guard early.readableBytes >= 3, early.readBytes(length: 3) != nil else { return }
            isGreeted = true
            return answer(context, [5, method])
        }
        guard let length = early.getInteger(at: early.readerIndex + 4, as: UInt8.self),
            early.readableBytes >= Int(length) + 7, let start = early.readBytes(length: 5), start[3] == 3,
            let host = early.readString(length: Int(length)), let port = early.readInteger(as: UInt16.self)
        else { return }
        let bytes: [UInt8] = [5, reply, 0, 1, 0, 0, 0, 0, 0, 0]
        if reply == 0 { open(context, "\(host):\(port)", bytes) } else { answer(context, bytes) }
    }

    private func answer(_ context: ChannelHandlerContext, _ bytes: [UInt8]) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
    }

    private func open(_ context: ChannelHandlerContext, _ target: String, _ bytes: [UInt8]) {
        isAsking = false
        record.targets.withLock { $0.append(target) }
        let wanted = target.split(separator: ":").last.flatMap { Int($0) } ?? 0
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let client = context.channel
        ClientBootstrap(group: context.eventLoop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ProxyWayBack(to: client))
                }
            }
            .connect(host: "127.0.0.1", port: ports[wanted] ?? ports[0] ?? 0)
            .whenComplete { result in
                let (handler, context) = bound.value
                guard case .success(let channel) = result else { return context.close(promise: nil) }
                handler.answer(context, bytes)
                handler.other = channel
                channel.writeAndFlush(handler.early, promise: nil)
                handler.early.clear()
            }
    }

    func channelInactive(context: ChannelHandlerContext) { other?.close(promise: nil) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

private final class ProxyWayBack: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let client: any Channel

    init(to client: any Channel) { self.client = client }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        client.writeAndFlush(unwrapInboundIn(data), promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { client.close(promise: nil) }
}
