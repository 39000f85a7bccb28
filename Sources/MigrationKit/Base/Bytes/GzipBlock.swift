internal import CMigrationKit
internal import NIOCore

/// A stretch of the input, compressed by itself, to be put behind the block before it.
struct GzipBlock: Sendable {
    /// Raw deflate that ends on a whole byte and is not the last of its stream.
    let deflated: ByteBuffer
    /// The CRC-32 of the input.
    let crc: UInt
    /// Bytes of input.
    let count: Int

    /// How far back deflate can look.
    private static let window = 32 << 10
    /// What bringing deflate's last bits to a whole byte can add to zlib's estimate.
    private static let flushRoom = 64

    /// Compresses a block.
    ///
    /// - Parameters:
    ///   - input: Its bytes.
    ///   - previous: The block before it, which it may look back at: else each block would begin with nothing known.
    ///   - level: zlib's, from 1 to 9.
    init(_ input: ByteBuffer, after previous: ByteBuffer?, level: Int32) {
        precondition((1...9).contains(level), "gzip has no level \(level)")
        var stream = z_stream()
        let rawDeflate = -MAX_WBITS
        let status = deflateInit2_(
            &stream, level, Z_DEFLATED, rawDeflate, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        precondition(status == Z_OK, "zlib cannot begin: \(status)")
        defer { deflateEnd(&stream) }

        previous?.withUnsafeReadableBytes { bytes in
            let end = UnsafeRawBufferPointer(rebasing: bytes.suffix(Self.window))
            deflateSetDictionary(&stream, end.bytePointer, UInt32(end.count))
        }
        count = input.readableBytes
        crc = input.withUnsafeReadableBytes { crc32(0, $0.bytePointer, UInt32($0.count)) }
        deflated = Self.deflate(input, &stream)
    }

    private static func deflate(_ input: ByteBuffer, _ stream: inout z_stream) -> ByteBuffer {
        let room = Int(deflateBound(&stream, UInt(input.readableBytes))) + flushRoom
        var output = ByteBufferAllocator().buffer(capacity: room)
        input.withUnsafeReadableBytes { bytes in
            stream.next_in = UnsafeMutablePointer(mutating: bytes.bytePointer)
            stream.avail_in = UInt32(bytes.count)
            // Once: the estimate is an upper bound. Were it not, zlib would have left no room.
            repeat {
                output.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { space in
                    stream.next_out = space.bytePointer
                    stream.avail_out = UInt32(space.count)
                    _ = CMigrationKit.deflate(&stream, Z_SYNC_FLUSH)
                    return space.count - Int(stream.avail_out)
                }
            } while stream.avail_out == 0
        }
        return output
    }
}

extension UnsafeRawBufferPointer {
    /// The first byte, as zlib wants it.
    var bytePointer: UnsafePointer<UInt8>? { baseAddress?.assumingMemoryBound(to: UInt8.self) }
}

extension UnsafeMutableRawBufferPointer {
    /// The first byte, as zlib wants it.
    var bytePointer: UnsafeMutablePointer<UInt8>? { baseAddress?.assumingMemoryBound(to: UInt8.self) }
}
