import FakeGoogle
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// Stands between a command and the fake, and passes on what it gets: a company's proxy, or what takes the TLS off.
final class CommandRelay: Sendable {
    enum Kind: Sendable {
        /// Leads wherever the client wants to go to the fake; or answers with this instead.
        case proxy(refusal: String? = nil)
        /// The fake by TLS.
        case front(NIOSSLContext)
    }

    private let channel: any Channel
    private let record: RelayRecord

    var port: Int { channel.localAddress?.port ?? 0 }

    /// The heads of requests to connect, in the order in which they came.
    var asked: [String] { record.heads.withLock { $0 } }

    /// A relay for as long as the body runs.
    static func with(
        _ kind: Kind, to fake: FakeGoogleStorage, _ body: (CommandRelay) async throws -> Void
    ) async throws {
        try await with(kind, to: Int(fake.authority.drop { $0 != ":" }.dropFirst()) ?? 0, body)
    }

    static func with(_ kind: Kind, to target: Int, _ body: (CommandRelay) async throws -> Void) async throws {
        let relay = try await CommandRelay(kind, to: target)
        do {
            try await body(relay)
            try await relay.channel.close()
        } catch {
            try? await relay.channel.close()
            throw error
        }
    }

    private init(_ kind: Kind, to target: Int) async throws {
        let record = RelayRecord()
        self.record = record
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    switch kind {
                    case .proxy(let refusal):
                        try pipeline.addHandler(RelayHandler(to: target, isProxy: true, refusal, record))
                    case .front(let context):
                        try pipeline.addHandler(NIOSSLServerHandler(context: context))
                        try pipeline.addHandler(RelayHandler(to: target, isProxy: false, nil, record))
                    }
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }
}

private final class RelayRecord: Sendable { let heads = Mutex<[String]>([]) }

/// The client's side: opens the other one when it knows where to.
private final class RelayHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let port: Int
    private let isProxy: Bool
    private let refusal: String?
    private let record: RelayRecord
    /// What has come before the other side was there.
    private var early = ByteBuffer()
    private var isAsking: Bool
    private var other: (any Channel)?

    init(to port: Int, isProxy: Bool, _ refusal: String?, _ record: RelayRecord) {
        (self.port, self.isProxy, self.refusal, self.record) = (port, isProxy, refusal, record)
        isAsking = isProxy
    }

    func channelActive(context: ChannelHandlerContext) {
        if !isProxy { open(context) }
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if let other { return other.writeAndFlush(bytes, promise: nil) }
        early.writeBuffer(&bytes)
        guard isAsking, let end = early.readableBytesView.firstRange(of: Array("\r\n\r\n".utf8))?.upperBound,
            let head = early.readString(length: end - early.readerIndex)
        else { return }
        isAsking = false
        record.heads.withLock { $0.append(head) }
        if let refusal {
            let answer = "HTTP/1.1 \(refusal)\r\nContent-Length: 0\r\n\r\n"
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
        } else {
            open(context)
        }
    }

    private func open(_ context: ChannelHandlerContext) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let client = context.channel
        ClientBootstrap(group: context.eventLoop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(WayBack(to: client))
                }
            }
            .connect(host: "127.0.0.1", port: port)
            .whenComplete { result in
                let (handler, context) = bound.value
                switch result {
                case .success(let channel): handler.opened(channel, context)
                case .failure: context.close(promise: nil)
                }
            }
    }

    private func opened(_ channel: any Channel, _ context: ChannelHandlerContext) {
        if isProxy {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: "HTTP/1.1 200 OK\r\n\r\n")), promise: nil)
        }
        other = channel
        channel.writeAndFlush(early, promise: nil)
        early.clear()
    }

    func channelInactive(context: ChannelHandlerContext) { other?.close(promise: nil) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

/// The fake's side of a relay.
private final class WayBack: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let client: any Channel

    init(to client: any Channel) { self.client = client }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        client.writeAndFlush(unwrapInboundIn(data), promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { client.close(promise: nil) }
}
