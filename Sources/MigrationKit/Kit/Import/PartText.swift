internal import NIOCore

/// A part of a split dump as it is loaded in a transaction of the loader's own: without the statements that make it one.
///
/// The object is believed once it was read to its end and ``isAltered`` says no.
actor PartText {
    private let part: DumpPart
    private let store: any ObjectStore
    private var open: (text: StrippedText, watch: ChecksumWatch)?
    private var hasBegun = false
    private var hasEnded = false

    init(_ part: DumpPart, in store: any ObjectStore) { (self.part, self.store) = (part, store) }

    /// The part's SQL.
    nonisolated var sql: ByteStream { ByteStream { try await self.next() } }

    /// Whether the object is another one than the manifest tells of.
    var isAltered: Bool {
        get async {
            guard let open, hasEnded else { return true }
            return await !part.object.isSame(as: open.watch.object(named: part.object.name))
        }
    }

    private func next() async throws -> ByteBuffer? {
        guard !hasEnded else { return nil }
        let text = try await stripped()
        let chunk = try await text.next()
        var output = ByteBuffer()
        if !hasBegun {
            hasBegun = true
            output = OwnStatements.removed(fromPrologue: await text.prologue)
        }
        if let chunk {
            guard output.readableBytes > 0 else { return chunk }
            output.writeImmutableBuffer(chunk)
            return output
        }
        hasEnded = true
        output.writeImmutableBuffer(OwnStatements.removed(fromEpilogue: await text.epilogue))
        return output
    }

    private func stripped() async throws -> StrippedText {
        if let open { return open.text }
        let (text, watch) = try await store.dump(part.object.name)
        let stripped = StrippedText(text, of: part)
        open = (stripped, watch)
        return stripped
    }
}
