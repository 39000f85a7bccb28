internal import NIOCore

/// `src-snapshot verify`: reads a snapshot again and holds it against its manifest, byte for byte and row for row.
///
/// 1. The manifest is there and names objects that are there, all of them, of the right size.
/// 2. Each object is read whole: CRC32C, SHA-256; for a dump also its trailer, rows and content digests, and that nothing
///    was added to its parts but what makes them parts.
public struct VerifySnapshot: Sendable {
    /// The bucket.
    public var store: any ObjectStore
    /// Which dumps have to be there and are looked at; nil: those that the manifest names.
    public var databases: [Database]?
    /// Whether the objects of dumps are read whole. If not, an object counts as what was uploaded if the store's own
    /// checksum of it says so, and it begins and ends as a dump does. A store without checksums is read in any case.
    public var readsObjects = true
    /// Whether dumps that lack a part of their database are warned of; else whoever asked looks for it.
    var tellsOfGaps = true
    /// Is done once the manifest is known to be good, before hours of reading; takes what the manifest says, or nil where
    /// there is none.
    var beforeReading: @Sendable (Verified?) async throws -> Void = { _ in }
    /// Takes what happens.
    public var onEvent: MigrationEventHandler

    /// A snapshot that was verified.
    public struct Verified: Sendable {
        /// The manifest; nil where the bucket has none, because it was filled by another program.
        public var manifest: SnapshotManifest?
        /// Each dump that was looked at: its object, and what it holds.
        public var dumps: [SnapshotManifest.DatabaseEntry]
    }

    /// Names what to verify; see the properties.
    public init(
        store: any ObjectStore, databases: [Database]? = nil,
        onEvent: @escaping MigrationEventHandler = { _ in }
    ) {
        self.store = store
        self.databases = databases
        self.onEvent = onEvent
    }

    /// Verifies the snapshot.
    ///
    /// - Parameter requiresManifest: Whether a bucket without manifest is an error. If not, the dumps' trailers are
    ///   checked and their rows counted, and that is all that is known.
    /// - Throws: ``MigrationError`` that lists by name what is missing or differs.
    public func run(requiresManifest: Bool = true) async throws -> Verified {
        let names = try await store.list()
        guard names.contains(SnapshotManifest.name) else {
            guard !requiresManifest else { throw noManifest(names) }
            try await beforeReading(nil)
            return try await Verified(manifest: nil, dumps: readWithoutManifest(names))
        }
        let manifest = try await SnapshotManifest(readFrom: store)
        try await tellOfDeadAttempts(names, manifest)
        let entries = try chosen(from: manifest)
        try await checkPresence(of: entries.flatMap { $0.parts.map(\.object) } + manifest.files)
        try await beforeReading(Verified(manifest: manifest, dumps: entries))
        for file in manifest.files { try await verify(file) }
        let verified = try await SideBySide.results(of: entries) { entry in
            if !readsObjects, try await looksAsUploaded(entry) { return entry }
            return try await verify(entry)
        }.allOrError("dumps")
        if tellsOfGaps {
            for dump in verified {
                let completeness = DumpCompleteness(database: dump.database, contents: dump.contents)
                if let warning = completeness.warning(name: dump.name) {
                    onEvent(.warning(warning))
                }
            }
        }
        return Verified(manifest: manifest, dumps: verified)
    }

    private func noManifest(_ names: [String]) -> MigrationError {
        MigrationError(
            .damagedSnapshot, "\(store.location) has no manifest.json: the snapshot is not complete.",
            next: "Run the same src-snapshot command until it finishes: it writes manifest.json last.",
            details: StoredAttempt.inventory(of: names)
        )
    }

    /// They cost storage, and hold the customer's data. That they are there does not speak against the snapshot.
    private func tellOfDeadAttempts(_ names: [String], _ manifest: SnapshotManifest) async throws {
        let dead = StoredAttempt.all(in: names).filter { !manifest.attempts.contains($0.name) }
        guard !dead.isEmpty else { return }
        let sizes = try await store.sizes()
        for attempt in dead { onEvent(.notice(attempt.notice(sizes, in: store))) }
    }

    private func chosen(from manifest: SnapshotManifest) throws -> [SnapshotManifest.DatabaseEntry] {
        let absent = manifest.absent ?? []
        let wanted = (databases ?? manifest.databases.map(\.database)).filter { !absent.contains($0) }
        guard !absent.contains(where: { absent in manifest.databases.contains { $0.database == absent } }) else {
            throw damaged(["manifest.json lists a dump of a database that it says does not exist."])
        }
        let missing = wanted.filter { database in !manifest.databases.contains { $0.database == database } }
        guard missing.isEmpty else {
            throw MigrationError(
                .damagedSnapshot,
                "The snapshot in \(store.location) has no \(missing.map(\.dumpName).joined(separator: ", ")).",
                next: "Upload all three dumps, or choose databases with --database."
            )
        }
        if wanted.isEmpty, let databases, !databases.isEmpty {
            throw MigrationError(
                .usage, "The instance had no \(absent.map(\.rawValue).joined(separator: ", ")), says its snapshot.",
                next: "Omit --database, or choose others.")
        }
        if databases?.contains(where: absent.contains) == true {
            onEvent(
                .notice(
                    .init(
                        .databaseAbsent,
                        "The instance had no \(absent.map(\.rawValue).joined(separator: ", ")), says its snapshot.",
                        ["databases": .init(absent.map(\.rawValue))])))
        }
        return manifest.databases.filter { wanted.contains($0.database) }.sorted { $0.database < $1.database }
    }

