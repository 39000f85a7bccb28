internal import NIOCore

/// A dump as it is read from its objects: unpacked, without what was added to its parts, joined.
///
/// What comes out is the rewritten dump, byte for byte, however it was split. The objects are believed once they were
/// read to their end and ``alteredObject()`` knows of none.
actor StoredDump {
    private let store: any ObjectStore
    private var rest: ArraySlice<DumpPart>
    private var open: StrippedText?
    private var watches: [(DumpPart, ChecksumWatch)] = []

    init(_ parts: [DumpPart], in store: any ObjectStore) {
        self.store = store
        rest = parts[...]
    }

    /// The dump's SQL.
    nonisolated var sql: ByteStream { ByteStream { try await self.next() } }

    /// The first object that is not the one of which the manifest tells.
    func alteredObject() async -> String? {
        for (part, watch) in watches {
            guard part.object.isSame(as: await watch.object(named: part.object.name)) else { return part.object.name }
        }
        return rest.first?.object.name
    }

    private func next() async throws -> ByteBuffer? {
        while true {
            if let chunk = try await open?.next() { return chunk }
            guard let part = rest.first else { return nil }
            let (text, watch) = try await store.dump(part.object.name)
            rest = rest.dropFirst()
            watches.append((part, watch))
            open = StrippedText(text, of: part)
        }
    }
}

/// A part's text without what was added at its head and at its end.
actor StrippedText {
    private let source: ByteStream.AsyncIterator
    private let part: DumpPart
    private var head: Int
    /// The last bytes so far, as many as were added at the end.
    private var tail = ByteBuffer()
    private var ready: [ByteBuffer] = []
    private var hasEnded = false

    init(_ text: ByteStream, of part: DumpPart) {
        source = text.makeAsyncIterator()
        self.part = part
        head = part.prologue
    }

    /// The next bytes that are of the dump; nil at their end.
    func next() async throws -> ByteBuffer? {
        while ready.isEmpty, !hasEnded {
            guard var chunk = try await source.next() else {
                hasEnded = true
                guard head == 0, tail.readableBytes == part.epilogue else { throw tooShort }
                break
            }
            let skipped = min(head, chunk.readableBytes)
            chunk.moveReaderIndex(forwardBy: skipped)
            head -= skipped
            if chunk.readableBytes > 0 { take(chunk) }
        }
        return ready.isEmpty ? nil : ready.removeFirst()
    }

    private func take(_ new: ByteBuffer) {
        var chunk = new
        let surplus = tail.readableBytes + chunk.readableBytes - part.epilogue
        if surplus > 0, let out = tail.readSlice(length: min(surplus, tail.readableBytes)), out.readableBytes > 0 {
            ready.append(out)
        }
        if part.epilogue < chunk.readableBytes, let out = chunk.readSlice(length: chunk.readableBytes - part.epilogue) {
            ready.append(out)
        }
        // A copy: a slice would keep all of its chunk.
        var rest = ByteBuffer()
        rest.writeImmutableBuffer(tail)
        rest.writeImmutableBuffer(chunk)
        tail = rest
    }

    private var tooShort: MigrationError {
        MigrationError(
            .damagedSnapshot, "\(part.object.name) holds less than what was added to it when the dump was split.",
            next: "Upload the snapshot again.")
    }
}

extension ObjectStore {
    /// Reads a dump.
    func dump(_ entry: SnapshotManifest.DatabaseEntry) -> StoredDump { StoredDump(entry.parts, in: self) }

    /// Reads an object with SQL.
    ///
    /// - Returns: Its SQL, unpacked if it is compressed; and who takes the checksums of the object as it is stored.
    func dump(_ name: String) async throws -> (ByteStream, ChecksumWatch) {
        let watch = ChecksumWatch()
        let stored = watch.watching(try await get(name))
        return (name.hasSuffix(".gz") ? Gzip.decompressed(stored, name: name) : stored, watch)
    }
}
