import DumpSamples
import Testing

@testable import MigrationKit
@testable import MigrationKitPostgresDump

/// pg_dump writes the rows of a table that is partitioned by the hash of an enum into the table itself, a COPY for each
/// partition.
@Suite struct PartitionRootTests {
    private static func block(_ rows: String..., table: String = "jobs", columns: String = "\"id\", \"st\"") -> String {
        """
        --
        -- Data for Name: \(table)_0; Type: TABLE DATA; Schema: public; Owner: -
        --

        -- load via partition root "public"."\(table)"
        COPY "public"."\(table)" (\(columns)) FROM stdin;
        \(rows.map { $0 + "\n" }.joined())\\.


        """
    }

    private func contents(_ body: String) throws -> (tables: [TableContents], refusals: [String]) {
        let report = try Passed(SQLDumps.whole(body)).report
        return (report.contents.tables, report.refusals.map(\.reason))
    }

    @Test func blocksOfOneRootAreOneTable() throws {
        let split = try contents(Self.block("1\ta", "2\tb") + Self.block() + Self.block("3\tc"))
        let whole = try contents(Self.block("3\tc", "1\ta", "2\tb"))
        #expect(split.refusals == [])
        #expect(split.tables == whole.tables)
        #expect(split.tables.map(\.rows) == [3] && split.tables.map(\.isPartitioned) == [true])
    }

    @Test func otherTablesMayStandBetweenThem() throws {
        let other = "COPY \"public\".\"other\" (\"id\") FROM stdin;\n1\n\\.\n\n"
        let found = try contents(Self.block("1\ta") + other + Self.block("2\tb"))
        #expect(found.refusals == [])
        #expect(found.tables.map(\.rows) == [2, 1] && found.tables.map(\.isPartitioned) == [true, nil])
    }

    /// The comment alone does not make a table of two dumps one of partitions.
    @Test func rowsWithoutTheCommentStandThereASecondTime() throws {
        let plain = "COPY \"public\".\"jobs\" (\"id\", \"st\") FROM stdin;\n1\ta\n\\.\n\n"
        for body in [plain + Self.block("2\tb"), Self.block("2\tb") + plain, plain + plain] {
            let refusals = try contents(body).refusals
            #expect(refusals.map { $0.hasPrefix("The rows of this table appear a second time") } == [true])
        }
    }

    @Test func commentAboutAnotherTableIsNone() throws {
        let strange = Self.block("1\ta").replacing("root \"public\".\"jobs\"", with: "root \"public\".\"x\"")
        #expect(try contents(Self.block("1\ta") + strange).refusals.count == 1)
    }

    /// Their rows have no common digest, and the refusal says why.
    @Test func partitionsWithColumnsInAnotherOrderAreRefusedByThat() throws {
        let found = try contents(Self.block("1\ta") + Self.block("b\t2", columns: "\"st\", \"id\""))
        #expect(found.refusals.map { $0.contains("columns in different orders") } == [true])
    }

    @Test func partitionedTableIsReadBackAsAQueryWithoutWhatWasDumpedApart() throws {
        let table = try #require(try contents(Self.block("1\ta")).tables.first)
        let apart = [TableName(schema: "public", name: "it's")]
        let whole = ReadBackScript(tables: [.init(contents: table, floats: nil)], sequences: []).text
        #expect(whole.contains("COPY (SELECT \"id\", \"st\" FROM \"public\".\"jobs\") TO STDOUT;"))
        let rest = ReadBackScript(tables: [.init(contents: table, floats: nil, apart: apart)], sequences: []).text
        #expect(rest.contains("\"jobs\" WHERE tableoid NOT IN ('\"public\".\"it''s\"'::regclass)) TO STDOUT;"))
    }
}
