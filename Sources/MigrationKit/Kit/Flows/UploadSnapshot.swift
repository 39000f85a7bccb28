internal import Crypto
internal import NIOCore
internal import SystemPackage

/// `src-snapshot upload`: puts a snapshot in a bucket.
///
/// 1. Every file that is asked for is there.
/// 2. Each dump is read once: rewritten for the destination, digested, and put; all of them side by side. What an earlier
///    run has put in a bucket that may be written only once counts; what it has begun goes on. One that fails leaves the
///    others to go on to their ends.
/// 3. `manifest.json` last: where it is, the snapshot is complete.
///
/// The customer's files stay as they are.
public struct UploadSnapshot: Sendable {
    /// What is uploaded.
    public var folder: SnapshotFolder
    /// Where to.
    public var store: any ObjectStore
    /// Which dumps.
    public var databases: [Database]
    /// Databases that the instance does not have, in somebody's words. Those that its release is too old for need not be
    /// named.
    public var absent: Set<Database> = []
    /// Whether `summary.json` goes with them.
    public var includesSummary: Bool
    /// What the destination cannot take.
    public var profile: RewriteProfile
    /// Whether the dumps are compressed: `primary.sql.gz`.
    public var compresses = false
    /// How large the parts are that the dumps are put in one after the other, with what their rows need to be imported
    /// one by one. Nil: each dump is one object.
    public var splitSize: Int64?
    /// Whether `manifest.json` is written though a database is missing. A bucket that may be written only once takes it
    /// only once.
    public var isPartial = false
    /// Whether what earlier runs have noted is forgotten.
    public var startsOver = false
    /// Whether the dumps have to be Sourcegraph's databases; if not, one that holds nothing of Sourcegraph is taken with a
    /// warning.
    public var isOfInstance: Bool
    /// Why dumps are taken that do not hold all of a database, such as those without a table's rows; nil: they are not.
    public var acceptsIncomplete: String?
    /// Takes what happens.
    public var onEvent: MigrationEventHandler

    /// A summary is a few kilobytes.
    static let summaryLimit: Int64 = 64 << 20

    /// Names what to upload, and where to; see the properties.
    public init(
        folder: SnapshotFolder = SnapshotFolder(), store: any ObjectStore, databases: [Database] = Database.allCases,
        includesSummary: Bool = true, profile: RewriteProfile = .cloudSQL,
        onEvent: @escaping MigrationEventHandler = { _ in }
    ) {
        self.folder = folder
        self.store = store
        self.databases = databases
        self.includesSummary = includesSummary
        isOfInstance = includesSummary
        self.profile = profile
        self.onEvent = onEvent
    }

    /// Uploads the snapshot.
    ///
    /// - Returns: The manifest. It is in the bucket unless that may be written only once and waits for more databases.
    /// - Throws: ``MigrationError`` if a file is missing, torn, changed since it was dumped or while it was read, or holds
    ///   what cannot be imported; or if the store refuses. Nothing is left under the name of what failed, and no manifest.
    public func run() async throws -> SnapshotManifest {
        let upload = try await withoutAbsent()
        try upload.checkFiles()
        do {
            return try await FolderLock.with(folder.path) { try await upload.runAlone() }
        } catch is CancellationError where store.isWriteOnce {
            throw MigrationError(
                .interrupted, "Stopped.", next: "Run the same command to resume: what is stored is not sent again.")
        }
    }

    private func runAlone() async throws -> SnapshotManifest {
        let ledger = try await UploadLedger(folder: folder, store: store, startsOver: startsOver)
        try await checkAgainst(ledger)
        let earlier = store.isWriteOnce ? nil : try await earlierManifest()
        let kept = store.isWriteOnce ? kept(of: ledger) : try await kept(of: earlier)
        try checkNoneIsAbsent(of: kept)
        let (sent, summary) = try await uploadSideBySide(ledger)
        let entries = kept + sent
        let files = summary.map { [$0] } ?? earlier?.files ?? []
        // What is in the folder by now is only not uploaded yet.
        let absent = try absent.union(earlier?.absent ?? []).subtracting(entries.map(\.database) + dumped())
        let instant = try await instant(of: entries.map(\.database))
        let manifest = try await upload(
            SnapshotManifest(databases: entries, absent: absent, instant: instant, files: files), ledger)
        try await ledger.forgetEarlier()
        return manifest
    }

