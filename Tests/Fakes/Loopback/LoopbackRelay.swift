import NIOCore
import NIOPosix
import TestSupport

/// Leads connections to a port of this machine, and cuts them, or holds what they carry, where a test wants it.
package final class LoopbackRelay: Sendable {
    fileprivate enum Fault { case cut, hold }

    fileprivate struct State {
        /// What has come back, on all connections together.
        var bytes = 0
        /// What happens to connections on which more than so many bytes come back, and to how many.
        var fault: (Fault, after: Int, times: Int)?
        var cuts = 0
        var held: (any Channel)?
        var clients: [ObjectIdentifier: any Channel] = [:]
    }

    package let port: Int
    private let channel: any Channel
    private let state = Watched(State())

    package init(to target: Int) async throws {
        let state = state
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(RelayedClient(to: target, state))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
    }

    deinit { channel.close(promise: nil) }

    /// What has come back from there so far.
    package var bytes: Int { state.change { $0.bytes } }

    /// How many connections were cut for what they carried.
    package var cuts: Int { state.change { $0.cuts } }

    /// Cuts the next connections on which more than so many bytes come back.
    package func cut(_ times: Int, after bytes: Int) { state.change { $0.fault = (.cut, bytes, times) } }

    /// Holds back what comes behind so many bytes on the next connection on which more come.
    package func holdOne(after bytes: Int) { state.change { $0.fault = (.hold, bytes, 1) } }

    /// Returns when a connection is held.
    package func waitUntilHeld(file: String = #filePath, line: Int = #line) async throws {
        try await state.wait(file: file, line: line, last: { "\($0.bytes) bytes" }, until: { $0.held != nil })
    }

    /// Returns when so many bytes have come back on all connections together.
    package func wait(until bytes: Int, file: String = #filePath, line: Int = #line) async throws {
        try await state.wait(file: file, line: line, last: { "\($0.bytes) bytes" }, until: { $0.bytes >= bytes })
    }

    /// Lets what is held go on.
    package func release() {
        let held = state.change { state in
            defer { state.held = nil }
            return state.held
        }
        held?.pipeline.fireUserInboundEventTriggered(RelayedServer.Release())
    }

    /// Cuts all connections that there are.
    package func cutAll() {
        for client in state.change({ $0.clients.values.map { $0 } }) { client.close(promise: nil) }
    }
}

/// The client's side: opens the other one, and keeps what comes before that is there.
private final class RelayedClient: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let target: Int
    private let state: Watched<LoopbackRelay.State>
    private var early = ByteBuffer()
    private var server: (any Channel)?

    init(to target: Int, _ state: Watched<LoopbackRelay.State>) { (self.target, self.state) = (target, state) }

    func channelActive(context: ChannelHandlerContext) {
        let client = context.channel
        state.change { $0.clients[ObjectIdentifier(client)] = client }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        ClientBootstrap(group: context.eventLoop)
            .channelInitializer { [state] channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(RelayedServer(for: client, state))
                }
            }
            .connect(host: "127.0.0.1", port: target)
            .whenComplete { result in
                let (handler, context) = bound.value
                guard case .success(let channel) = result else { return context.close(promise: nil) }
                handler.server = channel
                channel.writeAndFlush(handler.early, promise: nil)
                handler.early.clear()
                if !context.channel.isActive { channel.close(promise: nil) }
            }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if let server { return server.writeAndFlush(bytes, promise: nil) }
        early.writeBuffer(&bytes)
    }

    func channelInactive(context: ChannelHandlerContext) {
        state.change { $0.clients[ObjectIdentifier(context.channel)] = nil }
        server?.close(promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

/// The server's side.
private final class RelayedServer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    struct Release: Sendable {}

    private let client: any Channel
    private let state: Watched<LoopbackRelay.State>
    private var bytes = 0
    private var held: ByteBuffer?

    init(for client: any Channel, _ state: Watched<LoopbackRelay.State>) { (self.client, self.state) = (client, state) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var chunk = unwrapInboundIn(data)
        bytes += chunk.readableBytes
        if held != nil {
            held?.writeBuffer(&chunk)
            return
        }
        let channel = context.channel
        let fault = state.change { state -> LoopbackRelay.Fault? in
            state.bytes += chunk.readableBytes
            guard let (fault, limit, times) = state.fault, bytes > limit, times > 0 else { return nil }
            state.fault = (fault, limit, times - 1)
            switch fault {
            case .cut: state.cuts += 1
            case .hold: state.held = channel
            }
            return fault
        }
        switch fault {
        case nil: client.writeAndFlush(chunk, promise: nil)
        case .cut:
            client.close(promise: nil)
            context.close(promise: nil)
        case .hold: held = chunk
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is Release, let held else { return context.fireUserInboundEventTriggered(event) }
        self.held = nil
        client.writeAndFlush(held, promise: nil)
    }

    /// What is held is lost, as it is with the machine that holds it.
    func channelInactive(context: ChannelHandlerContext) { client.close(promise: nil) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
