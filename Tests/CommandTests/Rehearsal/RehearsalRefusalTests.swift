import MigrationKit
import TestClusters
import Testing

/// What keeps a rehearsal from beginning.
@Suite(.inTurn) struct RehearsalRefusalTests {
    let place: RehearsalPlace

    init() async throws { place = try await RehearsalPlace() }

    private func isRefused(_ sentences: String..., options: String...) async throws {
        let refused = try await place.workplace.run(
            BuiltPrograms.path("mi-migrate"),
            ["rehearse", "--bucket=./bucket", "--scratch=\(place.scratch.path)"] + options)
        #expect(refused.exit == 3, "\(refused.errors)")
        for sentence in sentences { #expect(refused.errors.contains(sentence), "\(refused.errors)") }
        #expect(refused.output == "")
        #expect(try await place.isClean())
    }

    @Test func tooLittleRoomIsRefused() async throws {
        try await place.workplace.upload(SmallDump.text, as: .primary)
        try place.workplace.changeManifest { $0.databases[0].parts[0].object.size = 1 << 50 }
        try await isRefused(
            " free; a rehearsal of these dumps may take 2252 TB.", "with --scratch", options: "--database=primary")
    }

    @Test func sizesThatAreNoneAreTooLarge() async throws {
        try await place.workplace.upload(SmallDump.text, as: .primary)
        try place.workplace.changeManifest { $0.databases[0].parts[0].object.size = .max }
        try await isRefused(" free; a rehearsal of these dumps may take ", options: "--database=primary")
    }

    @Test func serverThatIsNotHereIsNamed() async throws {
        try await place.workplace.upload(SmallDump.text, as: .primary)
        try await isRefused(
            "needs the server of PostgreSQL 99, which was not found.",
            "\(place.workplace.postgres.bin) has PostgreSQL ",
            "apt-get install postgresql-99", options: "--database=primary", "--postgres-major=99")
    }

    @Test func dumpOfANewerServerNeedsANewerServer() async throws {
        let line = "-- Dumped from database version "
        try await place.workplace.upload(
            SmallDump.text.replacing(line, with: line + "99.1 was "), as: .primary)
        try await isRefused("needs the server of PostgreSQL 99 or later", options: "--database=primary")
        try await isRefused(
            "The dumps come from PostgreSQL 99; --postgres-major=15 is older.", options: "--database=primary",
            "--postgres-major=15")
        try await isRefused(
            "needs the server of PostgreSQL 99 or later", options: "--database=primary",
            "--postgres-bin=\(place.workplace.postgres.bin)")
    }

    @Test func folderWithoutProgramsIsRefused() async throws {
        try await place.workplace.upload(SmallDump.text, as: .primary)
        try await isRefused(
            "./bin has no PostgreSQL server: initdb, pg_ctl, postgres, psql not found.",
            options: "--database=primary", "--postgres-bin=./bin")
    }

    @Test(arguments: [
        ("none", "cannot be used: No such file or directory"),
        ("of, two", "is not a valid path for a server's socket"),
        (String(repeating: "long", count: 20), "is too long a path for a server's socket"),
    ])
    func folderThatCannotHoldASocketIsRefused(name: String, sentence: String) async throws {
        try await place.workplace.upload(SmallDump.text, as: .primary)
        if name != "none" { try place.workplace.folder.write("\(name)/file", "") }
        let refused = try await place.workplace.migrate(
            "rehearse", "--bucket=./bucket", "--database=primary", "--scratch=./\(name)")
        #expect(refused.exit == 3)
        #expect(refused.errors.contains(sentence), "\(refused.errors)")
        #expect(refused.errors.contains("--scratch"))
    }

    @Test func wrongArgumentsAreRefused() async throws {
        let wrong = [
            ["--postgres-major=15", "--postgres-bin=/usr/bin"], ["--scratch="], ["--postgres-major=new"],
        ]
        for options in wrong {
            let refused = try await place.workplace.refusal(.migrate, ["rehearse", "--bucket=./bucket"] + options)
            #expect(refused.exit == 2, "\(options) \(refused.errors)")
        }
        let nowhere = try await place.workplace.migrate("rehearse")
        #expect(nowhere.exit == 2 && nowhere.errors.contains("No bucket is set."), "\(nowhere.errors)")
    }
}
