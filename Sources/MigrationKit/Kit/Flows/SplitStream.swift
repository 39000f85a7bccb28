internal import NIOCore

/// Hands out the parts of a dump one after the other, in one pass over it.
///
/// A part's text ends only when the part has; the last one's only if the dump's stream has ended without a throw.
actor SplitStream {
    private let source: ByteStream.AsyncIterator
    private var splitter: DumpSplitter
    private var pieces: ArraySlice<SplitPiece> = []
    private var sourceHasEnded = false
    private var isOpen = false
    /// The part that is read or was the last to be so, with what is known of it by now.
    private(set) var part: SplitPart?

    /// - Parameters:
    ///   - dump: The dump, rewritten.
    ///   - splitter: Knows where to cut it.
    init(_ dump: ByteStream, _ splitter: DumpSplitter) {
        source = dump.makeAsyncIterator()
        self.splitter = splitter
    }

    /// Extensions that the parts make.
    var extensions: [RequiredExtension] { splitter.extensions }

    /// The next part, once the one before has been read to its end; nil behind the last.
    func next() async throws -> SplitPart? {
        guard case .begin(let part)? = try await nextPiece() else { return nil }
        (self.part, isOpen) = (part, true)
        return part
    }

    /// The bytes of the part that ``next()`` has told of.
    nonisolated var text: ByteStream { ByteStream { try await self.nextChunk() } }

    /// Bytes that the part's text has given before, made again.
    ///
    /// - Parameters:
    ///   - range: Which bytes of the part.
    ///   - dump: Gives a stretch of the rewritten dump.
    func reread(
        _ range: Range<Int64>, _ dump: @Sendable (Range<Int64>) async throws -> ByteStream
    ) async throws -> ByteStream {
        guard let part else { return ByteStream(chunks: []) }
        let head = Int64(part.prologue.readableBytes)
        // Where nobody knows the end yet, nobody has seen it.
        let tail = part.hasEnded ? head + part.length : max(head, range.upperBound)
        let body = range.clamped(to: head..<tail)
        let shift = part.start - head
        let before = part.prologue.bytes(range.clamped(to: 0..<head))
        let behind = range.clamped(to: tail..<max(tail, range.upperBound))
        let stretch = try await dump(body.lowerBound + shift..<body.upperBound + shift)
        let whole = ByteStream(before, then: stretch.makeAsyncIterator()).makeAsyncIterator()
        let end = ChunkQueue(part.epilogue.bytes(behind.lowerBound - tail..<behind.upperBound - tail))
        return ByteStream {
            if let chunk = try await whole.next() { return chunk }
            return end.next()
        }
    }

    private func nextChunk() async throws -> ByteBuffer? {
        // Readers ask again behind the end, where the next part begins.
        guard isOpen, case .text(let bytes)? = try await nextPiece() else {
            isOpen = false
            return nil
        }
        // With its last bytes the part is known whole.
        if case .end(let ended)? = pieces.first { part = ended }
        return bytes
    }

    private func nextPiece() async throws -> SplitPiece? {
        while pieces.isEmpty {
            if sourceHasEnded { return nil }
            if let chunk = try await source.next() {
                pieces = try splitter.scan(chunk)[...]
            } else {
                sourceHasEnded = true
                pieces = try splitter.finish()[...]
            }
        }
        return pieces.popFirst()
    }
}

extension ByteBuffer {
    /// Some of the bytes, as a chunk; none for none.
    fileprivate func bytes(_ range: Range<Int64>) -> [ByteBuffer] {
        range.isEmpty ? [] : [getSlice(at: readerIndex + Int(range.lowerBound), length: range.count)].compactMap(\.self)
    }
}
