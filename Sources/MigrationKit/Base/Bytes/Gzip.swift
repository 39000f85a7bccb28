package import NIOCore

/// Gzip, on as many cores as there are: how a dump is sent where the link is slower than the processors.
///
/// What is written is one member, as by pigz. Blocks that are members of their own would be simpler to make, but some
/// readers take the first member for all there is.
///
/// A few bytes are compressed and decompressed for the rehearsal's instance, too, which has no `@testable` in a release.
package enum Gzip {
    /// The stream as gzip. The same bytes give the same gzip, however they are cut into chunks, on any number of cores.
    ///
    /// - Parameters:
    ///   - stream: The bytes; its failure is thrown as it is.
    ///   - level: zlib's, from 1 to 9.
    package static func compressed(_ stream: ByteStream, level: Int32 = 1) -> ByteStream {
        let compressor = GzipCompressor(stream, level: level)
        return ByteStream { try await compressor.next() }
    }

    /// What was compressed, in chunks of bounded size, whatever the gzip blows up to.
    ///
    /// - Parameters:
    ///   - stream: One gzip member or several, and nothing else; its failure is thrown as it is.
    ///   - name: The object, for errors.
    /// - Returns: A stream that throws ``MigrationError`` where the gzip is damaged, cut off, or has something behind it.
    package static func decompressed(_ stream: ByteStream, name: String) -> ByteStream {
        let decompressor = GzipDecompressor(stream, name: name)
        return ByteStream { try await decompressor.next() }
    }

    /// A few bytes as gzip.
    package static func compressed(_ bytes: ByteBuffer) async throws -> ByteBuffer {
        try await compressed(.once(bytes)).collected { _ in }
    }

    /// What a few bytes of gzip hold.
    ///
    /// - Parameters:
    ///   - bytes: The gzip.
    ///   - limit: More bytes than this are an error.
    ///   - name: What it is, for errors.
    /// - Throws: ``MigrationError`` if it is no gzip, or holds more than the limit.
    package static func decompressed(_ bytes: ByteBuffer, limit: Int, name: String) async throws -> ByteBuffer {
        try await decompressed(.once(bytes), name: name).collected { count in
            if count > limit { throw MigrationError(.failed, "\(name) is far larger than expected.") }
        }
    }

    /// What compressing would gain and cost, by doing it to a chunk, on this thread.
    ///
    /// - Parameter chunk: A piece of what would be compressed, of half a megabyte or so.
    package static func sample(_ chunk: ByteBuffer) -> GzipSample {
        let start = ContinuousClock.now
        let block = GzipBlock(chunk, after: nil, level: 1)
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        return GzipSample(
            ratio: Double(chunk.readableBytes) / Double(block.deflated.readableBytes),
            bytesPerSecondPerCore: seconds > 0 ? Double(chunk.readableBytes) / seconds : 0
        )
    }
}

/// What gzip makes of a piece of a dump.
package struct GzipSample: Sendable {
    /// How many times smaller it gets.
    package var ratio: Double
    /// How much of it one core compresses in a second.
    package var bytesPerSecondPerCore: Double
}
