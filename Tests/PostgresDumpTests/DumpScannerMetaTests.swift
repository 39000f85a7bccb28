import TestSupport
import Testing

@testable import MigrationKitPostgresDump

/// psql's own commands.
@Suite struct DumpScannerMetaTests {
    @Test func metaCommandReachesToTheLineFeed() {
        let scan = Scan("\\restrict a'b; \"c\r\nSELECT 1;\n  \\connect d\re;\nSELECT 2;")
        #expect(scan.metaCommands == ["\\restrict a'b; \"c\r", "\\connect d\re;"])
        #expect(scan.statements == ["SELECT 1;", "SELECT 2;"])
    }

    @Test func metaCommandMayStandBehindAStatement() {
        #expect(Scan("SELECT 1; \\! true\n").metaCommands == ["\\! true"])
    }

    @Test(arguments: ["SELECT 1 \\! true\n", "SELECT (\\;\n", "CREATE FUNCTION f() BEGIN ATOMIC \\gexec\n", "-\\x\n"])
    func metaCommandInsideAStatementSaysSo(dump: String) throws {
        let scan = Scan(dump + "SELECT 2;")
        let isInStatement = scan.events.contains {
            if case .meta(_, _, inStatement: true) = $0 { true } else { false }
        }
        #expect(isInStatement)
        #expect(scan.statements == ["SELECT 2;"])
        #expect(Scan(dump + "SELECT 2;", .every(1)) == scan)
    }

    @Test func metaCommandWithoutLineEndIsOne() {
        #expect(Scan("SELECT 1;\n\\unrestrict key").metaCommands == ["\\unrestrict key"])
    }

    @Test func loneTerminatorOutsideCopyIsAMetaCommand() {
        #expect(Scan("SELECT 1;\n\\.\nSELECT 2;").metaCommands == ["\\."])
    }

    @Test(arguments: [
        #"SELECT '\! true';"#, #"SELECT "\! true";"#, #"SELECT $$\! true$$;"#, "/* \\! true */", "-- \\! true\n",
    ])
    func backslashInsideQuotesAndCommentsIsNone(dump: String) {
        #expect(Scan(dump).metaCommands.isEmpty)
    }
}