    private func checkPresence(of objects: [StoredObject]) async throws {
        var problems: [String] = []
        for object in objects {
            let size = try await store.status(of: object.name)?.size
            if size == nil { problems.append("\(object.name) is missing.") }
            if let size, size != object.size {
                problems.append("\(object.name) has \(size) bytes; \(object.size) were uploaded.")
            }
        }
        guard problems.isEmpty else { throw damaged(problems) }
    }

    /// - Returns: The entry, with what the dump itself shows and a manifest of an older program does not tell: what may
    ///   have been left out of it, and what keeps its database from being moved.
    private func verify(_ entry: SnapshotManifest.DatabaseEntry) async throws -> SnapshotManifest.DatabaseEntry {
        let name = entry.name
        onEvent(.started(name, total: entry.size))
        do {
            let runner = PassRunner(profile: .none, name: name, refuses: .all, onEvent: onEvent)
            let dump = store.dump(entry, checksParts: true)
            for try await _ in runner.stream(dump.sql) {}
            if let altered = await dump.alteredObject() { throw differs(altered) }
            let contents = try await runner.finishedReport().contents
            guard contents.tables == entry.contents.tables, contents.sequences == entry.contents.sequences else {
                throw damaged(["The rows of \(name) differ from those in the manifest."])
            }
            onEvent(
                .finished(
                    name,
                    summary: "\(Quantity.count(contents.rows)) rows in \(contents.tables.count) tables, as uploaded"))
            var verified = entry
            verified.contents.gaps = contents.gaps
            verified.contents.encryptedRows = contents.encryptedRows
            verified.contents.outOfBandMigrations = contents.outOfBandMigrations
            verified.contents.firstVersion = contents.firstVersion
            return verified
        } catch let error as MigrationError {
            onEvent(.failed(name, error))
            throw error.naming(name)
        }
    }

    private func verify(_ object: StoredObject) async throws {
        let watch = ChecksumWatch()
        for try await _ in watch.watching(try await store.get(object.name)) {}
        guard object.isSame(as: await watch.object(named: object.name)) else { throw differs(object.name) }
    }

    /// Whether the store's checksums and the objects' ends tell that they are what was uploaded; false: the store keeps
    /// none.
    private func looksAsUploaded(_ entry: SnapshotManifest.DatabaseEntry) async throws -> Bool {
        for object in entry.parts.map(\.object) {
            guard let crc32c = try await store.status(of: object.name)?.crc32c else { return false }
            guard crc32c.base64 == object.crc32c else { throw differs(object.name) }
            // What is compressed has no ends that could be looked at.
            if !object.name.hasSuffix(".gz") { try await checkEnds(of: object) }
        }
        onEvent(
            .finished(
                entry.name, summary: "\(Quantity.bytes(entry.size)), with the checksums of what was uploaded"))
        return true
    }

    private func checkEnds(of object: StoredObject) async throws {
        var frame = DumpFrame()
        do {
            for range in [0..<min(object.size, 64 << 10), max(0, object.size - (64 << 10))..<object.size] {
                for try await chunk in try await store.get(object.name, range: range) {
                    try chunk.withUnsafeReadableBytes { try frame.add($0) }
                }
            }
            try frame.checkHead()
            try frame.checkTail()
        } catch let error as MigrationError {
            throw error.naming(object.name)
        }
    }

    private func differs(_ name: String) -> MigrationError {
        damaged(["\(name) is not what was uploaded: its checksums differ."])
    }

    /// A bucket that another program has filled: each dump is read to its end, and believed no further than that.
    private func readWithoutManifest(_ names: [String]) async throws -> [SnapshotManifest.DatabaseEntry] {
        var entries: [SnapshotManifest.DatabaseEntry] = []
        let wanted = databases ?? Database.allCases
        let missing = wanted.filter { $0.storedNames.allSatisfy { !names.contains($0) } }
        // Parts tell nothing of how many there should be.
        guard missing.allSatisfy({ !names.contains(where: $0.owns) }) else { throw noManifest(names) }
        guard missing.isEmpty else { throw damaged(missing.map { "\($0.dumpName) is missing." }) }
        for database in wanted.sorted() {
            let present = database.storedNames.filter(names.contains)
            guard let name = present.first, present.count == 1 else {
                throw MigrationError.twoDumps(present, in: store.location)
            }
            onEvent(.started(name, total: try await store.status(of: name)?.size))
            let runner = PassRunner(profile: .cloudSQL, name: name, refuses: .all, onEvent: onEvent)
            let (dump, watch) = try await store.dump(name)
            for try await _ in runner.stream(dump) {}
            let contents = try await runner.finishedReport().contents
            entries.append(
                .init(
                    database: database, profile: .cloudSQL, parts: [.whole(await watch.object(named: name))],
                    contents: contents))
            onEvent(.finished(name, summary: "ends as a dump does; \(Quantity.count(contents.rows)) rows"))
        }
        return entries
    }

    private func damaged(_ problems: [String]) -> MigrationError {
        MigrationError(
            .damagedSnapshot, "The snapshot in \(store.location) is damaged.", next: "Upload it again.",
            details: problems
        )
    }
}
