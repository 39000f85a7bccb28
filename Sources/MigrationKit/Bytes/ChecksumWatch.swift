internal import NIOCore

/// Takes the checksums of a stream as it passes to somebody else.
actor ChecksumWatch {
    private var checksum = StreamChecksum()

    /// The same bytes.
    func watching(_ stream: ByteStream) -> ByteStream {
        let iterator = stream.makeAsyncIterator()
        return ByteStream {
            let chunk = try await iterator.next()
            if let chunk { await self.add(chunk) }
            return chunk
        }
    }

    /// The bytes so far, as an object would be.
    func object(named name: String) -> StoredObject { StoredObject(name: name, checksum) }

    private func add(_ chunk: ByteBuffer) { chunk.withUnsafeReadableBytes { checksum.update($0) } }
}
