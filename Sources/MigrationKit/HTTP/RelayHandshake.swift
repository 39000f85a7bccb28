internal import NIOCore

/// The HTTP client's end of a relayed connection: reads whereto it wants to go, opens the way, and lets all else pass.
final class RelayHandshake: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum State {
        case asked(ByteBuffer)
        case opening
        case open
    }

    private let way: RelayWay
    private let far: RelayPipe
    private var state = State.asked(ByteBuffer())
    private var timeout: Scheduled<Void>?

    private static let headLimit = 16 << 10
    /// Whoever connects and says nothing is not our HTTP client.
    private static let patience = TimeAmount.seconds(20)

    /// - Parameters:
    ///   - way: Where the relay leads.
    ///   - far: The handler at the far end of the connection.
    init(_ way: RelayWay, far: RelayPipe) {
        self.way = way
        self.far = far
    }

    func channelActive(context: ChannelHandlerContext) {
        let channel = context.channel
        timeout = context.eventLoop.scheduleTask(in: Self.patience) { channel.close(promise: nil) }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        timeout?.cancel()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch state {
        case .open: context.fireChannelRead(data)
        case .opening: refuse(context, "400 Bad Request")
        case .asked(var head):
            var bytes = unwrapInboundIn(data)
            head.writeBuffer(&bytes)
            state = .asked(head)
            read(String(buffer: head), context)
        }
    }

    private func read(_ head: String, _ context: ChannelHandlerContext) {
        guard head.hasSuffix("\r\n\r\n") else {
            if head.utf8.count > Self.headLimit { refuse(context, "431 Request Header Fields Too Large") }
            return
        }
        timeout?.cancel()
        let lines = head.split(separator: "\r\n")
        let words = lines.first?.split(separator: " ", omittingEmptySubsequences: false) ?? []
        let authorization = "proxy-authorization: "
        let password = lines.first { $0.lowercased().hasPrefix(authorization) }?.dropFirst(authorization.count)
        guard words.count == 3, words[0] == "CONNECT" else { return refuse(context, "400 Bad Request") }
        guard password == way.password.revealed[...] else {
            return refuse(context, "407 Proxy Authentication Required")
        }
        open(String(words[1]), context)
    }

    private func open(_ target: String, _ context: ChannelHandlerContext) {
        state = .opening
        let request = way.request(for: target)
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        if request != nil {
            far.onFailureToOpen = { error in
                let (handshake, context) = bound.value
                handshake.failed(error, context)
            }
        }
        way.open(far, on: context.eventLoop).whenComplete { result in
            let (handshake, context) = bound.value
            switch result {
            case .success(let channel): handshake.opened(channel, request, context)
            case .failure(let error): handshake.failed(error, context)
            }
        }
    }

    private func opened(_ channel: any Channel, _ request: String?, _ context: ChannelHandlerContext) {
        guard context.channel.isActive else { return channel.close(promise: nil) }
        state = .open
        if let request {
            // The proxy's answer goes to the HTTP client as it is.
            channel.writeAndFlush(ByteBuffer(string: request), promise: nil)
        } else {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: "HTTP/1.1 200 OK\r\n\r\n")), promise: nil)
        }
    }

    private func failed(_ error: any Error, _ context: ChannelHandlerContext) {
        // It holds this handler, which holds the far end.
        far.onFailureToOpen = nil
        way.failed(error)
        refuse(context, "502 Bad Gateway")
    }

    private func refuse(_ context: ChannelHandlerContext, _ status: String) {
        let channel = context.channel
        let answer = ByteBuffer(string: "HTTP/1.1 \(status)\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        channel.writeAndFlush(answer).whenComplete { _ in channel.close(promise: nil) }
    }
}