    /// The moment that all of the dumps are of; nil: they were not taken together.
    private func instant(of databases: [Database]) async throws -> SnapshotInstant? {
        var instants: Set<SnapshotInstant?> = []
        for database in databases { instants.insert(try await folder.readRecord(of: database)?.instant) }
        guard instants.count == 1, let instant = instants.first ?? nil else { return nil }
        return Set(instant.moments.map(\.database)).isSuperset(of: databases) ? instant : nil
    }

    private func checkFiles() throws {
        if let bucket = store as? DirectoryStore, let identity = FileIdentity(path: bucket.path),
            let source = FileIdentity(path: folder.path), identity.isSameFile(as: source)
        {
            throw MigrationError(
                .usage, "The bucket is the folder with the dumps, which would be overwritten.",
                next: "Use another folder, such as --bucket=./bucket."
            )
        }
        let dumps = try databases.sorted().filter { FileIdentity(path: try folder.dump(of: $0)) == nil }
        var missing = dumps.map(\.dumpName)
        if includesSummary, FileIdentity(path: folder.summary) == nil { missing.append("summary.json") }
        guard missing.isEmpty else {
            throw MigrationError(
                .unmetRequirement, "\(folder.path) lacks \(missing.joined(separator: ", ")).",
                next: dumps.isEmpty
                    ? "Create it with `src-snapshot summary`, or upload --without-summary." : next(for: dumps))
        }
    }

    /// An object that is there and would have to be replaced is told before anything is sent.
    private func checkAgainst(_ ledger: UploadLedger) async throws {
        guard store.isWriteOnce else { return }
        for database in databases {
            let fingerprint = try await fingerprint(of: database)
            for name in ledger.names(of: database) where form(of: database).owns(name) {
                try ledger.check(name, fingerprint)
            }
        }
        if includesSummary { try ledger.check("summary.json", await SourceFingerprint(folder.summary)) }
        let names = databases.sorted().map { name(of: $0) } + (includesSummary ? ["summary.json"] : [])
        let new = names.filter { ledger.finished($0) == nil }
        if ledger.finished(SnapshotManifest.name) != nil, !new.isEmpty {
            throw ledger.cannotReplace(SnapshotManifest.name, "does not name \(new.joined(separator: ", "))")
        }
    }

    // MARK: Dumps and summary

    private func form(of database: Database) -> DumpForm {
        DumpForm(database: database, isCompressed: compresses, splitSize: splitSize)
    }

    /// The object with which the dump is there.
    private func name(of database: Database) -> String { form(of: database).last }

    private func fingerprint(of database: Database) async throws -> SourceFingerprint {
        let split = splitSize.map { ", split \($0)" } ?? ""
        return try await SourceFingerprint(
            folder.dump(of: database), "\(profile.rawValue), gzip \(compresses)\(split)")
    }

    /// What is sent at the same time.
    private enum Piece {
        case dump(Database)
        case summary
    }

    /// What came of it.
    private enum Sent {
        case dump(SnapshotManifest.DatabaseEntry)
        case summary(StoredObject)
    }

    private func uploadSideBySide(
        _ ledger: UploadLedger
    ) async throws -> (dumps: [SnapshotManifest.DatabaseEntry], summary: StoredObject?) {
        let pieces = databases.sorted().map(Piece.dump) + (includesSummary ? [.summary] : [])
        let sent = try await SideBySide.results(of: pieces) { piece in
            switch piece {
            case .dump(let database): Sent.dump(try await upload(database, ledger))
            case .summary: Sent.summary(try await uploadSummary(ledger))
            }
        }.allOrError("uploads")
        var dumps: [SnapshotManifest.DatabaseEntry] = []
        var summary = ledger.finished("summary.json")?.object
        for one in sent {
            switch one {
            case .dump(let entry): dumps.append(entry)
            case .summary(let object): summary = object
            }
        }
        return (dumps, summary)
    }

