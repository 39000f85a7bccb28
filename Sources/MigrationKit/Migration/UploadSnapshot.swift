internal import NIOCore
internal import SystemPackage

/// `src-snapshot upload`: puts a snapshot in a bucket.
///
/// 1. Every file that is asked for is there.
/// 2. Each dump is read once: rewritten for the destination, digested, and put.
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
    /// Whether `summary.json` goes with them.
    public var includesSummary: Bool
    /// What the destination cannot take.
    public var profile: RewriteProfile
    /// Takes what happens.
    public var onEvent: MigrationEventHandler

    /// A summary is a few kilobytes.
    private static let summaryLimit: Int64 = 64 << 20

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
        self.profile = profile
        self.onEvent = onEvent
    }

    /// Uploads the snapshot.
    ///
    /// - Returns: The manifest.
    /// - Throws: ``MigrationError`` if a file is missing, torn, changed since it was dumped or while it was read, or holds
    ///   what cannot be imported; or if the store refuses. Nothing is left under the name of what failed, and no manifest.
    public func run() async throws -> SnapshotManifest {
        try checkFiles()
        return try await FolderLock.with(folder.path) {
            let earlier = try await earlierManifest()
            var entries: [SnapshotManifest.DatabaseEntry] = []
            for database in databases.sorted() { entries.append(try await upload(database)) }
            let files = includesSummary ? [try await uploadSummary()] : earlier?.files ?? []
            entries += try await kept(of: earlier)
            let manifest = SnapshotManifest(databases: entries, files: files)
            let text = try JSONText.encode(manifest)
            _ = try await store.put(SnapshotManifest.name, .once(ByteBuffer(string: text)))
            onEvent(.notice(Self.completeness(of: manifest, in: store.location)))
            return manifest
        }
    }

    private static func completeness(of manifest: SnapshotManifest, in location: String) -> String {
        let missing = Database.allCases.filter { database in !manifest.databases.contains { $0.database == database } }
        guard !missing.isEmpty else { return "manifest.json is in \(location): the snapshot is complete." }
        return
            "manifest.json is in \(location). Still to be uploaded: \(missing.map(\.dumpName).joined(separator: ", "))."
    }

    private func checkFiles() throws {
        if let bucket = store as? DirectoryStore, let identity = FileIdentity(path: bucket.path),
            let source = FileIdentity(path: folder.path), identity.isSameFile(as: source)
        {
            throw MigrationError(
                .usage, "The bucket is the folder with the dumps, which would be overwritten.",
                next: "Name another folder, such as -bucket=./bucket."
            )
        }
        var missing = try databases.sorted().filter { FileIdentity(path: try folder.dump(of: $0)) == nil }.map(
            \.dumpName)
        if includesSummary, FileIdentity(path: folder.summary) == nil { missing.append("summary.json") }
        guard missing.isEmpty else {
            let onlySummary = missing == ["summary.json"]
            throw MigrationError(
                .unmetRequirement, "\(folder.path) lacks \(missing.joined(separator: ", ")).",
                next: onlySummary
                    ? "Make it with `src snapshot summary`, or upload --without-summary."
                    : "Make the dumps with `src-snapshot databases --run`, or choose files with -file."
            )
        }
    }

    private func upload(_ database: Database) async throws -> SnapshotManifest.DatabaseEntry {
        let file = DumpFile(database: database, path: try folder.dump(of: database))
        let name = database.dumpName
        let start = ContinuousClock.now
        let uploadedAt = JSONText.timestamp()
        onEvent(.started(name, total: FileIdentity(path: file.path)?.size))
        let record = try await folder.readRecord(of: database)
        do {
            let runner = PassRunner(profile: profile, name: name, refuses: false, onEvent: onEvent) { report in
                try record?.check(report, name: "\(file.path)")
                try Self.check(report, name: name)
            }
            let object = try await file.withDump { dump in try await store.put(name, runner.stream(dump)) }
            let report = try await runner.finishedReport()
            let duration = ContinuousClock.now - start
            let changes = report.contents.rewrites.count
            onEvent(
                .finished(
                    name,
                    summary: "\(Quantity.bytes(object.size)) in \(Quantity.duration(duration)), "
                        + "\(Quantity.rate(object.size, in: duration)), \(changes) statements commented out"
                )
            )
            return SnapshotManifest.DatabaseEntry(
                database: database, uploadedAt: uploadedAt, profile: profile, object: object, contents: report.contents
            )
        } catch let error as MigrationError {
            onEvent(.failed(name, error))
            throw error.naming(name)
        }
    }

    private static func check(_ report: DumpReport, name: String) throws {
        if !report.refusals.isEmpty { throw Refusal.error(report.refusals, in: name) }
        if let table = report.tableInForeignZone {
            throw MigrationError(
                .damagedSnapshot,
                "The times in \(name), table \(table), are not written in UTC, so nobody could prove that they arrived.",
                next:
                    "Dump again with PGTZ=UTC in the environment, as the commands of `src-snapshot databases` have it."
            )
        }
    }

    /// What an earlier upload has left in the bucket. Where all dumps are uploaded anew, one that cannot be read is
    /// replaced; else it is an error, and better before the upload than after it.
    private func earlierManifest() async throws -> SnapshotManifest? {
        guard try await store.size(of: SnapshotManifest.name) != nil else { return nil }
        do {
            return try await SnapshotManifest(readFrom: store)
        } catch let error as MigrationError where Set(databases).count == Database.allCases.count {
            onEvent(.warning("\(error.message) It is replaced."))
            return nil
        }
    }

    private func kept(of earlier: SnapshotManifest?) async throws -> [SnapshotManifest.DatabaseEntry] {
        var kept: [SnapshotManifest.DatabaseEntry] = []
        for entry in earlier?.databases ?? [] where !databases.contains(entry.database) {
            guard try await store.size(of: entry.object.name) == entry.object.size else { continue }
            kept.append(entry)
            onEvent(.notice("\(entry.object.name) stays as it was uploaded at \(entry.uploadedAt)."))
        }
        return kept
    }

    private func uploadSummary() async throws -> StoredObject {
        let reader = try FileReader(path: folder.summary)
        guard try reader.identity().size <= Self.summaryLimit else {
            throw MigrationError(.damagedSnapshot, "\(folder.summary) is larger than a summary can be.")
        }
        return try await store.put("summary.json", reader.unchangingStream)
    }
}
