import Foundation
import MigrationKit
import SystemPackage
import TestClusters
import Testing

/// What `manifest.json` says of the example, held against the source and against other programs' checksums.
@Suite(.inTurn) struct ManifestTests {
    let folder: ScratchFolder
    let source: ScratchPostgres.Cluster
    let manifest: SnapshotManifest
    let workplace: Workplace

    init() async throws {
        workplace = try await Workplace()
        folder = try await ExampleSnapshot.shared.workplace.folder
        source = workplace.postgres.source
        manifest = try JSONDecoder().decode(SnapshotManifest.self, from: folder.bytes("bucket/manifest.json"))
    }

    private var objects: [StoredObject] { manifest.databases.flatMap { $0.parts.map(\.object) } + manifest.files }

    private func contents(_ database: Database) throws -> DumpContents {
        try #require(manifest.databases.first { $0.database == database }).contents
    }

    @Test func namesAllObjectsAndNoOthers() throws {
        #expect(manifest.format == 2)
        #expect(manifest.databases.map(\.profile) == [.cloudSQL, .cloudSQL, .cloudSQL])
        #expect(manifest.databases.map(\.database) == [.primary, .codeintel, .codeinsights])
        #expect(manifest.files.map(\.name) == ["summary.json"])
        #expect(try folder.list("bucket") == (objects.map(\.name) + ["manifest.json"]).sorted())
    }

    @Test func checksumsAreThoseOfOtherPrograms() async throws {
        for object in objects {
            let file = folder.file("bucket/\(object.name)").string
            let sum = try await workplace.shell("sha256sum '\(file)' 2>/dev/null || shasum -a 256 '\(file)'")
            #expect(sum.output.hasPrefix("\(object.sha256 ?? "none") "))
            #expect(try folder.bytes("bucket/\(object.name)").count == Int(object.size))
        }
    }

    @Test func tellsVersionsAndMigrations() throws {
        let primary = try contents(.primary)
        #expect(primary.sourcegraphVersion == "5.1.8")
        #expect(primary.serverVersion?.isEmpty == false && primary.serverVersion == primary.pgDumpVersion)
        #expect(primary.migrations.map(\.schema) == ["schema_migrations"])
        #expect(primary.migrations.first?.applied == 41)
        #expect(primary.migrations.first?.unfinished == [])
        #expect(try contents(.codeintel).migrations.map(\.applied) == [15])
        #expect(try contents(.codeinsights).migrations.map(\.applied) == [12])
        #expect(try contents(.codeintel).sourcegraphVersion == nil)
    }

    @Test func tellsExtensions() throws {
        #expect(
            Set(try contents(.primary).extensions.map(\.name)) == [
                "citext", "hstore", "intarray", "pg_stat_statements", "pg_trgm", "pgcrypto",
            ])
        #expect(try contents(.codeintel).extensions.map(\.name) == ["intarray", "pg_trgm"])
        #expect(try contents(.codeinsights).extensions.map(\.schema) == ["public", "public"])
    }

    @Test(arguments: Database.allCases)
    func tablesRowsAndColumnsAreTheSources(database: Database) async throws {
        let name = database == .primary ? "sg" : database.rawValue
        let question = try await source.sql(
            """
            SELECT string_agg(format('SELECT %L, %L, count(*), %L FROM %s', nspname, relname,
              (SELECT array_agg(attname ORDER BY attnum) FROM pg_attribute
               WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = ''), c.oid::regclass),
              ' UNION ALL ') || ' ORDER BY 1, 2'
            FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
            WHERE relkind = 'r' AND nspname IN ('public', 'audit')
            """, in: name)
        let answer = try await source.sql(question, in: name)
        let told = try contents(database).tables.map { table in
            let columns = table.columns.map { $0.contains(where: " ;'\"".contains) ? "?" : $0 }
            return
                "\(table.table.schema)|\(table.table.name)|\(table.rows)|\(columns.contains("?") ? "?" : "{\(columns.joined(separator: ","))}")"
        }
        let there = answer.split(separator: "\n").map { line in
            // Names that an array has to quote; one table of the example has them.
            line.contains("\"") ? line.split(separator: "|").prefix(3).joined(separator: "|") + "|?" : String(line)
        }
        #expect(Array(Set(told).symmetricDifference(there)).isEmpty)
        #expect(told.count == there.count)
    }

    @Test(arguments: Database.allCases)
    func sequencesAreTheSources(database: Database) async throws {
        let answer = try await source.sql(
            "SELECT schemaname, sequencename, coalesce(last_value, start_value), last_value IS NOT NULL FROM pg_sequences",
            in: database == .primary ? "sg" : database.rawValue)
        let told = try contents(database).sequences.map {
            "\($0.sequence.schema)|\($0.sequence.name)|\($0.lastValue)|\($0.isCalled ? "t" : "f")"
        }
        #expect(Set(told) == Set(answer.split(separator: "\n").map(String.init)))
    }

    @Test(arguments: Database.allCases)
    func uploadDiffersFromTheDumpByTheListedStatementsOnly(database: Database) throws {
        let dump = try folder.bytes("src-snapshot/\(database.dumpName)")
        let uploaded = try folder.bytes("bucket/\(database.dumpName)")
        let rewrites = try contents(database).rewrites
        #expect(!rewrites.isEmpty && rewrites.allSatisfy { !$0.addsLineEnd })
        var expected = Data()
        var end = 0
        for rewrite in rewrites {
            let start = Int(rewrite.position.offset)
            expected += dump[end..<start]
            end = start + rewrite.length
            let statement = String(decoding: dump[start..<end], as: UTF8.self)
            #expect(statement.hasPrefix(rewrite.statement) || rewrite.statement.hasSuffix("…"))
            #expect(rewrite.position.line == dump[..<start].count { $0 == 10 } + 1)
            expected += Data(statement.split(separator: "\n").map { "-- " + $0 }.joined(separator: "\n").utf8)
        }
        expected += dump[end...]
        #expect(uploaded == expected)
    }
}
