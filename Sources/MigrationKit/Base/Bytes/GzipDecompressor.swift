internal import CMigrationKit
internal import NIOCore

/// Unpacks gzip that is not believed. zlib holds each member against its checksum and length; where members begin and
/// the stream may end is seen to here.
actor GzipDecompressor {
    private let source: ByteStream.AsyncIterator
    private let name: String
    private let inflater = GzipInflater()
    private var input = ByteBuffer()
    /// Bytes of gzip that have come.
    private var count = 0
    private var isInMember = true
    private var hasEndedOne = false

    init(_ stream: ByteStream, name: String) {
        source = stream.makeAsyncIterator()
        self.name = name
    }

    /// The next chunk, full unless it is the last; nil at the end of the last member.
    func next() async throws -> ByteBuffer? {
        var output = ByteBufferAllocator().buffer(capacity: ByteBuffer.chunkSize)
        while output.readableBytes < ByteBuffer.chunkSize {
            if input.readableBytes > 0 { isInMember = true }
            switch inflater.inflate(&input, into: &output, upTo: ByteBuffer.chunkSize) {
            case Z_OK: continue
            case Z_STREAM_END:
                inflater.beginMember()
                (isInMember, hasEndedOne) = (false, true)
            case Z_BUF_ERROR where input.readableBytes == 0:
                guard try await readMore() else { return output.readableBytes > 0 ? output : nil }
            default: throw damaged
            }
        }
        return output
    }

    /// False if the source has ended where it may.
    private func readMore() async throws -> Bool {
        try Task.checkCancellation()
        guard let chunk = try await source.next() else {
            guard !isInMember else { throw cutOff }
            return false
        }
        input = chunk
        count += chunk.readableBytes
        return true
    }

    // MARK: Errors

    private var cutOff: MigrationError {
        error("is cut off: its gzip data does not end after its \(Quantity.count(count)) bytes.")
    }

    private var damaged: MigrationError {
        let reason = inflater.reason ?? "no reason given"
        if reason == "incorrect header check" {
            return error(hasEndedOne ? "is damaged: the data after its end is not gzip." : "is not gzip.")
        }
        let place = Quantity.count(count - input.readableBytes)
        return error("is damaged: its gzip data is invalid at or before byte \(place) (\(reason)).")
    }

    private func error(_ sentence: String) -> MigrationError {
        MigrationError(
            .damagedSnapshot, "\(name) \(sentence)", next: "Upload it again; it cannot be used.")
    }
}

/// zlib's state, which must not be moved in memory.
private final class GzipInflater {
    private let stream: UnsafeMutablePointer<z_stream>

    init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let gzipAlone = MAX_WBITS + 16
        let status = inflateInit2_(stream, gzipAlone, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(status == Z_OK, "zlib cannot begin: \(status)")
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// What is wrong, in zlib's words.
    var reason: String? { stream.pointee.msg.map { String(cString: $0) } }

    func beginMember() { inflateReset(stream) }

    /// Takes as much of the input as fills the output, and tells zlib's status: `Z_BUF_ERROR` if it needs more.
    func inflate(_ input: inout ByteBuffer, into output: inout ByteBuffer, upTo limit: Int) -> Int32 {
        var status = Z_OK
        let room = limit - output.readableBytes
        input.readWithUnsafeReadableBytes { bytes in
            let count = UInt32(clamping: bytes.count)
            stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.bytePointer)
            stream.pointee.avail_in = count
            output.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { space in
                stream.pointee.next_out = space.bytePointer
                stream.pointee.avail_out = UInt32(room)
                status = CMigrationKit.inflate(stream, Z_NO_FLUSH)
                return room - Int(stream.pointee.avail_out)
            }
            return Int(count - stream.pointee.avail_in)
        }
        return status
    }
}
