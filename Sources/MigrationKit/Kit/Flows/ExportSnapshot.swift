internal import MigrationKitFoundation
internal import SystemPackage

/// `src-snapshot run`: the databases straight from their servers into a bucket, all of one moment.
///
/// 1. Preflight: programs, servers, versions, connections; nothing is sent before all of it holds.
/// 2. The snapshots of all databases are taken at once, and held.
/// 3. Each database is read on several connections, rewritten for the destination, digested and put, in parts.
/// 4. The snapshots are still held: what was read is of that moment.
/// 5. `manifest.json` last: where it is, the snapshot is complete.
public struct ExportSnapshot: Sendable {
    /// The databases.
    public var dumpers: [PgDump]
    /// Where to.
    public var store: any ObjectStore
    /// Where `summary.json` is, and the dumps go that are kept.
    public var folder: SnapshotFolder
    /// Whether `summary.json` goes with them.
    public var includesSummary: Bool
    /// Databases that the instance does not have, in somebody's words.
    public var absent: Set<Database> = []
    /// What the destination cannot take.
    public var profile: RewriteProfile = .cloudSQL
    /// Whether the objects are compressed.
    public var compresses = false
    /// How large, in bytes, the parts are that a dump is put in; nil: each dump is one object.
    public var partSize: Int64? = 256 << 20
    /// How many connections read rows at once, of all databases together.
    public var jobs = 4
    /// How long is waited for the lock of a table.
    public var lockTimeout: Duration = .seconds(60)
    /// Whether a replica is dumped from, with what it lacks.
    public var takesReplicas = false
    /// Whether the dumps are written to the folder, too.
    public var keepsDumps = false
    /// Whether what earlier runs have noted of the bucket is forgotten.
    public var startsOver = false
    /// Why dumps are taken that do not hold all of a database; nil: they are not.
    public var acceptsIncomplete: String?
    /// Takes what happens.
    public var onEvent: MigrationEventHandler

    /// Of each database, one that holds the snapshot, and two of pg_dump, besides those that read rows.
    static let otherConnections = 3
    /// How often the snapshots are taken, if they are lost.
    private static let attempts = 3

    /// Names what to export, and where to; see the properties.
    public init(
        dumpers: [PgDump], store: any ObjectStore, folder: SnapshotFolder = SnapshotFolder(),
        includesSummary: Bool = true, onEvent: @escaping MigrationEventHandler = { _ in }
    ) {
        self.dumpers = dumpers.sorted { $0.database < $1.database }
        self.store = store
        self.folder = folder
        self.includesSummary = includesSummary
        self.onEvent = onEvent
    }

    /// What was exported.
    public struct Exported: Sendable, Encodable {
        /// What is in the bucket.
        public var manifest: SnapshotManifest
        /// How long each database took, in seconds.
        public var seconds: [String: Double]
    }

    /// Exports the databases.
    ///
    /// - Returns: What is in the bucket now.
    /// - Throws: ``MigrationError`` if the preflight fails, a dump is not what it has to be, or a server or the store
    ///   refuses. No manifest is written then, and what was sent counts for nothing.
    public func run() async throws -> Exported {
        let servers = try await preflight()
        try folder.create()
        return try await FolderLock.with(folder.path) {
            let ledger = try await UploadLedger(folder: folder, store: store, startsOver: startsOver)
            if ledger.finished(SnapshotManifest.name) != nil {
                throw ledger.cannotReplace(SnapshotManifest.name, "names a snapshot that is complete")
            }
            do {
                for _ in 1..<Self.attempts {
                    do { return try await export(servers, ledger) } catch let lost as HeldInstant.Lost {
                        let lines = ["\(lost.error.message) Reading everything again."] + lost.error.details
                        onEvent(
                            .warning(
                                .init(
                                    .snapshotLost, lines.joined(separator: "\n"),
                                    ["reason": .init(lost.error.message)])))
                    }
                }
                return try await export(servers, ledger)
            } catch let lost as HeldInstant.Lost {
                throw lost.error
            } catch is CancellationError {
                throw MigrationError(
                    .interrupted, "Stopped: there is no manifest.json, and what was sent counts for nothing.",
                    next: "Run the same command again: it begins anew.")
            }
        }
    }

