import MigrationKitCLibrary
internal import NIOCore
internal import SystemPackage

/// `src-snapshot databases --run`: dumps the databases into the snapshot folder, all at once.
///
/// 1. Preflight: programs, servers, versions, space; nothing is written before all of it holds.
/// 2. The snapshots of all databases are taken at once, and held.
/// 3. Each database is streamed to `NAME.sql.part`, scanned as it passes.
/// 4. A dump that is whole is synced and renamed; one that is not leaves nothing, and an older one stays.
public struct DumpDatabases: Sendable {
    /// What is dumped. Only a ``PgDump`` has a server that the preflight can ask.
    public var dumpers: [any DatabaseDumper]
    /// Where to.
    public var folder: SnapshotFolder
    /// Whether the dumps have to fit by the databases' sizes.
    public var checksFreeSpace: Bool
    /// Whether servers are dumped that follow another one, and may lack what that has.
    public var takesReplicas = false
    /// Takes what happens.
    public var onEvent: MigrationEventHandler

    /// One that holds the snapshot, and that of pg_dump.
    private static let connections = 2

    /// What came of one database.
    public struct Dumped: Sendable, Encodable {
        /// Which database.
        public var database: Database
        /// Its dump.
        public var path: String
        /// Its size in bytes.
        public var bytes: Int64
        /// What it holds.
        public var contents: DumpContents
        /// How long it took.
        public var duration: Duration

        private enum CodingKeys: CodingKey { case database, path, bytes, contents, seconds }

        /// The duration is in seconds: Swift's own form of it is for Swift alone.
        public func encode(to encoder: any Encoder) throws {
            var values = encoder.container(keyedBy: CodingKeys.self)
            try values.encode(database, forKey: .database)
            try values.encode(path, forKey: .path)
            try values.encode(bytes, forKey: .bytes)
            try values.encode(contents, forKey: .contents)
            try values.encode(duration / .seconds(1), forKey: .seconds)
        }
    }

    /// Names what to dump, and where to; see the properties.
    public init(
        dumpers: [any DatabaseDumper], folder: SnapshotFolder = SnapshotFolder(), checksFreeSpace: Bool = true,
        onEvent: @escaping MigrationEventHandler = { _ in }
    ) {
        self.dumpers = dumpers
        self.folder = folder
        self.checksFreeSpace = checksFreeSpace
        self.onEvent = onEvent
    }

    /// Dumps the databases.
    ///
    /// - Returns: What came of each.
    /// - Throws: ``MigrationError`` if the preflight fails, or, once the other dumps have finished, if one has failed.
    @discardableResult
    public func run() async throws -> [Dumped] {
        let sources = dumpers.compactMap { $0 as? PgDump }
        let servers = try await DumpPreflight.all(
            sources, needed: Self.connections, takesReplicas: takesReplicas, onEvent)
        try folder.create()
        return try await FolderLock.with(folder.path) {
            if checksFreeSpace { try DumpPreflight.checkSpace(Array(servers.values), in: folder.path) }
            do {
                return try await HeldInstant.with(
                    sources, serverMajors: servers.mapValues(\.serverMajor),
                    lockTimeout: sources.map(\.stallLimit).min() ?? .zero, onEvent: onEvent
                ) { held in
                    if !held.snapshots.isEmpty { onEvent(.notice(held.instant.notice)) }
                    return try await dump(held, servers)
                }
            } catch let lost as HeldInstant.Lost { throw lost.error }
        }
    }

    private func dump(_ held: HeldInstant, _ servers: [Database: DumpPreflight]) async throws -> [Dumped] {
        let results = await SideBySide.results(of: dumpers) { dumper in
            try await dump(held.reading(dumper), held, expecting: servers[dumper.database]?.databaseSize)
        }
        try Task.checkCancellation()
        return try results.allOrError("dumps").sorted { $0.database < $1.database }
    }

    private func dump(
        _ dumper: any DatabaseDumper, _ held: HeldInstant, expecting size: Int64?
    ) async throws -> Dumped {
        let name = dumper.database.rawValue
        let path = folder.path.appending(dumper.database.dumpName)
        let start = ContinuousClock.now
        onEvent(.started(name, total: size))
        do {
            let runner = PassRunner(profile: .none, name: name, refuses: .nothing, onEvent: onEvent) { report in
                try DumpCompleteness(database: dumper.database, contents: report.contents).checkIsOwn(
                    name: dumper.database.dumpName)
            }
            try await AtomicFile.write(path) { file in
                try await write(dumper, to: file, through: runner)
                // What was noted of an older dump must not outlive it.
                try folder.removeRecord(of: dumper.database)
            }
            let report = try await runner.finishedReport()
            var record = DumpRecord(report)
            record.instant = held.snapshots[dumper.database] == nil ? nil : held.instant
            try await write(record, of: dumper.database)
            let duration = ContinuousClock.now - start
            let rate = Quantity.rate(report.bytes, in: duration)
            onEvent(
                .finished(name, summary: "\(Quantity.bytes(report.bytes)) in \(Quantity.duration(duration)), \(rate)"))
            for refusal in report.refusals {
                let lines = refusal.lines(in: "\(path)").joined(separator: "\n")
                onEvent(
                    .warning(
                        .init(
                            .statementRefused, lines,
                            [
                                "name": .init("\(path)"), "line": .init(refusal.position.line),
                                "reason": .init(refusal.reason),
                            ])))
            }
            let completeness = DumpCompleteness(database: dumper.database, contents: report.contents)
            if let warning = completeness.warning(name: "\(path)") {
                onEvent(.warning(warning))
            }
            return Dumped(
                database: dumper.database, path: "\(path)", bytes: report.bytes, contents: report.contents,
                duration: duration)
        } catch let error as MigrationError {
            onEvent(.failed(name, error))
            throw error.naming(name)
        }
    }

    /// A dump without a record would pass for one that somebody else has made, and nobody could say that it is whole.
    private func write(_ record: DumpRecord, of database: Database) async throws {
        do {
            try await AtomicFile.write(folder.record(of: database)) { file in
                try await file.append(ByteBuffer(string: try JSONText.encode(record)))
            }
        } catch {
            let path = folder.path.appending(database.dumpName)
            unlink(path.string)
            guard var error = error as? MigrationError else { throw error }
            error.message += " \(path) was removed, because it cannot be verified without it."
            error.next =
                (error.next?.replacing("run the same command again.", with: "") ?? "Then ")
                + "dump this database again with --only=\(database.rawValue)."
            throw error
        }
    }

    /// pg_dump writes to the file itself. What another dumper gives is written here.
    private func write(_ dumper: any DatabaseDumper, to file: AtomicFile, through runner: PassRunner) async throws {
        guard let dumper = dumper as? PgDump else {
            return try await dumper.withDump { dump in
                for try await chunk in runner.stream(dump) { try await file.append(chunk) }
            }
        }
        let warn: (MigrationNotice) -> Void = { onEvent(.warning($0)) }
        try await dumper.withDump(writtenTo: file, onNotice: warn) { dump in
            for try await _ in runner.stream(dump) {}
        }
    }
}