    private func upload(_ database: Database, _ ledger: UploadLedger) async throws -> SnapshotManifest.DatabaseEntry {
        let name = name(of: database)
        let path = try folder.dump(of: database)
        let fingerprint = try await fingerprint(of: database)
        try ledger.check(name, fingerprint)
        if let entry = ledger.finished(name)?.entry {
            onEvent(
                .notice(
                    .init(
                        .alreadyUploaded, "\(entry.name): already uploaded (\(entry.uploadedAt)), skipped.",
                        ["name": .init(entry.name), "uploadedAt": .init("\(entry.uploadedAt)")])))
            return entry
        }
        let upload = DumpUpload(
            database: database, path: path, record: try await folder.readRecord(of: database), profile: profile,
            form: form(of: database), store: store, ledger: ledger, fingerprint: fingerprint,
            isOfInstance: isOfInstance, acceptsIncomplete: acceptsIncomplete, onEvent: onEvent)
        let entry = try await upload.run()
        if let last = entry.parts.last {
            let notes = try await ledger.notes(for: name, source: fingerprint, onEvent)
            try notes?.note(UploadNotes.Finished(object: last.object, entry: entry))
        }
        // What was begun in another form of the same dump.
        let sent = Set(entry.parts.map(\.object.name))
        for other in ledger.names(of: database) where !sent.contains(other) { await ledger.abandon(other) }
        return entry
    }

    private func uploadSummary(_ ledger: UploadLedger) async throws -> StoredObject {
        let name = "summary.json"
        let reader = try FileReader(path: folder.summary)
        guard try reader.identity().size <= Self.summaryLimit else {
            throw MigrationError(.damagedSnapshot, "\(folder.summary) is too large to be a summary.")
        }
        let notes = try await ledger.notes(for: name, source: SourceFingerprint(folder.summary), onEvent)
        if let object = notes?.current.finished?.object { return object }
        return try await put(name, try reader.unchangingStream, notes)
    }

    private func put(_ name: String, _ stream: ByteStream, _ notes: UploadNotes?) async throws -> StoredObject {
        let upload = ObjectUpload(stream: stream, notes: notes, onNotice: { onEvent(.warning($0)) })
        let object: StoredObject
        do { object = try await store.putChecked(name, upload) } catch is UploadGone {
            throw UploadGone.error(name, store.location)
        }
        try notes?.note(UploadNotes.Finished(object: object))
        return object
    }

    // MARK: The manifest

    private func upload(_ new: SnapshotManifest, _ ledger: UploadLedger) async throws -> SnapshotManifest {
        let missing = new.missing.map(\.dumpName).joined(separator: ", ")
        guard missing.isEmpty || isPartial || !store.isWriteOnce else {
            onEvent(
                .notice(
                    .init(
                        .manifestWaiting,
                        "manifest.json can be written only once, and waits for \(missing). "
                            + "If no more dumps will follow, add --partial.",
                        ["missing": .init(new.missing.map(\.dumpName))])))
            return new
        }
        return try await UploadManifest(store: store, ledger: ledger, onEvent: onEvent).put(new)
    }

    /// What an earlier upload has left in the bucket. Where all dumps are uploaded again, one that cannot be read is
    /// replaced; else it is an error, and better before the upload than after it.
    private func earlierManifest() async throws -> SnapshotManifest? {
        guard try await store.status(of: SnapshotManifest.name) != nil else { return nil }
        do {
            return try await SnapshotManifest(readFrom: store)
        } catch let error as MigrationError where absent.union(databases).count == Database.allCases.count {
            onEvent(
                .warning(
                    .init(.manifestReplaced, "\(error.message) Replacing it.", ["reason": .init(error.message)])))
            return nil
        }
    }

    private func kept(of earlier: SnapshotManifest?) async throws -> [SnapshotManifest.DatabaseEntry] {
        var kept: [SnapshotManifest.DatabaseEntry] = []
        for entry in earlier?.databases ?? [] where !databases.contains(entry.database) {
            var isThere = true
            for object in entry.parts.map(\.object) where isThere {
                isThere = try await store.status(of: object.name)?.size == object.size
            }
            guard isThere else { continue }
            kept.append(entry)
            onEvent(
                .notice(
                    .init(
                        .uploadKept, "\(entry.name) stays as it was uploaded at \(entry.uploadedAt).",
                        ["name": .init(entry.name), "uploadedAt": .init("\(entry.uploadedAt)")])))
        }
        return kept
    }

    private func kept(of ledger: UploadLedger) -> [SnapshotManifest.DatabaseEntry] {
        Database.allCases.filter { !databases.contains($0) }.compactMap { database in
            ledger.names(of: database).compactMap { ledger.finished($0)?.entry }.max { $0.uploadedAt < $1.uploadedAt }
        }
    }
}
