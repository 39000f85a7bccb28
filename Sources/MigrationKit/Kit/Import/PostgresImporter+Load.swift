internal import NIOCore
internal import Synchronization

extension PostgresImporter {
    /// Loads a dump, or a part of one, in one transaction; what is built on the rows of a dump in parts, in several.
    ///
    /// A part notes its name in `mi_migrate.parts`, as it does where Cloud SQL imports it: a run that knows
    /// nothing of an earlier one's end loads it again, and finds it there.
    ///
    /// - Throws: ``MigrationError`` with the server's first error, or if the objects are not what the manifest says.
    public func load(
        _ load: DumpLoad, from store: any ObjectStore, for step: JournaledStep,
        onProgress: @escaping @Sendable (Int64, String?) -> Void
    ) async throws {
        guard load.isPart, let part = load.parts.first else {
            return try await loadWhole(load, from: store, onProgress)
        }
        if part.kind == .indexes { return try await buildIndexes(load, part, from: store, onProgress) }
        try await loadPart(load, part, from: store, onProgress)
    }

    func loadPart(
        _ load: DumpLoad, _ part: DumpPart, from store: any ObjectStore,
        _ onProgress: @escaping @Sendable (Int64, String?) -> Void
    ) async throws {
        let transaction = LoadTransaction(
            importer: self, load: load, prologue: try await restriction(load), notes: Self.notes(part))
        try await steadily {
            let text = PartText(part, in: store, version: load.version)
            do {
                try await transaction.run(runner(load, onProgress).stream(text.sql)) {
                    guard let object = await text.object else { throw Self.altered(load) }
                    guard let version = load.version else { return "" }
                    return PartNote(of: object, version).statement
                }
            } catch let error as MigrationError where error.code == .failed {
                guard (try? await isNoted(part, in: load.database)) == true else { throw error }
            }
        }
    }

    private func loadWhole(
        _ load: DumpLoad, from store: any ObjectStore, _ onProgress: @escaping @Sendable (Int64, String?) -> Void
    ) async throws {
        let dump = StoredDump(load.parts, in: store)
        let transaction = LoadTransaction(importer: self, load: load, prologue: try await restriction(load), notes: "")
        try await transaction.run(runner(load, onProgress).stream(dump.sql)) {
            if let name = await dump.alteredObject() { throw Self.altered(name) }
            return ""
        }
    }

    /// The pass that refuses what psql must never see.
    func runner(
        _ load: DumpLoad, _ onProgress: @escaping @Sendable (Int64, String?) -> Void
    ) -> PassRunner {
        PassRunner(
            profile: load.isRewritten ? .none : .cloudSQL, name: load.name, refuses: .all, judgesOnly: true,
            onEvent: { event in
                if case .advanced(_, let bytes, let detail) = event { onProgress(bytes, detail) }
            })
    }

    /// The part that was loaded is not the one that it has to be.
    static func altered(_ load: DumpLoad) -> MigrationError {
        guard load.version != nil else { return altered(load.name) }
        // Nothing was verified: no manifest tells of it yet.
        return MigrationError(
            .damagedSnapshot, "\(load.name) was replaced in the bucket before it was loaded.",
            next: "The load was undone. Run the same command again: it loads the object that is there then. If this "
                + "happens again, find out who writes to the bucket.")
    }

    private static func altered(_ name: String) -> MigrationError {
        MigrationError(
            .damagedSnapshot, "\(name) changed in the bucket after it was verified.",
            next: "The load was undone. Find out who writes to the bucket, then run the same command again.")
    }

    /// Makes psql refuse all its own commands, which could run programs here. The pass over the dump has refused them
    /// already; this is for what it may not have seen. Versions of psql before August 2025 do not know it.
    func restriction(_ load: DumpLoad) async throws -> String {
        // A dump that nothing was taken out of brings its own restriction, and psql takes only one.
        if load.isRewritten, load.dump.profile == .none { return "" }
        return try await restriction()
    }

    func restriction() async throws -> String {
        let key = String(UInt64.random(in: .min ... .max), radix: 36)
        return try await psqlCommands.help(of: uri.psql).contains(#"\restrict"#) ? #"\restrict \#(key) \\ "# : ""
    }

    // MARK: Notes

    private static let schema = SplitText.schema

    private static func notes(_ part: DumpPart) -> String {
        let room = "CREATE SCHEMA \(schema); \(PartNote.room); "
        return (part.kind == .schema ? room : "")
            + "INSERT INTO \(schema).parts VALUES (\(part.object.name.quotedAsLiteral)); "
    }

    /// The parts that are in a database; nil: it has no table of them, before the first and behind the last.
    package func notedParts(in database: Database) async throws -> [PartNote]? {
        let isThere: Bool = try await query(
            "SELECT to_json(to_regclass('\(Self.schema).parts') IS NOT NULL)", database: database.importedName)
        guard isThere else { return nil }
        return try await query(
            "SELECT coalesce(json_agg(to_json(parts)), '[]') FROM \(Self.schema).parts",
            database: database.importedName)
    }

    private func isNoted(_ part: DumpPart, in database: Database) async throws -> Bool {
        try await notedParts(in: database)?.contains { $0.name == part.object.name } == true
    }
}

/// What psql says of its own commands: asked once, and not for each part.
final class PsqlCommands: Sendable {
    private let known = Mutex<String?>(nil)

    func help(of psql: String) async throws -> String {
        if let known = known.withLock(\.self) { return known }
        let (help, outcome) = try await Command(psql, ["--no-psqlrc", "--help=commands"]).collect()
        // Of a psql that was killed nothing is known: the next part asks again.
        if outcome.exitStatus == 0 { known.withLock { $0 = help } }
        return help
    }
}
