import NIOCore
import NIOPosix
import SystemPackage

/// One session of PostgreSQL's own protocol (version 3, "simple query") over a cluster's socket, which takes the password
/// as it is, if it asks for one.
///
/// It costs a tenth of a `psql`, and tells what that does not: the columns' types, which values are null, and what belongs
/// to which statement.
package struct PostgresSession {
    private struct Closed: Error {}

    private final class Inbound: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        let chunks: AsyncStream<ByteBuffer>.Continuation

        init(_ chunks: AsyncStream<ByteBuffer>.Continuation) { self.chunks = chunks }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { chunks.yield(unwrapInboundIn(data)) }

        func channelInactive(context: ChannelHandlerContext) { chunks.finish() }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    private let channel: any Channel
    private let chunks: AsyncStream<ByteBuffer>
    private var received = ByteBuffer()

    /// - Parameters:
    ///   - user: The login; the superuser if nobody is named.
    ///   - settings: Of the session, such as `statement_timeout`.
    /// - Throws: ``PostgresNotice`` if the server does not let the user in.
    package init(
        _ server: ScratchPostgres.Cluster, database: String, user: String? = nil, application: String,
        settings: [String: String] = [:]
    ) async throws {
        let (stream, continuation) = AsyncStream.makeStream(of: ByteBuffer.self)
        chunks = stream
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Inbound(continuation))
                }
            }
            .connect(unixDomainSocketPath: server.socket.appending(".s.PGSQL.\(server.port)").string).get()
        var body = ByteBuffer()
        body.writeInteger(UInt32(196_608))  // version 3.0
        let options = settings.sorted { $0.key < $1.key }.map { "-c \($0.key)=\($0.value)" }.joined(separator: " ")
        let all = [
            "user", user ?? server.superuser, "database", database, "client_encoding", "UTF8",
            "application_name", application, "options", options,
        ]
        for text in all { body.writeNullTerminatedString(text) }
        body.writeInteger(UInt8(0))
        try await send(nil, body)
        let answer = try await answer(password: server.password)
        if let error = answer.error {
            await close()
            throw error
        }
    }

    /// Runs statements; without transactions of their own they are one.
    package mutating func query(_ text: String) async throws -> PostgresAnswer {
        var body = ByteBuffer()
        body.writeNullTerminatedString(text)
        try await send(UInt8(ascii: "Q"), body)
        return try await answer()
    }

    /// Whether the server has not ended the session.
    package var isOpen: Bool { channel.isActive }

    /// Returns when the server has ended the session.
    package func close() async {
        try? await send(UInt8(ascii: "X"), ByteBuffer())
        try? await channel.closeFuture.get()
    }

    // MARK: Messages

    private func send(_ type: UInt8?, _ body: ByteBuffer) async throws {
        var message = ByteBuffer()
        if let type { message.writeInteger(type) }
        message.writeInteger(UInt32(body.readableBytes + 4))
        message.writeImmutableBuffer(body)
        try await channel.writeAndFlush(message).get()
    }

    /// All until the server is ready for more.
    private mutating func answer(password: String = "") async throws -> PostgresAnswer {
        var answer = PostgresAnswer()
        var result = PostgresAnswer.Result()
        while true {
            guard let (type, payload) = try await next() else {
                guard answer.error != nil else { throw Closed() }
                return answer
            }
            var body = payload
            switch Character(Unicode.Scalar(type)) {
            case "R" where body.readInteger(as: UInt32.self) == 3:
                var secret = ByteBuffer()
                secret.writeNullTerminatedString(password)
                try await send(UInt8(ascii: "p"), secret)
            case "T": result.columns = Self.columns(&body)
            case "D": result.rows.append(Self.values(&body))
            case "C", "I":
                result.tag = body.readNullTerminatedString() ?? ""
                answer.results.append(result)
                result = PostgresAnswer.Result()
            case "N": answer.notices.append(PostgresNotice(&body))
            case "E": answer.error = PostgresNotice(&body)
            case "G":
                var reason = ByteBuffer()
                reason.writeNullTerminatedString("there is nothing to copy from")
                try await send(UInt8(ascii: "f"), reason)
            case "Z": return answer
            default: break
            }
        }
    }

    /// The next message; nil if the server has closed the connection.
    private mutating func next() async throws -> (UInt8, ByteBuffer)? {
        var chunks = chunks.makeAsyncIterator()
        while true {
            if received.readableBytes >= 5,
                let length = received.getInteger(at: received.readerIndex + 1, as: UInt32.self),
                received.readableBytes > length, let type = received.readInteger(as: UInt8.self)
            {
                received.moveReaderIndex(forwardBy: 4)
                guard let body = received.readSlice(length: Int(length) - 4) else { throw Closed() }
                return (type, body)
            }
            guard var chunk = await chunks.next(isolation: #isolation) else { return nil }
            received.writeBuffer(&chunk)
        }
    }

    private static func columns(_ body: inout ByteBuffer) -> [PostgresAnswer.Column] {
        (0..<(body.readInteger(as: UInt16.self) ?? 0)).compactMap { _ in
            guard let name = body.readNullTerminatedString() else { return nil }
            body.moveReaderIndex(forwardBy: 6)  // table and column
            let type = body.readInteger(as: UInt32.self) ?? 0
            body.moveReaderIndex(forwardBy: 8)  // size, modifier, format
            return PostgresAnswer.Column(name: name, type: type)
        }
    }

    private static func values(_ body: inout ByteBuffer) -> [String?] {
        (0..<(body.readInteger(as: UInt16.self) ?? 0)).map { _ in
            guard let length = body.readInteger(as: Int32.self), length >= 0 else { return nil }
            return body.readString(length: Int(length))
        }
    }
}
