internal import NIOCore

/// Takes the checksums of a stream as it passes to somebody else.
actor ChecksumWatch {
    private var checksum: StreamChecksum

    /// - Parameter takesSHA256: Whether the SHA-256 is taken as well as the CRC32C.
    init(takesSHA256: Bool = true) { checksum = StreamChecksum(takesSHA256: takesSHA256) }

    /// The same bytes.
    ///
    /// - Parameter check: Looks at the size and the CRC32C of all of it before the stream ends, which throws what it
    ///   throws.
    nonisolated func watching(
        _ stream: ByteStream, check: @escaping @Sendable (Int64, UInt32) throws -> Void = { _, _ in }
    ) -> ByteStream {
        let iterator = stream.makeAsyncIterator()
        return ByteStream {
            if let chunk = try await iterator.next() {
                await self.add(chunk)
                return chunk
            }
            let checksum = await self.checksum
            try check(checksum.size, checksum.crc32c)
            return nil
        }
    }

    /// The bytes so far, as an object would be.
    func object(named name: String) -> StoredObject { StoredObject(name: name, checksum) }

    /// What a store that holds the bytes so far has to say of them.
    var status: ObjectStatus { ObjectStatus(size: checksum.size, crc32c: checksum.crc32c) }

    private func add(_ chunk: ByteBuffer) { chunk.withUnsafeReadableBytes { checksum.update($0) } }
}
