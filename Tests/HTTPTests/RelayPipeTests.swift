import NIOCore
import NIOEmbedded
import Testing

@testable import MigrationKitHTTP

/// Memory stays what it is: nothing is read that cannot be passed on.
@Suite struct RelayPipeTests {
    private final class Reads: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer
        var count = 0

        func read(context: ChannelHandlerContext) {
            count += 1
            context.read()
        }
    }

    private func pair() throws -> (near: EmbeddedChannel, far: EmbeddedChannel, reads: Reads) {
        let (near, far) = RelayPipe.pair()
        let reads = Reads()
        let channels = (EmbeddedChannel(handler: near), EmbeddedChannel(handlers: [reads, far]))
        for channel in [channels.0, channels.1] {
            try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        }
        return (channels.0, channels.1, reads)
    }

    @Test func whatComesInGoesOutAtTheOtherEnd() throws {
        let (near, far, _) = try pair()
        try far.writeInbound(ByteBuffer(string: "answer"))
        try near.writeInbound(ByteBuffer(string: "question"))
        #expect(try near.readOutbound(as: ByteBuffer.self) == ByteBuffer(string: "answer"))
        #expect(try far.readOutbound(as: ByteBuffer.self) == ByteBuffer(string: "question"))
    }

    @Test func nothingIsReadWhileTheOtherEndIsFull() throws {
        let (near, far, reads) = try pair()
        near.isWritable = false
        let before = reads.count
        far.read()
        far.read()
        #expect(reads.count == before)
        near.isWritable = true
        near.pipeline.fireChannelWritabilityChanged()
        #expect(reads.count == before + 1)
        far.read()
        #expect(reads.count == before + 2)
    }

    @Test func lastBytesGoOutBeforeTheEnd() throws {
        let (near, far, _) = try pair()
        try far.writeInbound(ByteBuffer(string: "end"))
        try far.close().wait()
        #expect(try near.readOutbound(as: ByteBuffer.self) == ByteBuffer(string: "end"))
        near.embeddedEventLoop.run()
        #expect(!near.isActive)
    }
}
