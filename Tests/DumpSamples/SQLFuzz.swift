import Synchronization
import TestSupport

/// Text that looks like a dump, and like a dump gone wrong: the same for the same seed.
package struct SQLFuzz {
    private var random: SeededRandom
    private var output: [UInt8] = []

    /// Those that were made: several suites look at the same.
    private static let made = Mutex<[UInt64: [UInt8]]>([:])

    package static func dump(seed: UInt64) -> [UInt8] {
        if let dump = made.withLock({ $0[seed] }) { return dump }
        let dump = make(seed: seed)
        made.withLock { $0[seed] = dump }
        return dump
    }

    private static func make(seed: UInt64) -> [UInt8] {
        var fuzz = SQLFuzz(random: SeededRandom(seed: seed))
        for _ in 0..<Int.random(in: 1...8, using: &fuzz.random) { fuzz.piece() }
        // Now and then the dump is cut off.
        if fuzz.chance(20) {
            fuzz.output.removeLast(Int.random(in: 0...min(12, fuzz.output.count), using: &fuzz.random))
        }
        return fuzz.output
    }

    private init(random: SeededRandom) { self.random = random }

    private mutating func piece() {
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<7: statement()
        case 7..<12: write(pick(Self.statements))
        case 12..<15: copy()
        case 15: write("\n" + pick(Self.metaCommands))
        case 16: comment()
        case 17: routine()
        default: garbage(upTo: 30)
        }
        write(pick(["\n", "\n\n", "\r\n", " ", "", "\n--\n"]))
    }

    // MARK: Statements

    private mutating func statement() {
        for _ in 0..<Int.random(in: 1...9, using: &random) { token() }
        write(";")
    }

    private mutating func token() {
        switch Int.random(in: 0..<18, using: &random) {
        case 0..<4: write(pick(Self.words) + " ")
        case 4: quoted("'", "'")
        case 5: quoted("E'", "'", escapes: true)
        case 6: continued()
        case 7: quoted("\"", "\"")
        case 8: dollarQuoted()
        case 9: write(pick(Self.scraps))
        case 10: write(pick(["-", "/", "*", "--", "+-", "<@>", "::", "e", "0.5", "1e", ".", ",", "\u{0C}", "\u{0B}"]))
        case 11: comment()
        case 12:
            write("(")
            for _ in 0..<Int.random(in: 0...3, using: &random) { token() }
            write(pick([")", ");", ";)", ") ", ""]))
        case 13: write(pick(["\n", "\r", "\r\n", " ", "\t"]))
        case 14 where chance(30): write("\\" + pick(Self.metaCommands))
        case 15 where chance(50): garbage(upTo: 6)
        default: write(pick(["x ", "public.", "naïve ", ", ", "= "]))
        }
    }

    private mutating func routine() {
        write(pick(["CREATE FUNCTION f() ", "create or replace procedure p(a int) ", "CREATE  /* ; */ FUNCTION g() "]))
        write(pick(["BEGIN ATOMIC ", "begin atomic\n", "RETURNS int AS ", "language sql "]))
        for _ in 0..<Int.random(in: 0...5, using: &random) {
            write(
                pick(["SELECT 1;", "CASE WHEN a THEN b END;", " case ", " end", "END ", "END;", "(begin;)", "begin "]))
            token()
        }
        write(pick(["END;", "END; END;", ";", "$$ ; $$;"]))
    }

    private mutating func continued() {
        quoted(pick(["E'", "'", "e'"]), "'", escapes: true)
        for _ in 0..<Int.random(in: 1...2, using: &random) {
            write(pick(["\n", " \n\t", " -- ;'\n", "\r", " ", "\n--\n", "/**/\n", "\n/* \n */"]))
            quoted("'", "'", escapes: chance(50))
        }
    }

    private mutating func quoted(_ open: String, _ close: String, escapes: Bool = false) {
        write(open)
        for _ in 0..<Int.random(in: 0...4, using: &random) {
            write(pick(Self.contents))
            if chance(20) { write(close + close) }
            if escapes, chance(30) { write(pick([#"\'"#, #"\\"#, #"\\\'"#])) }
        }
        write(close)
    }

    private mutating func dollarQuoted() {
        let tag = pick(["$$", "$a$", "$_$", "$ab1$", "$é$"])
        write(tag)
        for _ in 0..<Int.random(in: 0...5, using: &random) {
            write(pick(Self.contents))
            if chance(30) { write(pick(["$", "$a", "$ab$", "$a$b$", "$_", "$1$"])) }
        }
        write(tag)
    }

    private mutating func comment() {
        if chance(50) {
            write("--" + pick(Self.contents).filter { $0 != "\n" } + pick(["\n", "\r", "\r\n"]))
            return
        }
        write("/*")
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            write(pick(Self.contents) + pick(["", "*", "/", "**/ /*", "/* */", "/*/**/*/", "//* */"]))
        }
        write(pick(["*/", "**/", " */", "/*/*/ */"]))
    }

    // MARK: Rows

    private mutating func copy() {
        let lineEnd = pick(["\n", "\n", "\r\n"])
        let header = pick([
            #"COPY "public"."CREATE EXTENSION" ("a", "b;") FROM stdin;"#, "COPY t FROM stdin;",
            "copy a.b (c) from STDIN;",
            #"COPY /* ; */ "t" -- x;"# + "\n (a) FROM stdin;", "COPY t FROM '/etc/passwd';", "COPY t (a) TO stdout;",
        ])
        write(header + pick([lineEnd, lineEnd, lineEnd, " " + lineEnd]))
        for _ in 0..<Int.random(in: 0...6, using: &random) {
            write(pick(Self.rows) + lineEnd)
        }
        write(#"\."# + lineEnd)
    }

    private mutating func garbage(upTo count: Int) {
        for _ in 0..<Int.random(in: 1...count, using: &random) { output.append(pick(Self.garbageBytes)) }
    }

    // MARK: Choosing

    private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

    private mutating func pick<Choice>(_ choices: [Choice]) -> Choice {
        choices[Int.random(in: 0..<choices.count, using: &random)]
    }

    private mutating func write(_ text: String) { output += Array(text.utf8) }

    private static let words = [
        "SELECT", "create", "CREATE", "function", "or", "replace", "begin", "END", "case", "e", "E", "table", "DROP",
        "comment", "alter", "owner", "to", "set", "grant", "copy", "from", "stdin", "extension", "schema", "public",
    ]

    private static let scraps = [
        "$1", "$ ", "$a", "$a b", "a$b$", "$1$x", "1$", "U&\"x;\"", "b'01'", "[1:n]", "[:E", "::e", ":::a", "1e+",
        "1.e", "2E",
    ]

    private static let contents = [
        ";", "\n", "\r", "x", "--", "/*", "*/", "$$", "\\", "\\.", "\\.\n", "\"", "$", "a$", "(", ")", "é", "\t",
        "\nDROP SCHEMA public;\n", "\nCREATE EXTENSION x;\n", "\n\\connect y\n",
    ]

    private static let rows = [
        "", "", "1\t2", #"\N"#, #"\\."#, #"\\.\n"#, "--", "-- x", "CREATE EXTENSION x;", #"\connect y"#, "'", "$$",
        "/*", #"\.x"#, #" \."#, "\r", "\\", "é", #"\.\."#, "\u{0}",
    ]

    private static let statements = [
        "DROP EXTENSION IF EXISTS \"citext\";", "CREATE EXTENSION IF NOT EXISTS citext WITH SCHEMA public;",
        "COMMENT ON EXTENSION citext IS 'two\nlines; \"and\" a quote''';", "DROP SCHEMA IF EXISTS \"public\";",
        "COMMENT ON SCHEMA public IS 'a\rb\r\nc\n\rd';", "SET transaction_timeout = 0;",
        "ALTER TABLE a.b\r\nOWNER TO c;", "GRANT ALL\nON TABLE x\n\nTO y;", "SET default_tablespace = '';",
        "SELECT pg_catalog.setval('s', 3, true);", "DROP EXTENSION a; DROP EXTENSION b;\tDROP TABLE c;",
        "REVOKE /* ;\n */ ALL -- ;\n ON x FROM y; -- z", "CREATE TABLE \"CREATE EXTENSION\" (a text DEFAULT ';');",
        "DROP PUBLICATION IF EXISTS p;", "ALTER DATABASE x SET y TO 'z';/* */SELECT 1;",
        "CREATE RULE r AS ON INSERT TO t DO ALSO (DELETE FROM a; DELETE FROM b;);", "COMMIT;", ";",
        "SELECT * FROM pg_catalog.pg_restore_relation_stats(\n\t'version', '180006'::integer,\n\t'relname', ';'\n);",
    ]

    private static let metaCommands = [
        "\\restrict k\n", "\\unrestrict k\n", "\\connect x\n", "\\connect x\r\n", "\\! true\n", "\\.\n", "\\\n",
        "\\connect a\rb\n", "\\copy t from 'x'\n",
    ]

    private static let garbageBytes = Array("'\"$;\\-/*eEab1\n\r ()x.,:\u{0}é@".utf8)
}
