internal import NIOCore
import Synchronization

/// A stretch of an object that is sent by itself.
struct UploadPart: Sendable {
    /// From 1.
    var number: Int
    var offset: Int64
    var size: Int64
    var crc32c: UInt32
    var bytes: Bytes

    /// Where the bytes are that may have to be sent twice.
    enum Bytes: Sendable {
        /// In memory.
        case held(PooledBytes)
        /// Where they came from: it gives a stretch of the object again.
        case reread(@Sendable (Range<Int64>) async throws -> ByteStream)
    }

    /// How much of the memory they take.
    var heldBytes: Int64 {
        switch bytes {
        case .held: size
        case .reread: 0
        }
    }

    /// The part's bytes, as often as they are asked for.
    func stream() async throws -> ByteStream {
        switch bytes {
        case .held(let held): ByteStream(chunks: held.bytes.pieces(of: ByteBuffer.chunkSize))
        case .reread(let reread): try await reread(offset..<offset + size)
        }
    }
}

/// Cuts a stream into parts, with the checksum of each.
struct PartCutter {
    private let partSize: Int64
    private let reread: (@Sendable (Range<Int64>) async throws -> ByteStream)?
    private let buffers: BufferPool
    private var number = 1
    private var offset: Int64 = 0
    private var size: Int64 = 0
    private var crc = CRC32C()
    private var held = ByteBuffer()

    /// - Parameters:
    ///   - reread: Gives a stretch again; nil: the bytes are kept.
    ///   - buffers: Where they are kept.
    init(
        partSize: Int64, reread: (@Sendable (Range<Int64>) async throws -> ByteStream)?, buffers: BufferPool
    ) {
        self.partSize = partSize
        self.reread = reread
        self.buffers = buffers
    }

    /// Takes bytes from a chunk.
    ///
    /// - Returns: A part that is full; nil once the chunk is empty.
    mutating func next(from chunk: inout ByteBuffer) -> UploadPart? {
        let count = Int(min(Int64(chunk.readableBytes), partSize - size))
        guard count > 0, let bytes = chunk.readSlice(length: count) else { return nil }
        bytes.withUnsafeReadableBytes { crc.update($0) }
        size += Int64(count)
        if reread == nil {
            // A copy: slices would keep all that their chunks have room for, far more where they were compressed.
            if held.readableBytes == 0 {
                held = buffers.take()
                held.reserveCapacity(Int(partSize))
            }
            held.writeImmutableBuffer(bytes)
        }
        return size == partSize ? cut() : nil
    }

    /// The last part, if bytes are left.
    mutating func last() -> UploadPart? { size > 0 ? cut() : nil }

    private mutating func cut() -> UploadPart {
        var bytes = ByteBuffer()
        swap(&bytes, &held)
        defer { (number, offset, size, crc) = (number + 1, offset + size, 0, CRC32C()) }
        return UploadPart(
            number: number, offset: offset, size: size, crc32c: crc.value,
            bytes: reread.map { .reread($0) } ?? .held(PooledBytes(bytes, of: buffers)))
    }
}

/// Chunks that are given one after the other.
final class ChunkQueue: Sendable {
    private let rest: Mutex<ArraySlice<ByteBuffer>>

    init(_ chunks: [ByteBuffer]) { rest = Mutex(chunks[...]) }

    func next() -> ByteBuffer? { rest.withLock { $0.popFirst() } }
}

extension ByteStream {
    /// A stream of these chunks.
    init(chunks: [ByteBuffer]) {
        let queue = ChunkQueue(chunks)
        self.init { queue.next() }
    }

    /// Chunks that were taken from a stream, and what follows them in it.
    init(_ head: [ByteBuffer], then rest: AsyncIterator) {
        let queue = ChunkQueue(head)
        self.init {
            if let chunk = queue.next() { return chunk }
            return try await rest.next()
        }
    }
}

extension ByteBuffer {
    /// The bytes in pieces, without a copy.
    func pieces(of size: Int) -> [ByteBuffer] {
        var rest = self
        var pieces: [ByteBuffer] = []
        while rest.readableBytes > 0, let piece = rest.readSlice(length: min(size, rest.readableBytes)) {
            pieces.append(piece)
        }
        return pieces
    }
}
