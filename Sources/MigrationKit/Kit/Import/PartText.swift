internal import NIOCore

/// A part of a split dump as it is loaded in a transaction of the loader's own: without the statements that make it one.
///
/// The object is believed once it was read to its end and there is an ``object``.
actor PartText {
    private var part: DumpPart
    /// The object that it has to be as long as no manifest tells of it: where the dump begins and ends in it is found in
    /// the text.
    private let version: ObjectVersion?
    private let store: any ObjectStore
    private var open: (text: StrippedText, watch: ChecksumWatch)?
    private var hasBegun = false
    /// Whether it refuses psql's own commands, where that is found in the text.
    private(set) var isRestricted = false
    private var hasEnded = false

    /// - Parameter version: The object that it has to be, if no manifest tells of it.
    init(_ part: DumpPart, in store: any ObjectStore, version: ObjectVersion? = nil) {
        (self.part, self.store, self.version) = (part, store, version)
    }

    /// The part's SQL.
    nonisolated var sql: ByteStream { ByteStream { try await self.next() } }

    /// The object that was read, to its end; nil: it is another one than it has to be.
    var object: StoredObject? {
        get async {
            guard let open, hasEnded else { return nil }
            let read = await open.watch.object(named: part.object.name)
            return version?.isSame(as: read) ?? part.object.isSame(as: read) ? read : nil
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
        var (text, watch) = try await store.dump(part.object.name)
        if version != nil { text = try await findBounds(text) }
        let stripped = StrippedText(text, of: part)
        open = (stripped, watch)
        return stripped
    }

    /// - Returns: The same text.
    private func findBounds(_ text: ByteStream) async throws -> ByteStream {
        let rest = text.makeAsyncIterator()
        var head = ByteBuffer()
        while head.readableBytes <= DumpPart.additionLimit, let chunk = try await rest.next() {
            head.writeImmutableBuffer(chunk)
            guard let bounds = PartBounds(of: part.object.name, part.kind, inHead: head) else { continue }
            (part.prologue, part.epilogue, isRestricted) = (bounds.prologue, bounds.epilogue, bounds.isRestricted)
            return ByteStream([head], then: rest)
        }
        throw MigrationError(
            .damagedSnapshot, "\(part.object.name) is not a part that src-snapshot made.",
            next: "Find out who wrote it, then upload the snapshot again.")
    }
}
