internal import NIOCore

/// One end of a relayed connection. What comes in here goes out at the other end, no faster than it is taken there.
final class RelayPipe: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private weak var other: RelayPipe?
    private var context: ChannelHandlerContext?
    private var wantsToRead = false
    /// Whether what has been written still has to go out once the other end is closed.
    private let finishes: Bool

    /// Is told why the connection ended, if it does before anything has come in.
    var onFailureToOpen: ((any Error) -> Void)?

    private init(finishes: Bool) { self.finishes = finishes }

    /// The HTTP client's end and the far one: an HTTP client that hangs up wants nothing sent any more.
    static func pair() -> (near: RelayPipe, far: RelayPipe) {
        let (near, far) = (RelayPipe(finishes: true), RelayPipe(finishes: false))
        near.other = far
        far.other = near
        return (near, far)
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        onFailureToOpen = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        onFailureToOpen = nil
        other?.context?.write(data, promise: nil)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        other?.context?.flush()
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        let isFull = other?.context.map { !$0.channel.isWritable } ?? false
        wantsToRead = isFull
        if !isFull { context.read() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable, let other, other.wantsToRead, let reader = other.context {
            other.wantsToRead = false
            reader.read()
        }
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(ChannelError.eof)
        other?.end()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(error)
        context.close(promise: nil)
    }

    private func fail(_ error: any Error) {
        let report = onFailureToOpen
        onFailureToOpen = nil
        report?(error)
    }

    private func end() {
        guard let context else { return }
        guard finishes else { return context.close(promise: nil) }
        let channel = context.channel
        let written = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: written)
        written.futureResult.whenComplete { _ in channel.close(promise: nil) }
    }
}
