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
    private var checker: SplitChecker?

    /// - Parameter checker: Looks at what was added to the parts.
    init(_ parts: [DumpPart], in store: any ObjectStore, checker: SplitChecker? = nil) {
        self.store = store
        self.checker = checker
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
            if let chunk = try await open?.next() {
                try checker?.scan(chunk)
                return chunk
            }
            if let open {
                try checker?.end(
                    open.part, prologue: await open.prologue, length: await open.length, epilogue: await open.epilogue)
                self.open = nil
                if rest.isEmpty { try checker?.finish() }
            }
            guard let part = rest.first else { return nil }
            try checker?.begin(part)
            let (text, watch) = try await store.dump(part.object.name)
            rest = rest.dropFirst()
            watches.append((part, watch))
            open = StrippedText(text, of: part)
        }
    }
}

/// A part's text without what was added at its head and at its end.
actor StrippedText {
    let part: DumpPart
    /// What was added at the head, so far.
    private(set) var prologue = ByteBuffer()
    /// Bytes of the dump so far.
    private(set) var length: Int64 = 0
    /// The last bytes so far, as many as were added at the end.
    private(set) var epilogue = ByteBuffer()

    private let source: ByteStream.AsyncIterator
    private var ready: [ByteBuffer] = []
    private var hasEnded = false

    init(_ text: ByteStream, of part: DumpPart) {
        source = text.makeAsyncIterator()
        self.part = part
    }

    /// The next bytes that are of the dump; nil at their end.
    func next() async throws -> ByteBuffer? {
        while ready.isEmpty, !hasEnded {
            guard var chunk = try await source.next() else {
                hasEnded = true
                guard prologue.readableBytes == part.prologue, epilogue.readableBytes == part.epilogue else {
                    throw tooShort
                }
                break
            }
            let missing = min(part.prologue - prologue.readableBytes, chunk.readableBytes)
            if missing > 0, let head = chunk.readSlice(length: missing) { prologue.writeImmutableBuffer(head) }
            if chunk.readableBytes > 0 { take(chunk) }
        }
        guard !ready.isEmpty else { return nil }
        let chunk = ready.removeFirst()
        length += Int64(chunk.readableBytes)
        return chunk
    }

    private func take(_ new: ByteBuffer) {
        var chunk = new
        let surplus = epilogue.readableBytes + chunk.readableBytes - part.epilogue
        if surplus > 0, let out = epilogue.readSlice(length: min(surplus, epilogue.readableBytes)),
            out.readableBytes > 0
        {
            ready.append(out)
        }
        if part.epilogue < chunk.readableBytes, let out = chunk.readSlice(length: chunk.readableBytes - part.epilogue) {
            ready.append(out)
        }
        // A copy: a slice would keep all of its chunk.
        var rest = ByteBuffer()
        rest.writeImmutableBuffer(epilogue)
        rest.writeImmutableBuffer(chunk)
        epilogue = rest
    }

    private var tooShort: MigrationError {
        MigrationError(
            .damagedSnapshot, "\(part.object.name) is shorter than the text that was added when the dump was split.",
            next: "Upload the snapshot again.")
    }
}

extension ObjectStore {
    /// Reads a dump.
    ///
    /// - Parameter checksParts: Whether what was added to its parts is looked at: a server that imports them runs it.
    func dump(_ entry: SnapshotManifest.DatabaseEntry, checksParts: Bool = false) -> StoredDump {
        guard checksParts, entry.parts.count > 1 else { return StoredDump(entry.parts, in: self) }
        let names = PartNames(database: entry.database, of: entry.parts[0].object.name)
        return StoredDump(entry.parts, in: self, checker: SplitChecker(names: names))
    }

    /// Reads an object with SQL.
    ///
    /// - Returns: Its SQL, unpacked if it is compressed; and who takes the checksums of the object as it is stored.
    func dump(_ name: String) async throws -> (ByteStream, ChecksumWatch) {
        let watch = ChecksumWatch()
        let stored = watch.watching(try await get(name))
        return (name.hasSuffix(".gz") ? Gzip.decompressed(stored, name: name) : stored, watch)
    }
}