    /// Everything that can be known before the first byte.
    func preflight() async throws -> [Database: DumpPreflight] {
        let missing = Database.allCases.filter { database in
            !absent.contains(database) && !dumpers.contains { $0.database == database }
        }
        guard missing.isEmpty else {
            let names = missing.map(\.rawValue).joined(separator: ", ")
            throw MigrationError(
                .unmetRequirement, "There is no target for \(names), and a snapshot holds all databases.",
                next: "Add targets; or, if the instance has no such database, add --without-database=\(names).")
        }
        if let both = dumpers.map(\.database).first(where: absent.contains) {
            throw MigrationError(
                .usage, "\(both.rawValue) has a target, and the instance is said not to have it.",
                next: "Remove the target, or leave out --without-database=\(both.rawValue).")
        }
        let servers = try await DumpPreflight.all(
            dumpers, needed: Self.otherConnections + 1, takesReplicas: takesReplicas, onEvent)
        for (database, server) in servers.sorted(by: { $0.key < $1.key })
        where server.serverMajor < SourceTable.leastServerMajor {
            onEvent(
                .notice(
                    .init(
                        .oneConnection,
                        "\(database.rawValue): PostgreSQL \(server.serverMajor) cannot read a range of a table's blocks "
                            + "by itself. Several connections read tables whose rows are stored in the order of an "
                            + "integer key; one connection reads all others.",
                        ["database": .init(database.rawValue), "postgresMajor": .init(server.serverMajor)])))
        }
        return servers
    }

    /// Databases that the release of the instance does not have, as the summary in the folder tells.
    public func databasesBeforeTheirRelease() -> Set<Database> {
        guard let bytes = FileManager.default.contents(atPath: folder.summary.string),
            let summary = try? SnapshotSummary(json: Array(bytes), name: SnapshotSummary.name),
            let release = summary.instance.flatMap({ SourcegraphVersion($0.productVersion) })
        else { return [] }
        return Set(Database.allCases.filter { $0.firstRelease.map { release < $0 } ?? false })
    }

    private func export(_ servers: [Database: DumpPreflight], _ ledger: UploadLedger) async throws -> Exported {
        let attempt = AttemptName(startedAt: Date())
        let (new, seconds) = try await HeldInstant.with(
            dumpers, serverMajors: servers.mapValues(\.serverMajor), lockTimeout: lockTimeout, onEvent: onEvent
        ) { held in
            onEvent(.notice(held.instant.notice))
            return try await send(held, servers, attempt)
        }
        let manifest = try await UploadManifest(store: store, ledger: ledger, onEvent: onEvent).put(new)
        try await ledger.forgetEarlier()
        return Exported(manifest: manifest, seconds: seconds)
    }

    /// Sends the dumps and the summary.
    private func send(
        _ held: HeldInstant, _ servers: [Database: DumpPreflight], _ attempt: AttemptName
    ) async throws -> (SnapshotManifest, [String: Double]) {
        let turns = Turns(jobs)
        let start = ContinuousClock.now
        typealias Sent = (entry: SnapshotManifest.DatabaseEntry, seconds: Double)
        return try await withThrowingTaskGroup(of: Sent.self) { group in
            for dumper in dumpers {
                guard let snapshot = held.snapshots[dumper.database] else { continue }
                guard let server = servers[dumper.database] else { continue }
                let export = export(dumper, snapshot, held.instant, turns, attempt, server)
                group.addTask { (try await export.run(), (ContinuousClock.now - start) / .seconds(1)) }
            }
            let summary = includesSummary ? try await sendSummary(attempt) : nil
            let sent = try await group.reduce(into: []) { $0.append($1) }
            let manifest = SnapshotManifest(
                databases: sent.map(\.entry), absent: absent, instant: held.instant, files: summary.map { [$0] } ?? [])
            let seconds = sent.map { ($0.entry.database.rawValue, $0.seconds) }
            return (manifest, Dictionary(uniqueKeysWithValues: seconds))
        }
    }

    private func sendSummary(_ attempt: AttemptName) async throws -> StoredObject {
        let stream = try FileReader(path: folder.summary).unchangingStream
        return try await store.putChecked(attempt.object(SnapshotSummary.name), ObjectUpload(stream: stream))
    }

    /// How many connections read rows of a database.
    func lanes(_ snapshot: HeldSnapshot, _ server: DumpPreflight) -> Int {
        snapshot.lanes(upTo: min(jobs, max(1, server.freeConnections - Self.otherConnections)))
    }

    private func export(
        _ dumper: PgDump, _ snapshot: HeldSnapshot, _ instant: SnapshotInstant, _ turns: Turns,
        _ attempt: AttemptName, _ server: DumpPreflight
    ) -> DumpExport {
        let database = dumper.database
        return DumpExport(
            dumper: ParallelDump(
                source: dumper, held: snapshot, lanes: lanes(snapshot, server), turns: turns,
                lockTimeout: lockTimeout, onEvent: onEvent),
            profile: profile,
            form: DumpForm(database: database, isCompressed: compresses, splitSize: partSize, attempt: attempt),
            store: store,
            acceptance: DumpAcceptance(
                database: database, name: database.rawValue, isOfInstance: includesSummary,
                acceptsIncomplete: acceptsIncomplete),
            copy: keepsDumps ? folder : nil, instant: instant, databaseSize: server.databaseSize,
            onEvent: onEvent)
    }
}
