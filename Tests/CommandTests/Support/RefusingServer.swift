import NIOCore
import NIOPosix

/// Listens where a server of PostgreSQL would, and refuses every connection with the same error.
final class RefusingServer: Sendable {
    private let channel: any Channel

    var port: Int { channel.localAddress?.port ?? 0 }

    /// - Parameters:
    ///   - sqlState: The error's.
    ///   - message: In whatever language.
    init(sqlState: String, message: String) async throws {
        var fields = ByteBuffer()
        for field in ["SFATAL", "VFATAL", "C\(sqlState)", "M\(message)"] { fields.writeNullTerminatedString(field) }
        fields.writeInteger(UInt8(0))
        var error = ByteBuffer(string: "E")
        error.writeInteger(UInt32(4 + fields.readableBytes))
        error.writeBuffer(&fields)
        channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { [error] channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(error: error))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    deinit { channel.close(promise: nil) }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let error: ByteBuffer

        init(error: ByteBuffer) { self.error = error }

        /// A client asks for TLS first, in eight bytes, and is content without it.
        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let asksForTLS = unwrapInboundIn(data).readableBytes == 8
            context.writeAndFlush(wrapOutboundOut(asksForTLS ? ByteBuffer(string: "N") : error), promise: nil)
            if !asksForTLS { context.close(promise: nil) }
        }
    }
}
