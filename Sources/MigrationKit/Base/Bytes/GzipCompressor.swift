internal import CMigrationKit
internal import NIOCore

/// Cuts a stream into blocks, has them compressed side by side, and puts them together in their order.
///
/// It reads ahead no further than there are cores to work: whoever reads slowly holds up all of it.
actor GzipCompressor {
    private let source: ByteStream.AsyncIterator
    private let level: Int32

    private var part = Part.header
    /// What was read beyond the end of the last block.
    private var rest = ByteBuffer()
    private var sourceHasEnded = false
    private var previous: ByteBuffer?
    /// In the order of their input.
    private var inFlight: [Task<GzipBlock, any Error>] = []
    private var crc: UInt = 0
    private var size: UInt32 = 0

    private enum Part { case header, blocks, end }

    /// Neither the input's chunks nor the number of cores may show in where the blocks begin.
    static let blockSize = 1 << 20
    /// One more than can be worked on, so that a core that is done finds the next.
    static let blocksInFlight = System.coreCount + 1

    init(_ stream: ByteStream, level: Int32) {
        source = stream.makeAsyncIterator()
        self.level = level
    }

    deinit {
        // Nobody waits for them any more.
        for block in inFlight { block.cancel() }
    }

    /// The next part of the gzip, nil at its end.
    func next() async throws -> ByteBuffer? {
        switch part {
        case .header:
            part = .blocks
            return Self.header(level: level)
        case .blocks:
            try await readAhead()
            guard !inFlight.isEmpty else {
                part = .end
                return trailer
            }
            let block = try await inFlight.removeFirst().value
            crc = crc32_combine(crc, block.crc, numericCast(block.count))
            size &+= UInt32(block.count)
            return block.deflated
        case .end:
            return nil
        }
    }

    private func readAhead() async throws {
        try Task.checkCancellation()
        while inFlight.count < Self.blocksInFlight, let block = try await nextBlock() {
            inFlight.append(
                Task { [previous, level] in
                    try await BlockingIO.run { GzipBlock(block, after: previous, level: level) }
                })
            previous = block
        }
    }

    /// The input's next block, shorter only at the end.
    private func nextBlock() async throws -> ByteBuffer? {
        var block = ByteBuffer()
        while block.readableBytes < Self.blockSize {
            if rest.readableBytes == 0 {
                guard !sourceHasEnded, let chunk = try await source.next() else {
                    sourceHasEnded = true
                    break
                }
                rest = chunk
            }
            block.reserveCapacity(Self.blockSize)
            let room = Self.blockSize - block.readableBytes
            if var piece = rest.readSlice(length: min(rest.readableBytes, room)) { block.writeBuffer(&piece) }
        }
        return block.readableBytes > 0 ? block : nil
    }

    // MARK: Around the blocks

    /// Without name and time: the same input is the same gzip.
    private static func header(level: Int32) -> ByteBuffer {
        let effort: UInt8 = level == 1 ? 4 : level == 9 ? 2 : 0
        let unix: UInt8 = 3
        return ByteBuffer(bytes: [0x1F, 0x8B, UInt8(Z_DEFLATED), 0, 0, 0, 0, 0, effort, unix])
    }

    /// A last block that is empty, since none of the others says that it is the last; then checksum and size.
    private var trailer: ByteBuffer {
        var bytes = ByteBuffer(bytes: [0x03, 0x00])
        bytes.writeInteger(UInt32(truncatingIfNeeded: crc), endianness: .little)
        bytes.writeInteger(size, endianness: .little)
        return bytes
    }
}
