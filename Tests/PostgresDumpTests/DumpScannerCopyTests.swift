import TestSupport
import Testing

@testable import MigrationKitPostgresDump

/// Rows of COPY data.
@Suite struct DumpScannerCopyTests {
    private static let hostileRows = [
        "", "-- comment", "--", "CREATE EXTENSION x;", #"\\."#, #"\\.\n"#, #"\N"#, #"\connect template1"#,
        #"\restrict k"#, "'", "$$", "/*", "\"", ";", #"\.x"#, #" \."#, #"x\."#, #"\.\."#, "\\", "\u{1}", "naïve 👩‍👩‍👧",
        "a\tb\tc", "-- PostgreSQL database dump complete", "COPY t FROM stdin;",
    ]

    @Test(arguments: hostileRows)
    func rowIsARowWhateverItLooksLike(row: String) {
        let dump = "COPY t (a) FROM stdin;\n\(row)\n1\n\(row)\n\\.\nSELECT 1;\n"
        let scan = Scan(dump)
        #expect(scan.rows == [row, "1", row])
        #expect(scan.statements == ["COPY t (a) FROM stdin;", "SELECT 1;"])
        #expect(scan.metaCommands.isEmpty)
        for cut in 0...dump.utf8.count { #expect(Scan(dump, .cut(cut)) == scan) }
    }

    @Test func carriageReturnOfALineEndIsNotInTheRow() {
        let dump = "COPY t (a) FROM stdin;\r\n1\r\n\r\n\\\\.\r\n\\.\r\nSELECT 1;\r\n"
        let scan = Scan(dump)
        #expect(scan.rows == ["1", "", "\\\\."])
        #expect(scan.statements.last == "SELECT 1;")
        for cut in 0...dump.utf8.count { #expect(Scan(dump, .cut(cut)) == scan) }
        #expect(Scan(dump, .every(1)) == scan)
    }

    @Test func carriageReturnInsideARowIsInTheRow() {
        let dump = "COPY t FROM stdin;\na\rb\n\rc\n\\.\rd\nx\r\r\n\\.\n"
        #expect(Scan(dump).rows == ["a\rb", "\rc", "\\.\rd", "x\r"])
        #expect(Scan(dump, .every(1)) == Scan(dump))
    }

    @Test func tableWithoutColumnsHasEmptyRows() {
        #expect(Scan("COPY \"public\".\"none\"  FROM stdin;\n\n\n\n\\.\n").rows == ["", "", ""])
    }

    @Test func tableWithoutRowsEndsAtOnce() {
        let dump = "COPY t (a) FROM stdin;\n\\.\nSELECT 1;\n"
        #expect(Scan(dump).rows.isEmpty)
        #expect(Scan(dump).events.contains(.copy("\\.\n", rows: [], isWhole: true)))
        #expect(Scan(dump, .every(1)) == Scan(dump))
    }

    @Test func nulByteIsInTheRow() {
        #expect(Scan("COPY t FROM stdin;\na\0b\n\\.\n").rows == ["a\0b"])
    }

    @Test func bytesThatAreNoTextStayWhatTheyAre() {
        let row: [UInt8] = [0xFF, 0xFE, 0x80, 0xC3]
        let dump = Array("COPY t FROM stdin;\n".utf8) + row + Array("\n\\.\n".utf8)
        #expect(
            Scan(dump).events.last == .copy(SQLBytes(row + Array("\n\\.\n".utf8)), rows: [SQLBytes(row)], isWhole: true)
        )
    }

    @Test func unfinishedLastRowIsNoRow() {
        let scan = Scan("COPY t FROM stdin;\n1\n2")
        #expect(scan.rows == ["1"])
        #expect(!scan.isBetweenStatements)
        #expect(scan.events.last == .copy("1\n2", rows: ["1"], isWhole: false))
    }

    @Test func statementsGoOnBehindTheRows() {
        let dump = "COPY a FROM stdin;\n'\n\\.\nCOPY b FROM stdin;\n$$\n\\.\n\n-- x\nSELECT ';';"
        #expect(Scan(dump).statements == ["COPY a FROM stdin;", "COPY b FROM stdin;", "SELECT ';';"])
        #expect(Scan(dump).rows == ["'", "$$"])
    }
}
