import MigrationKit
import SystemPackage
import TestSupport
import Testing

/// What a program writes that uses the library for the first time.
@Suite struct NewcomerTests {
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    @Test func targetsFileIsReadByItsPath() throws {
        let path = try folder.write(
            "targets.yaml", "primary: { target: db, dbname: sg, username: sg, password: secret }\n")
        let file = try TargetsFile(path: path)
        #expect(file.targets[.primary]?.target == "db")
        #expect(throws: MigrationError.self) { try TargetsFile(path: folder.file("none.yaml")) }
    }

    @Test func databaseIsDumpedByPgDumpUnlessItIsInAContainer() {
        let dumper = PgDump(.codeintel, target: TargetPreset.local.target(of: .codeintel))
        #expect(dumper.command.transport == .pgDump)
        let flow = DumpDatabases(targets: TargetPreset.docker.targets, transport: .docker)
        #expect(flow.dumpers.map(\.database) == Database.allCases)
        #expect(flow.dumpers.compactMap { ($0 as? PgDump)?.command.transport } == [.docker, .docker, .docker])
    }

    @Test(arguments: TargetPreset.allCases, Database.allCases)
    func presetHasEveryDatabase(preset: TargetPreset, database: Database) {
        #expect(preset.targets[database] == preset.target(of: database))
    }

    @Test func folderIsABucket() throws {
        #expect(BucketLocation.file("bucket") == .folder("bucket"))
        #expect(try BucketLocation.file("bucket").store().location == "bucket")
    }

    @Test func folderOfDumpsIsNamedByItsPath() {
        let flow = UploadSnapshot(folder: "elsewhere", store: DirectoryStore(path: "bucket"))
        #expect(flow.folder.path == "elsewhere")
    }

    @Test func serverIsNamedByItsAddress() throws {
        #expect(try PostgresImporter("postgres://admin@db.example.com/postgres").serverName == "db.example.com")
        let error = #expect(throws: MigrationError.self) { try PostgresImporter("db.example.com") }
        #expect(error?.message == "The server's address is not a postgres:// URI.")
    }
}
