package import NIOCore
package import NIOHTTP1
import NIOPosix
import Synchronization
import TestSupport

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// An HTTP/1.1 server on a free port of this machine that does as it is told, also what a server should not do.
package final class HTTPServer: Sendable {
    private struct Traffic: Sendable {
        var connections: [ObjectIdentifier: HTTPConnection] = [:]
        /// Connections that were ever accepted, and those that are closed.
        var (accepted, closed) = (0, 0)
    }

    private let channel: any Channel
    private let traffic: Watched<Traffic>
    /// Whoever still asks for this server gets no answer from another one.
    private let silence = Mutex<SilentPort?>(nil)

    package var port: Int { channel.localAddress?.port ?? 0 }

    /// - Parameter serve: Called once per connection; the connection is closed when it returns.
    package init(serve: @escaping @Sendable (HTTPConnection) async -> Void) async throws {
        let accepted = Mutex<(@Sendable (HTTPConnection) -> Void)?>(nil)
        let traffic = Watched(Traffic())
        self.traffic = traffic
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        AcceptedConnections { child in
                            traffic.change { $0.accepted += 1 }
                            child.closeFuture.whenComplete { _ in traffic.change { $0.closed += 1 } }
                        })
                }
            }
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 256 * 1024))
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let connection = HTTPConnection(channel) { connection in accepted.withLock { $0 }?(connection) }
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)))
                    try pipeline.addHandler(connection)
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        accepted.withLock { accepted in
            accepted = { [weak self] connection in
                self?.add(connection)
                Task {
                    await serve(connection)
                    await connection.close()
                    self?.remove(connection)
                }
            }
        }
    }

    private func add(_ connection: HTTPConnection) {
        traffic.change { $0.connections[ObjectIdentifier(connection)] = connection }
    }

    private func remove(_ connection: HTTPConnection) {
        traffic.change { $0.connections[ObjectIdentifier(connection)] = nil }
    }

    package func stop() async {
        let port = self.port
        try? await channel.close().get()
        silence.withLock { $0 = $0 ?? SilentPort(port) }
        for connection in traffic.change({ Array($0.connections.values) }) { await connection.close() }
    }

    /// Returns when all that clients have sent has been dealt with, once they have ended: the system keeps for them what
    /// they sent last, and connections that were not accepted yet.
    ///
    /// - Throws: ``WaitedInVain`` if somebody keeps a connection.
    package func waitUntilQuiet(file: String, line: Int) async throws {
        // Connections are accepted one after the other, so all that came before this one are.
        let last = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port).get()
        try await last.close(mode: .output).get()
        try await within("the server's end of a connection") { try await last.closeFuture.get() }
        try await traffic.wait(
            file: file, line: line,
            last: { "\($0.accepted) connections, \($0.closed) closed, \($0.connections.count) at work" },
            until: { $0.accepted == $0.closed && $0.connections.isEmpty })
    }
}

/// Tells of each connection before anything is done with it.
private final class AcceptedConnections: ChannelInboundHandler, Sendable {
    typealias InboundIn = any Channel
    private let onConnection: @Sendable (any Channel) -> Void

    init(_ onConnection: @escaping @Sendable (any Channel) -> Void) { self.onConnection = onConnection }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        onConnection(unwrapInboundIn(data))
        context.fireChannelRead(data)
    }
}

/// One connection: requests come part by part, and nothing is read from the socket before somebody wants it.
package final class HTTPConnection: ChannelInboundHandler, Sendable {
    package typealias InboundIn = HTTPServerRequestPart

    /// The peer went away, or was thrown out.
    package struct Closed: Error {
        package init() {}
    }

    private struct Inbox {
        var parts: [HTTPServerRequestPart] = []
        var reader: CheckedContinuation<HTTPServerRequestPart?, Never>?
        var isClosed = false
    }

    private let channel: any Channel
    private let start: @Sendable (HTTPConnection) -> Void
    private let inbox = Mutex(Inbox())

    /// - Parameter start: Called when it can be read from, and not before: an earlier read would be forgotten.
    package init(_ channel: any Channel, start: @escaping @Sendable (HTTPConnection) -> Void) {
        (self.channel, self.start) = (channel, start)
    }

    package func channelActive(context: ChannelHandlerContext) { start(self) }

    // MARK: In

    /// The next request's head, when the one before has been read to its end; nil when the peer is gone.
    package func nextHead() async -> HTTPRequestHead? {
        while let part = await next() {
            if case .head(let head) = part { return head }
        }
        return nil
    }

    /// The next bytes of the request's body; nil after the last ones.
    package func nextBody() async throws -> ByteBuffer? {
        switch await next() {
        case .body(let bytes): bytes
        case .end: nil
        case .head, nil: throw Closed()
        }
    }

    private func next() async -> HTTPServerRequestPart? {
        await withCheckedContinuation { continuation in
            let now: HTTPServerRequestPart?? = inbox.withLock { inbox in
                if !inbox.parts.isEmpty { return inbox.parts.removeFirst() }
                if inbox.isClosed { return .some(nil) }
                inbox.reader = continuation
                return nil
            }
            if let now { continuation.resume(returning: now) } else { channel.read() }
        }
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        let reader = inbox.withLock { inbox in
            if inbox.reader == nil { inbox.parts.append(part) }
            defer { inbox.reader = nil }
            return inbox.reader
        }
        reader?.resume(returning: part)
    }

    package func channelReadComplete(context: ChannelHandlerContext) {
        if inbox.withLock({ $0.reader != nil }) { context.read() }
    }

    package func channelInactive(context: ChannelHandlerContext) {
        let reader = inbox.withLock { inbox in
            inbox.isClosed = true
            defer { inbox.reader = nil }
            return inbox.reader
        }
        reader?.resume(returning: nil)
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    package var isClosed: Bool { inbox.withLock { $0.isClosed } }

    /// Runs when the connection is closed, by whomever; at once if it is.
    package func whenClosed(_ body: @escaping @Sendable () -> Void) { channel.closeFuture.whenComplete { _ in body() } }

    // MARK: Out

    package func write(_ bytes: ByteBuffer) async throws { try await channel.writeAndFlush(bytes).get() }

    package func close() async { try? await channel.close().get() }

    /// Closes with RST: the peer's next read or write fails, and what was on its way is lost.
    package func reset() async {
        try? await (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        await close()
    }
}
