import DumpSamples
import NIOCore
import TestSupport
import Testing

@testable import MigrationKitBase
@testable import MigrationKitPostgresDump

/// What a dump builds on its rows is cut so that nothing comes before what it needs.
@Suite struct PostDataTests {
    /// The stages of a text, each with the texts of its pieces.
    private func stages(_ text: String) -> [[String]] {
        PostData(ByteBuffer(string: text)).stages.map { stage in
            stage.pieces.map { piece in
                piece.statements.map { String(decoding: $0.text, as: UTF8.self) }.joined(separator: " ")
            }
        }
    }

    private static let keyA = "ALTER TABLE ONLY \"public\".\"a\"\n    ADD CONSTRAINT \"a_pkey\" PRIMARY KEY (\"id\");"
    private static let keyB = "ALTER TABLE ONLY app.b ADD CONSTRAINT u UNIQUE (x);"
    private static let indexA = "CREATE INDEX a_x ON public.a USING btree (x) WHERE (x <> ';'::text);"
    private static let indexB = "CREATE UNIQUE INDEX b_y ON ONLY app.b USING btree (y);"
    private static let attach = "ALTER INDEX app.b_y ATTACH PARTITION app.b1_y;"
    private static let trigger = "CREATE TRIGGER t BEFORE INSERT ON public.a FOR EACH ROW EXECUTE FUNCTION f();"
    private static let foreign = "ALTER TABLE ONLY public.a ADD CONSTRAINT fk FOREIGN KEY (x) REFERENCES app.b(x);"
    private static let foreignB = "ALTER TABLE ONLY app.b ADD CONSTRAINT fk FOREIGN KEY (y) REFERENCES public.a(id);"

    @Test func keysAndIndexesAreBuiltSideBySideAndForeignKeysAfterThem() {
        let text = [Self.keyA, Self.keyB, Self.indexA, Self.indexB, Self.foreign, Self.foreignB].joined(
            separator: "\n\n")
        #expect(
            stages(text) == [[Self.keyA, Self.keyB, Self.indexA, Self.indexB], [Self.foreign, Self.foreignB]])
        let pieces = PostData(ByteBuffer(string: text)).pieces
        #expect(pieces.map(\.kind) == [.key, .key, .index, .index, .foreignKey, .foreignKey])
        #expect(pieces.map(\.locksAlone) == [true, true, false, false, true, true])
        #expect(pieces.map(\.number) == [1, 2, 3, 4, 5, 6])
        #expect(pieces[3].tables == [TableName(schema: "app", name: "b")])
        #expect(pieces[4].tables == [.init(schema: "public", name: "a"), .init(schema: "app", name: "b")])
        #expect(pieces[1].statements.map(\.line) == [4])
    }

    @Test func allElseKeepsItsPlace() {
        let text = [Self.keyA, Self.attach, Self.trigger, Self.indexA, Self.foreign, "REFRESH MATERIALIZED VIEW v;"]
        #expect(
            stages(text.joined(separator: "\n")) == [
                [Self.keyA], ["\(Self.attach) \(Self.trigger)"], [Self.indexA], [Self.foreign],
                ["REFRESH MATERIALIZED VIEW v;"],
            ])
    }

    /// In a dump that somebody has put together, rows may stand behind what is no data.
    @Test func rowsAreNeverTakenForStatements() {
        let rows = "COPY \"public\".\"a\" (\"id\") FROM stdin;\nCREATE INDEX i ON public.a (x);\n\\.\n"
        #expect(stages("\(Self.indexA)\n\(rows)\n\(Self.indexB)\n") == [[Self.indexA], [rows], [Self.indexB]])
    }

    @Test func whatIsSaidOfAnIndexGoesWithIt() {
        let comment = "COMMENT ON INDEX app.b_y IS 'PRIMARY KEY (\"id\");';"
        let onKey = "COMMENT ON CONSTRAINT a_pkey ON public.a IS 'key';"
        let cluster = "ALTER TABLE public.a CLUSTER ON a_x;"
        let identity = "ALTER TABLE ONLY app.b REPLICA IDENTITY USING INDEX b_y;"
        let statistics = "ALTER INDEX public.a_x ALTER COLUMN 1 SET STATISTICS 100;"
        let text = [
            Self.keyA, onKey, Self.indexA, cluster, Self.indexB, comment, identity, statistics, Self.foreignB,
            "COMMENT ON CONSTRAINT fk ON app.b IS 'b';", "COMMENT ON INDEX app.b_y IS 'late';",
        ].joined(separator: "\n")
        #expect(
            stages(text) == [
                [
                    "\(Self.keyA) \(onKey)", "\(Self.indexA) \(cluster) \(statistics)",
                    "\(Self.indexB) \(comment) \(identity)",
                ], ["\(Self.foreignB) COMMENT ON CONSTRAINT fk ON app.b IS 'b';"],
                ["COMMENT ON INDEX app.b_y IS 'late';"],
            ])
        // Two that change a table beside each other would wait for each other.
        #expect(PostData(ByteBuffer(string: text)).pieces.map(\.locksAlone) == [true, true, true, true, true])
    }

    /// Constraints of two tables may have one name.
    @Test func commentGoesWithTheConstraintOfItsTable() {
        let comment = "COMMENT ON CONSTRAINT fk ON public.a IS 'a';"
        #expect(
            stages([Self.foreign, Self.foreignB.replacing("app.b ADD", with: "public.b ADD"), comment].joined())
                == [["\(Self.foreign) \(comment)", Self.foreignB.replacing("app.b ADD", with: "public.b ADD")]])
    }

    @Test func settingsHoldForWhatFollowsThem() {
        let text = "SET statement_timeout = 0;\n\(Self.indexA)\nSET default_tablespace = fast;\n\(Self.indexB)\n"
        let stages = PostData(ByteBuffer(string: text)).stages
        #expect(
            stages.map { String(decoding: $0.settings, as: UTF8.self) } == [
                "SET statement_timeout = 0;\n", "SET statement_timeout = 0;\nSET default_tablespace = fast;\n",
            ])
    }

    @Test(arguments: [800, 5000])
    func partsLoseTheStatementsThatMakeThemPartsAndNothingElse(size: Int64) throws {
        let dump = try SplitDump(SQLDumps.fixture(17), size: size)
        #expect(dump.parts.count >= 4)
        for part in dump.parts where part.part.kind != .extensions {
            let (before, behind) = (part.part.prologue, part.part.epilogue)
            let (left, end) = (
                String(buffer: OwnStatements.removed(fromPrologue: before)),
                String(buffer: OwnStatements.removed(fromEpilogue: behind))
            )
            let all = left + end
            #expect(!all.contains("mi_migrate") && !all.contains("BEGIN;") && !all.contains("COMMIT;"), "\(all)")
            #expect(left.count { $0 == "\n" } == String(buffer: before).count { $0 == "\n" })
            // A pass takes what is left for a dump: the rows that go on, and their end, are there.
            var pass = DumpPass.judging(.none)
            var output = ByteBuffer()
            try pass.transform(ByteBuffer(string: left + part.body + end), into: &output)
            let report = try pass.finish(into: &output)
            #expect(report.refusals.isEmpty, "\(report.refusals)")
        }
    }
}
