import DumpSamples
import NIOCore
import TestSupport
import Testing

@testable import MigrationKitBase
@testable import MigrationKitPostgresDump

/// A dump is whole or refused.
@Suite struct DumpPassTests {
    private static let body = """
        CREATE TABLE t (a text DEFAULT 'x;');
        COPY t (a) FROM stdin;
        1
        \\\\.
        \\.
        CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1; $$;
        """
    private static let plain = SQLDumps.whole(body)
    private static let restricted = SQLDumps.whole(body, restrictKey: "k3y")

    @Test(arguments: [plain, restricted])
    func dumpCutAnywhereIsTorn(dump: String) throws {
        let bytes = Array(dump.utf8)
        // Only white space may be missing: that behind the line end of the trailer's last line, or behind the key.
        let end = bytes.count - bytes.reversed().prefix { $0 == 0x0A }.count
        let lineEnd = bytes[end...].firstIndex(of: 0x0A)
        let shortest = dump.contains("unrestrict") ? end : try #require(lineEnd) + 1
        for length in 0...bytes.count {
            let cut = Array(bytes.prefix(length))
            guard length < shortest else {
                #expect(throws: Never.self) { try Passed(cut) }
                continue
            }
            let error = #expect(throws: MigrationError.self) { try Passed(cut) }
            #expect(error?.code == .tornDump, "cut after \(length) bytes")
        }
    }

    /// Every byte of the dump counts somewhere between head and trailer, so a cut in the middle of a file is found even
    /// where the end is there.
    @Test(arguments: ["COPY t (a) FROM stdin;\n1\n", "SELECT '", "CREATE TABLE t (", "SELECT $$", "/* ", "SELECT \""])
    func openConstructIsTornThoughTheTrailerIsThere(body: String) {
        let error = #expect(throws: MigrationError.self) { try Passed(SQLDumps.whole(body)) }
        #expect(error?.code == .tornDump)
        #expect(error?.message.contains("ends in the middle of") == true)
    }

    @Test func tornCopyNamesItsTableAndLine() {
        let dump = String(SQLDumps.whole("COPY audit.entries (a) FROM stdin;\n1\n@").prefix { $0 != "@" })
        let error = #expect(throws: MigrationError.self) { try Passed(dump) }
        #expect(
            error?.message == "The dump ends in the middle of the rows of a COPY of table audit.entries, at line 12.")
    }

    @Test(arguments: [
        "SELECT 1;\n", "psql: error\n", "command terminated with exit code 137\n", "SELECT", "'", "1\t2\n",
    ])
    func textBehindTheTrailerIsRefused(text: String) {
        #expect(throws: MigrationError.self) { try Passed(Self.plain + text) }
        #expect(throws: MigrationError.self) { try Passed(Self.restricted + text) }
    }

    @Test(arguments: ["", "\n\n\n", "\r\n \n", "--\n"])
    func emptyLinesBehindTheTrailerAreNothing(text: String) throws {
        #expect(try Passed(Self.plain + text).text == Self.plain + text)
    }

    @Test(arguments: [
        "-- PostgreSQL database dump complete", "-- PostgreSQL database dump complete\n-",
        "-- PostgreSQL database dump", " -- PostgreSQL database dump complete\n--\n",
        "x -- PostgreSQL database dump complete\n--\n", "", "/*\n-- PostgreSQL database dump complete\n--\n",
        "-- -- PostgreSQL database dump complete\n--\n",
    ])
    func almostATrailerIsNone(trailer: String) {
        let head = Self.plain.prefix(Self.plain.count - "-- PostgreSQL database dump complete\n--\n\n".count)
        let error = #expect(throws: MigrationError.self) { try Passed(head + trailer) }
        #expect(error?.code == .tornDump)
    }

    @Test func trailerAmongRowsIsNoTrailer() {
        let dump = SQLDumps.whole("COPY t FROM stdin;\n--\n-- PostgreSQL database dump complete\n--\n\n")
        let error = #expect(throws: MigrationError.self) { try Passed(dump) }
        #expect(error?.message.contains("the rows of a COPY of table t") == true)
    }

    @Test func restrictWithoutItsAnswerIsTorn() {
        let dump = Self.restricted.split(separator: "\n", omittingEmptySubsequences: false)
            .filter { !$0.hasPrefix("\\unrestrict") }.joined(separator: "\n")
        let error = #expect(throws: MigrationError.self) { try Passed(dump) }
        #expect(error?.code == .tornDump)
        #expect(error?.message.contains("\\unrestrict") == true)
    }

    @Test func wrongKeyIsNoAnswer() {
        let dump = Self.restricted.replacing("\\unrestrict k3y", with: "\\unrestrict key")
        #expect(throws: MigrationError.self) { try Passed(dump) }
    }

    @Test func answerWithoutARestrictIsRefused() throws {
        let dump = Self.restricted.replacing("\\restrict k3y", with: "")
        #expect(try Passed(dump).report.refusals.map(\.statement) == ["\\unrestrict k3y"])
    }

    @Test func rewrittenDumpPassesAgain() throws {
        let rewritten = try Passed(Self.restricted)
        #expect(rewritten.report.contents.rewrites.count == 2)
        let again = try Passed(rewritten.output)
        #expect(again.output == rewritten.output)
        #expect(again.report.contents.tables == rewritten.report.contents.tables)
        #expect(again.report.contents.rewrites.isEmpty)
    }

    @Test(arguments: [Chunking.whole, .every(1), .every(64), .random(seed: 3)])
    func nulByteComesThroughAndIsRefused(chunking: Chunking) throws {
        let dump = Array(SQLDumps.whole("COPY t FROM stdin;\n1\na\0b\0\n\\.\nSELECT pg_catalog.setval('s', 1);").utf8)
        let passed = try Passed(dump, .cloudSQL, chunking)
        #expect(passed.output == dump)
        let refusal = try #require(passed.report.refusals.first)
        #expect(passed.report.refusals.count == 1)
        #expect(refusal.reason.contains("NUL"))
        #expect(refusal.position.offset == dump.firstIndex(of: 0).map(Int64.init))
        #expect(refusal.position.line == 12)
    }

    @Test(arguments: [Chunking.whole, .every(1), .every(50), .random(seed: 4)], RewriteProfile.allCases)
    func checksumIsThatOfTheDumpAsItWas(chunking: Chunking, profile: RewriteProfile) throws {
        let dump = Array(SQLDumps.whole(Self.body + "\nDROP EXTENSION x; GRANT a TO b;\n", restrictKey: "k").utf8)
        var expected = CRC32C()
        dump.withUnsafeBytes { expected.update($0) }
        #expect(try Passed(dump, profile, chunking).report.crc32c == expected.value)
    }

    @Test func outputFollowsTheInputChunkByChunk() throws {
        var pass = DumpPass(profile: .cloudSQL)
        var output = ByteBuffer()
        let rows = ByteBuffer(string: String(repeating: "0123456789\n", count: 10_000))
        let head = "--\n-- PostgreSQL database dump\n--\n\nCOPY big FROM stdin;\n"
        try pass.transform(ByteBuffer(string: head), into: &output)
        #expect(output == ByteBuffer(string: head))
        for _ in 0..<5 {
            output.clear()
            try pass.transform(rows, into: &output)
            #expect(output == rows)
        }
        #expect(pass.currentTable == TableName(schema: "public", name: "big"))
        #expect(pass.tablesDone == 0)
    }
}
