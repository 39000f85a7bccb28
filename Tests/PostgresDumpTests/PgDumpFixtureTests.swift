import DumpSamples
import TestSupport
import Testing

@testable import MigrationKitBase
@testable import MigrationKitPostgresDump

/// Real dumps by pg_dump 11 to 18 of one schema, made to be hostile to whoever reads them by line.
@Suite struct PgDumpFixtureTests {
    private static let serverVersions = [
        11: "11.13", 13: "13.4", 14: "14.23", 15: "15.18", 16: "16.15", 17: "17.11", 18: "18.6",
    ]

    @Test(arguments: SQLDumps.fixtureVersions)
    func passesWithItsFacts(version: Int) throws {
        let dump = try SQLDumps.fixture(version)
        let report = try Passed(dump).report
        #expect(report.refusals.isEmpty)
        #expect(report.bytes == dump.count)
        let contents = report.contents
        #expect(contents.serverVersion == Self.serverVersions[version])
        #expect(contents.pgDumpVersion == Self.serverVersions[version])
        #expect(contents.sourcegraphVersion == "5.1.8")
        #expect(contents.extensions.isEmpty)
        #expect(contents.migrations.isEmpty)
        #expect(
            contents.tables.map(\.table.description) == [
                "audit.entries", "CREATE EXTENSION", "empty", "items", "versions",
            ])
        #expect(contents.tables.map(\.rows) == [6, 22, 0, 4, 1])
        #expect(contents.tables.map(\.columns.count) == [3, 1, 1, 11, 4])
        #expect(
            contents.sequences == [
                SequenceState(
                    sequence: TableName(schema: "audit", name: "entries_id_seq"), lastValue: 6, isCalled: true),
                SequenceState(
                    sequence: TableName(schema: "public", name: "items_id_seq"), lastValue: 4, isCalled: true),
                SequenceState(
                    sequence: TableName(schema: "public", name: "never_called_seq"), lastValue: 42, isCalled: false),
            ])
    }

    /// Computed from the dumps with a MurmurHash3 of another maker. pg_dump 11 writes `real` with fewer digits.
    @Test(arguments: SQLDumps.fixtureVersions)
    func digestsAreThoseOfAnotherProgram(version: Int) throws {
        #expect(
            try Passed(try SQLDumps.fixture(version)).report.contents.tables.map(\.digest) == [
                "c2063e4472ce708a81a79a488ad5d24e", "17801b35e0163a333af61f929dc3510a",
                "00000000000000000000000000000000",
                version == 11 ? "e4ab2d665f8931a3efdea46cb564b7d7" : "49708e983ae1abfc042b33265134a0ce",
                "0ef22bfd777d9d1bc236df05deee0933",
            ])
    }

    @Test(arguments: SQLDumps.fixtureVersions)
    func onlyWhatCloudSQLCannotTakeGoesOut(version: Int) throws {
        let rewrites = try Passed(try SQLDumps.fixture(version)).report.contents.rewrites
        let restricts = version >= 14 ? 2 : 0
        #expect(rewrites.count { $0.rule == .restrict } == restricts)
        #expect(
            rewrites.filter { $0.rule == .setting }.map(\.statement)
                == (version >= 17 ? ["SET transaction_timeout = 0;"] : []))
        // With --quote-all-identifiers, pg_dump 15 and later takes the comment for one that was changed.
        let comments = rewrites.filter { $0.rule == .publicSchema }.map { $0.statement.prefix(26) }
        #expect(comments == (version >= 15 ? ["COMMENT ON SCHEMA \"public\""] : []))
        #expect(rewrites.count == restricts + (version >= 17 ? 1 : 0) + comments.count)
    }

    @Test(arguments: SQLDumps.fixtureVersions)
    func nothingThatCloudSQLCannotTakeIsLive(version: Int) throws {
        let scan = Scan(try Passed(try SQLDumps.fixture(version)).output)
        #expect(scan.metaCommands.isEmpty)
        #expect(scan.rows.count == 33)
        for statement in scan.statements where !statement.hasPrefix("COPY ") {
            #expect(verdict(statement) == .keep)
            let words = sqlTokens(statement).compactMap { if case .word(let word) = $0 { word } else { nil } }
            #expect(!words.contains("extension"))
            #expect(!words.contains("transaction_timeout"))
            #expect(!words.starts(with: ["comment", "on", "schema"]))
        }
    }

    @Test(arguments: SQLDumps.fixtureVersions)
    func linesAreTheSameOrCommentedOut(version: Int) throws {
        let dump = try SQLDumps.fixture(version)
        let output = try Passed(dump).output
        let before = dump.split(separator: 0x0A, omittingEmptySubsequences: false)
        let after = output.split(separator: 0x0A, omittingEmptySubsequences: false)
        try #require(before.count == after.count)
        let changed = zip(before, after).filter { $0.0 != $0.1 }
        #expect(changed.allSatisfy { old, new in new.elementsEqual(Array("-- ".utf8) + old) })
        // Two lines each of \restrict and of the comment on the schema, one setting.
        #expect(changed.count == (version >= 17 ? 5 : version >= 15 ? 4 : version >= 14 ? 2 : 0))
    }

    @Test(arguments: SQLDumps.fixtureVersions)
    func outputWithoutItsRewritesIsTheDump(version: Int) throws {
        let dump = try SQLDumps.fixture(version)
        let whole = Rewritten(dump)
        for chunking in [Chunking.whole, .every(1), .every(7), .every(4096), .random(seed: 1), .random(seed: 2)] {
            let rewritten = Rewritten(dump, .cloudSQL, chunking)
            #expect(rewritten.undone == dump)
            #expect(rewritten.output == whole.output)
            #expect(rewritten.contents == whole.contents)
        }
    }

    @Test(arguments: SQLDumps.fixtureVersions)
    func profileNoneIsTheIdentity(version: Int) throws {
        let dump = try SQLDumps.fixture(version)
        let passed = try Passed(dump, .none, .every(100))
        #expect(passed.output == dump)
        #expect(passed.report.contents.rewrites.isEmpty)
        #expect(passed.report.refusals.isEmpty)
    }

    @Test(arguments: SQLDumps.fixtureVersions)
    func scannerFindsWhatTheReferenceFinds(version: Int) throws {
        let dump = try SQLDumps.fixture(version)
        #expect(Scan(dump).events == ReferenceScan.events(of: dump))
    }

    @Test(arguments: SQLDumps.fixtureVersions)
    func cutDumpIsTorn(version: Int) throws {
        let dump = try SQLDumps.fixture(version)
        for length in stride(from: 1, to: dump.count - 3, by: 211) {
            let error = #expect(throws: MigrationError.self) { try Passed(Array(dump.prefix(length))) }
            #expect(error?.code == .tornDump)
        }
    }
}
