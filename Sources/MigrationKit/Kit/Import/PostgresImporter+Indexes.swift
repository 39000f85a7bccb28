internal import NIOCore
import Synchronization

extension PostgresImporter {
    /// What is built on a dump's rows is read into memory. More than this holds rows itself, as it may in a dump that
    /// somebody has put together, and is loaded like a part with rows.
    private static let piecesLimit: Int64 = 32 << 20
    private static let textLimit = 1 << 30
    private static let notes = "\(SplitText.schema).pieces"

    /// Builds what a dump in parts builds on its rows: each piece in a transaction that notes its number, as many side by
    /// side as there are turns. The last one takes the notes away, of the parts too.
    ///
    /// - Throws: ``MissingParts`` if parts of the dump are not in the database.
    func buildIndexes(
        _ load: DumpLoad, _ part: DumpPart, from store: any ObjectStore,
        _ onProgress: @escaping @Sendable (Int64, String?) -> Void
    ) async throws {
        // The last transaction of an earlier run has taken them away, and that run did not see its end.
        guard let noted = try await notedParts(in: load.database)?.map(\.name) else { return }
        let missing = load.dump.parts.filter { [.schema, .data].contains($0.kind) && !noted.contains($0.object.name) }
        guard missing.isEmpty else { throw MissingParts(names: missing.map(\.object.name), database: load.database) }

        try await execute(
            "CREATE TABLE IF NOT EXISTS \(Self.notes) (number integer PRIMARY KEY)",
            database: load.database.importedName, doing: "Making room for notes")
        if part.object.size > Self.piecesLimit {
            try await turns { try await loadPart(load, part, from: store, onProgress) }
        } else {
            try await build(PostData(try await text(load, part, from: store)), of: load, onProgress)
        }
        try await removeNotes(in: load.database)
    }

    private func build(
        _ data: PostData, of load: DumpLoad, _ onProgress: @escaping @Sendable (Int64, String?) -> Void
    ) async throws {
        let build = IndexBuild(
            importer: self, load: load, restriction: try await restriction(),
            sizes: try await tableSizes(load.database),
            total: data.pieces.count, isBuilt: Mutex(try await notedPieces(in: load.database)), onProgress: onProgress)
        for stage in data.stages { try await build.run(stage) }
    }

    private func removeNotes(in database: Database) async throws {
        let schema = SplitText.schema
        try await execute(
            "BEGIN; DROP TABLE \(Self.notes); DROP TABLE \(schema).parts; DROP SCHEMA \(schema); COMMIT",
            database: database.importedName, doing: "Removing the notes of the import")
    }

    /// All of the part, once it is known to be what the manifest tells of.
    private func text(_ load: DumpLoad, _ part: DumpPart, from store: any ObjectStore) async throws -> ByteBuffer {
        let text = PartText(part, in: store)
        let all = try await runner(load) { _, _ in }.stream(text.sql).collected { count in
            guard count <= Self.textLimit else {
                throw MigrationError(
                    .unmetRequirement, "\(part.object.name) is too large to be built in pieces.",
                    next: "Upload the dump without --split.")
            }
        }
        if await text.object == nil { throw Self.altered(load) }
        return all
    }

    func notedPieces(in database: Database) async throws -> Set<Int> {
        try await query("SELECT coalesce(json_agg(number), '[]') FROM \(Self.notes)", database: database.importedName)
    }

    private func tableSizes(_ database: Database) async throws -> [TableName: Int64] {
        struct Found: Decodable {
            var table: TableName
            var size: Int64
        }
        let found: [Found] = try await query(
            """
            SELECT coalesce(json_agg(json_build_object('table', json_build_object('schema', n.nspname, 'name', c.relname),
              'size', pg_table_size(c.oid))), '[]')
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'm')
              AND n.nspname NOT IN ('pg_catalog', 'information_schema')
            """, database: database.importedName)
        return Dictionary(found.map { ($0.table, $0.size) }) { first, _ in first }
    }
}

