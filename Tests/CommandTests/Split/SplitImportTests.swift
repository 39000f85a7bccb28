import Foundation
import MigrationKit
import TestClusters
import Testing

/// Parts of a dump that are imported one by one into a real server make what the whole dump makes, and only once.
@Suite(.inTurn) struct SplitImportTests {
    let workplace: Workplace
    let loader: PartLoader

    init() async throws {
        workplace = try await Workplace()
        loader = PartLoader(workplace: workplace)
    }

    /// Loads the parts of what is uploaded, and the whole of it, and compares what pg_dump says of each.
    private func makeTheSame(_ entry: SnapshotManifest.DatabaseEntry) async throws {
        try await workplace.folder.write("whole.sql", text(of: entry))
        try await loader.withDatabases(2) { names in
            try await loader.loadWell(entry.parts, into: names[0])
            // The whole dump's extensions are made by whoever imports it.
            try await loader.loadWell(entry.parts.prefix(1), into: names[1])
            let whole = try await loader.load("whole.sql", into: names[1])
            #expect(whole.exit == 0, "\(whole.errors)")
            let (parts, one) = (try await loader.dump(names[0]), try await loader.dump(names[1]))
            #expect(parts.count > 100)
            #expect(Array(parts.difference(from: one)).isEmpty)
            #expect(parts == one)
        }
    }

    /// What the same dump is when it is not split.
    private func text(of entry: SnapshotManifest.DatabaseEntry) async throws -> String {
        let upload = UploadSnapshot(
            folder: SnapshotFolder(path: workplace.folder.file("src-snapshot")),
            store: DirectoryStore(path: workplace.folder.file("whole")), databases: [entry.database],
            includesSummary: false)
        _ = try await upload.run()
        return try workplace.folder.text("whole/\(entry.database.dumpName)")
    }

    @Test(arguments: Database.allCases)
    func partsOfTheExampleMakeWhatItMakes(database: Database) async throws {
        try await workplace.takeExample("src-snapshot")
        let size = try workplace.folder.bytes("src-snapshot/\(database.dumpName)").count
        let entry = try await loader.upload(as: database, size: Int64(size / 12))
        #expect(entry.parts.count > 4)
        try await makeTheSame(entry)
    }

    @Test(arguments: [2000, 10_000, 1 << 40])
    func partsOfHostileDumpMakeWhatItMakes(size: Int64) async throws {
        let entry = try await loader.upload(HostileDump.text, size: size, compresses: size == 10_000)
        #expect((entry.parts.count > 8) == (size < 1 << 40))
        try await makeTheSame(entry)
    }

    /// As it is imported by itself: nobody else is at work.
    @Test func indexesGetTheirShareOfTheServersMemory() async throws {
        let entry = try await loader.upload(HostileDump.text, size: 10_000)
        let name = try #require(entry.parts.last).object.name
        let text = try workplace.folder.text("bucket/\(name)")
        let told = "DO $$BEGIN RAISE 'It is %', pg_size_bytes(current_setting('maintenance_work_mem')); END$$;\nCOMMIT;"
        let end = try #require(text.range(of: "COMMIT;", options: .backwards))
        try workplace.folder.write("bucket/told.sql", text.replacingCharacters(in: end, with: told))
        try await loader.withDatabases(1) { names in
            let server = workplace.postgres.target
            try await server.sql("ALTER DATABASE \"\(names[0])\" SET maintenance_work_mem = '1MB'")
            try await loader.loadWell(entry.parts.dropLast(), into: names[0])
            let failed = try await loader.load("bucket/told.sql", into: names[0])
            let share = try await server.sql(
                "SELECT greatest(1 << 20, least(1 << 30, pg_size_bytes(current_setting('shared_buffers')) / 8))")
            #expect(failed.errors.contains("It is \(share)\n"), "\(failed.errors)")
        }
    }

