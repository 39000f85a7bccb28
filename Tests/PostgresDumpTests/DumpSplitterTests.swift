import DumpSamples
import NIOCore
import TestSupport
import Testing

@testable import MigrationKitBase
@testable import MigrationKitPostgresDump

/// Where a dump is cut, and what is put around the parts.
@Suite struct DumpSplitterTests {
    private static let rows = SQLDumps.copy("\"public\".\"t\" (\"a\")", "one", "two", "three")
    private static let settings = "SET row_security = off;\nSELECT pg_catalog.set_config('search_path', '', false);\n"

    private func refusal(_ dump: String, size: Int64 = 1000) throws -> String {
        let error = #expect(throws: MigrationError.self) { _ = try SplitDump(dump, size: size) }
        return error?.message ?? ""
    }

    @Test func dumpIsCutWhereItsRowsBeginAndEnd() throws {
        let schema = SQLDumps.whole("").components[0] + "CREATE TABLE t (a text);\n-- rows\n"
        let data = Self.rows + "\nSELECT pg_catalog.setval('s', 3, true);\nSET default_tablespace = '';\n-- keys\n"
        let indexes = "ALTER TABLE t ADD PRIMARY KEY (a);\n" + Self.rows + "SELECT pg_catalog.setval('r', 1);\n"
        let split = try SplitDump(schema + data + indexes, size: .max)
        #expect(split.kinds == [.schema, .extensions, .data, .indexes])
        #expect(split.bodies == [schema, "", data, indexes])
        #expect(
            split.parts.map(\.part.name) == [
                "primary.10-schema.sql", "primary.00-extensions.sql", "primary.20-data-0001.sql",
                "primary.30-indexes.sql",
            ])
    }

    @Test func fullPartEndsWithItsRow() throws {
        let split = try SplitDump(Self.rows + "ALTER TABLE t;", size: 1)
        let copy = "COPY \"public\".\"t\" (\"a\") FROM stdin;\n"
        #expect(split.bodies == ["", "", copy + "one\n", "two\n", "three\n", "\\.\n", "ALTER TABLE t;"])
        for one in split.parts[2..<5] {
            #expect(String(buffer: one.part.epilogue).hasPrefix("\\.\n\nCOMMIT;\n"))
        }
        for one in split.parts[3..<6] { #expect(String(buffer: one.part.prologue).hasSuffix("\n\n" + copy)) }
        #expect(String(buffer: split.parts[5].part.epilogue).hasPrefix("\nCOMMIT;\n"))
    }

    @Test func linesEndAsTheTablesDo() throws {
        let dump = Self.rows.replacing("\n", with: "\r\n")
        let split = try SplitDump(dump, size: 1)
        #expect(split.parts.count == 7)
        for one in split.parts[2..<5] { #expect(one.string.contains("\r\n\\.\r\n\nCOMMIT;\n")) }
        for one in split.parts[3..<6] { #expect(one.string.contains(" FROM stdin;\r\n")) }
    }

    @Test func rowThatLooksLikeAnEndIsNone() throws {
        let rows = SQLDumps.copy("t", #"\\."#, #"\.x"#, #"\N"#, "", "COPY t FROM stdin;", "-- x")
        let split = try SplitDump(rows, size: 1)
        #expect(
            split.bodies[2...7] == [
                "COPY t FROM stdin;\n" + #"\\."# + "\n", #"\.x"# + "\n", #"\N"# + "\n", "\n", "COPY t FROM stdin;\n",
                "-- x\n",
            ])
    }

    @Test func fullPartEndsBeforeTheNextTable() throws {
        let (first, second) = (SQLDumps.copy("a", "1"), SQLDumps.copy("b"))
        let setval = "SELECT pg_catalog.setval('s', 1);"
        let split = try SplitDump(first + "\n" + second + setval + setval, size: 1)
        #expect(split.bodies[2...] == ["COPY a FROM stdin;\n1\n", "\\.\n\n", second, setval, setval, ""])
    }

    @Test func partTakesAsManyRowsAsFit() throws {
        let rows = (100..<200).map { "row \($0)" }
        let split = try SplitDump("COPY t FROM stdin;\n" + rows.joined(separator: "\n") + "\n\\.\n", size: 400)
        let data = split.parts.filter { $0.part.kind == .data }
        #expect(data.count > 3)
        for one in data.dropLast() {
            let size = one.part.prologue.readableBytes + Int(one.part.length)
            #expect((400..<408).contains(size) || one.body.count == 8)
        }
    }

    @Test func settingsAreRepeatedAndOnlyTheNewest() throws {
        let dump =
            Self.settings + "SET default_table_access_method = heap;\nCREATE TABLE t (a text);\n"
            + "SET default_table_access_method = other;\n" + Self.rows + "SET row_security = on;\n"
            + "reset DEFAULT_table_access_method;\nALTER TABLE t;\n"
        let split = try SplitDump(dump, size: 1)
        let search = "SELECT pg_catalog.set_config('search_path', '', false);\n"
        for one in split.parts where one.part.kind == .data {
            let settings = "SET row_security = off;\n\(search)SET default_table_access_method = other;\nBEGIN;\n"
            #expect(one.string.contains("\n\n" + settings))
        }
        let last = "\n\n\(search)SET row_security = on;\nreset DEFAULT_table_access_method;\nBEGIN;\nDO $"
        #expect(split[.indexes]?.string.contains(last) == true)
        #expect(split[.schema].map { String(buffer: $0.part.prologue).contains("SET") } == false)
    }

    @Test func extensionsAreMadeFirstAndExactlyThose() throws {
        let dump = SQLDumps.whole(
            """
            -- CREATE EXTENSION IF NOT EXISTS "pg_trgm" WITH SCHEMA "public";
            CREATE EXTENSION IF NOT EXISTS citext;
            CREATE EXTENSION IF NOT EXISTS plpgsql;
            CREATE EXTENSION IF NOT EXISTS "a""b" WITH SCHEMA public;
            -- A comment names CREATE EXTENSION hstore;
            CREATE TABLE t (a text DEFAULT 'CREATE EXTENSION hstore;');

            """ + Self.rows)
        let split = try SplitDump(dump, size: .max)
        let text = try #require(split[.extensions]?.string)
        let made = text.split(separator: "\n").filter { $0.hasPrefix("CREATE") }
        #expect(
            made == [
                #"CREATE EXTENSION IF NOT EXISTS "pg_trgm" WITH SCHEMA "public";"#,
                #"CREATE EXTENSION IF NOT EXISTS "citext";"#,
                #"CREATE EXTENSION IF NOT EXISTS "a""b" WITH SCHEMA "public";"#,
            ])
        #expect(text.contains("-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)\n"))
        #expect(text.hasPrefix("--\n-- PostgreSQL database dump\n--\n") && !text.contains("BEGIN"))
    }

    @Test func emptyDumpHasAllParts() throws {
        for dump in ["", "\n", "-- x", "SET a = 1;"] {
            let split = try SplitDump(dump, size: 1)
            #expect(split.bodies == [dump, "", "", ""])
        }
    }

    @Test func keyOfARestrictionIsInEachPart() throws {
        let dump = SQLDumps.whole(Self.rows + "ALTER TABLE t;", restrictKey: "abc1")
        let split = try SplitDump(dump, size: 1)
        for one in split.parts where one.part.kind != .extensions {
            #expect(one.string.split(separator: "\n").count { $0 == "\\restrict abc1" } == 1, "\(one.string)")
            #expect(one.string.split(separator: "\n").count { $0 == "\\unrestrict abc1" } == 1)
        }
    }

    @Test func statementThatIsVeryLongIsNotCut() throws {
        let long = "COMMENT ON TABLE t IS '" + String(repeating: "x;\n", count: 500_000) + "';"
        let split = try SplitDump(long + Self.rows + long + "\n" + Self.rows, size: 50, .every(100_000))
        #expect(split[.schema]?.body == long && split[.indexes]?.body == long + "\n" + Self.rows)
    }

    @Test func whatCannotBeSplitIsRefused() throws {
        let own = "It uses the name mi_migrate"
        #expect(try refusal("CREATE SCHEMA mi_migrate;").contains(own))
        #expect(try refusal("CREATE SCHEMA \"mi_migrate\";").contains(own))
        #expect(try refusal("CREATE TABLE MI_Migrate.t (a int);").contains(own))
        #expect(try refusal("COPY mi_migrate.t FROM stdin;\n\\.\n").contains(own))
        _ = try SplitDump("CREATE TABLE t (a text DEFAULT 'mi_migrate'); -- mi_migrate\n", size: 1)
        let late = "It creates the extension hstore after the first rows"
        #expect(try refusal(Self.rows + "CREATE EXTENSION hstore;").contains(late))
        #expect(try refusal(Self.rows + "-- CREATE EXTENSION hstore;\n").contains(late))
        for command in ["\\connect other", "\\! x", "\\unrestrict x", "\\restrict a'b", "\\restrict", "SELECT 1 \\g"] {
            #expect(try refusal("\n\(command)\n").contains("a psql command"), "\(command)")
        }
        let many = "COPY t FROM stdin;\n" + String(repeating: "x\n", count: 10_001) + "\\.\n"
        #expect(try refusal(many, size: 1).contains("more than 9999 parts"))
        let large = "SET search_path = '" + String(repeating: "x", count: 900_000) + "';\n"
        let names = ["row_security", "xmloption", "a", "b", "c"]
        let settings = names.map { large.replacing("search_path", with: $0) }.joined()
        #expect(try refusal(settings + Self.rows).contains("repeat are too large."))
    }
}

extension String {
    /// What stands before the first empty line, and behind it.
    fileprivate var components: [String] {
        guard let range = firstRange(of: "\n\n") else { return [self] }
        return [String(self[..<range.upperBound]), String(self[range.upperBound...])]
    }
}