/// The building of a dump's indexes, keys and all else that stands on its rows.
private final class IndexBuild: Sendable {
    let importer: PostgresImporter
    let load: DumpLoad
    let restriction: String
    let sizes: [TableName: Int64]
    let total: Int
    /// Numbers of the pieces that are built.
    let isBuilt: Mutex<Set<Int>>
    let onProgress: @Sendable (Int64, String?) -> Void

    init(
        importer: PostgresImporter, load: DumpLoad, restriction: String, sizes: [TableName: Int64], total: Int,
        isBuilt: consuming sending Mutex<Set<Int>>, onProgress: @escaping @Sendable (Int64, String?) -> Void
    ) {
        (self.importer, self.load, self.restriction) = (importer, load, restriction)
        (self.sizes, self.total, self.onProgress) = (sizes, total, onProgress)
        self.isBuilt = isBuilt
    }

    private struct Built {
        var pieces: [PostData.Piece]
        var result: Result<Void, any Error>
    }

    /// Builds the pieces of a stage that are not built. After one has failed none begins, and those that are at work end.
    func run(_ stage: PostData.Stage) async throws {
        let left = stage.pieces.filter { piece in !isBuilt.withLock { $0.contains(piece.number) } }
        var schedule = PieceSchedule(left, sizes: sizes)
        var results: [Result<Void, any Error>] = []
        await withTaskGroup(of: Built.self) { group in
            var working = 0
            while true {
                let mayBegin = working < importer.jobs && results.allSatisfy { (try? $0.get()) != nil }
                let pieces = mayBegin && !Task.isCancelled ? schedule.next() : []
                if !pieces.isEmpty {
                    working += 1
                    group.addTask {
                        do {
                            try await self.build(pieces, stage)
                            return Built(pieces: pieces, result: .success(()))
                        } catch {
                            return Built(pieces: pieces, result: .failure(error))
                        }
                    }
                    continue
                }
                guard let built = await group.next() else { break }
                working -= 1
                schedule.finish(built.pieces)
                results.append(built.result)
            }
        }
        try Task.checkCancellation()
        _ = try results.allOrError("indexes and keys")
    }

    private func build(_ pieces: [PostData.Piece], _ stage: PostData.Stage) async throws {
        let numbers = pieces.map(\.number)
        let table = pieces.first?.table?.description
        try await importer.turns {
            onProgress(progress, table)
            let transaction = LoadTransaction(
                importer: importer, load: load, prologue: restriction,
                notes: "INSERT INTO \(SplitText.schema).pieces VALUES "
                    + numbers.map { "(\($0))" }.joined(separator: ", ") + "; ")
            try await importer.steadily {
                do { try await transaction.run(text(pieces, stage)) } catch let error as MigrationError
                    where error.code == .failed
                {
                    // Those of a run that was killed may have come to their ends meanwhile.
                    let noted = try? await importer.notedPieces(in: load.database)
                    guard noted?.isSuperset(of: numbers) == true else { throw error }
                }
            }
        }
        isBuilt.withLock { $0.formUnion(numbers) }
        onProgress(progress, table)
    }

    /// As many bytes of the part as there are pieces.
    private var progress: Int64 { load.size * Int64(isBuilt.withLock(\.count)) / Int64(max(1, total)) }

    /// The statements on the lines that they have in the part, for the server's messages.
    private func text(_ pieces: [PostData.Piece], _ stage: PostData.Stage) -> ByteStream {
        // They stand before the statements there, too.
        var text = ByteBuffer(bytes: stage.settings)
        var line = 1 + stage.settings.count { $0 == .lineFeed }
        for statement in pieces.flatMap(\.statements).sorted(by: { $0.line < $1.line }) {
            text.writeRepeatingByte(.lineFeed, count: max(0, statement.line - line))
            text.writeBytes(statement.text)
            line = max(line, statement.line) + statement.text.count { $0 == .lineFeed }
        }
        text.writeString("\n")
        return .once(text)
    }
}