    @Test func dumpWithoutRowsHasItsParts() async throws {
        let source = workplace.postgres.source
        let dumps = [
            try await source.withDatabase("split empty", "") { try await SmallDump.dump("split empty") },
            try await source.withDatabase("split none", "CREATE TABLE t (a int);") {
                try await SmallDump.dump("split none")
            },
        ]
        for dump in dumps {
            let entry = try await loader.upload(dump, size: 1000, accepting: "one is of an empty database")
            #expect(entry.parts.map(\.kind) == [.extensions, .schema, .data, .indexes])
            try await loader.withDatabases(1) { names in
                try await loader.loadWell(entry.parts, into: names[0])
                let tables = try await workplace.postgres.target.sql(
                    "SELECT count(*) FROM pg_namespace WHERE nspname = 'mi_migrate'", in: names[0])
                #expect(tables == "0")
            }
        }
    }

    @Test func partLoadedTwiceFailsAndChangesNothing() async throws {
        let entry = try await loader.upload(HostileDump.text, size: 60_000)
        try await loader.withDatabases(1) { names in
            for part in entry.parts {
                let name = "bucket/\(part.object.name)"
                try await loader.loadWell([part], into: names[0])
                let before = try await loader.dump(names[0])
                let again = try await loader.load(name, into: names[0])
                #expect((again.exit == 0) == (part.kind == .extensions), "\(name)")
                switch part.kind {
                case .data: #expect(again.errors.contains("Key (name)=(\(part.object.name)) already exists."))
                case .schema: #expect(again.errors.contains("schema \"mi_migrate\" already exists"))
                case .indexes: #expect(again.errors.contains("relation \"mi_migrate.parts\" does not exist"))
                case .whole, .extensions: break
                }
                #expect(try await loader.dump(names[0]) == before, "\(name)")
            }
        }
    }

    /// psql takes the end of its input for the end of the rows, and says nothing.
    @Test(arguments: [300, 900])
    func cutPartLeavesNothingAndIsFoundByTheLast(perMille: Int) async throws {
        let entry = try await loader.upload(BigDump.text, size: 400_000)
        let (cut, last) = (entry.parts[3], try #require(entry.parts.last))
        let bytes = try workplace.folder.bytes("bucket/\(cut.object.name)")
        try workplace.folder.write("cut.sql", bytes.prefix(bytes.count * perMille / 1000))
        try await loader.withDatabases(1) { names in
            try await loader.loadWell(entry.parts.prefix(3), into: names[0])
            let rows = "SELECT count(*) FROM bulk"
            let before = try await workplace.postgres.target.sql(rows, in: names[0])
            let loaded = try await loader.load("cut.sql", into: names[0])
            #expect(loaded.exit == 0, "\(loaded.errors)")
            #expect(try await workplace.postgres.target.sql(rows, in: names[0]) == before)
            try await loader.loadWell(entry.parts[4..<entry.parts.count - 1], into: names[0])

            let refused = try await loader.load("bucket/\(last.object.name)", into: names[0])
            #expect(refused.exit == 3)
            #expect(
                refused.errors.contains(
                    "These parts of the dump are not imported, or not to their end: \(cut.object.name)\n"),
                "\(refused.errors)")
            // Nothing of the last part is there, and the missing one can still come.
            try await loader.loadWell([cut, last], into: names[0])
            #expect(try await workplace.postgres.target.sql(rows, in: names[0]) == "20000")
        }
    }

    @Test func partOfAnotherDumpIsFoundByTheLast() async throws {
        let entry = try await loader.upload(SmallDump.text, size: 1 << 30)
        try await loader.withDatabases(1) { names in
            try await loader.loadWell(entry.parts.dropLast(), into: names[0])
            try await workplace.postgres.target.sql(
                "INSERT INTO mi_migrate.parts VALUES ('primary.20-data-0002.sql')", in: names[0])
            let refused = try await loader.load("bucket/primary.30-indexes.sql", into: names[0])
            #expect(refused.exit == 3)
            #expect(
                refused.errors.contains("These parts are imported, and not of this dump: primary.20-data-0002.sql\n"))
        }
    }
}
