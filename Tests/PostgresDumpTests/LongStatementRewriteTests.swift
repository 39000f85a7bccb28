import TestSupport
import Testing

@testable import MigrationKitPostgresDump

/// Statements longer than the scanner keeps are judged by their beginning, or refused.
@Suite struct LongStatementRewriteTests {
    /// Takes the place of `%`.
    private static let text = String(repeating: line + "\n", count: 4500)
    private static let line = String(repeating: "0123456789 line; of text ", count: 10)

    @Test(arguments: [
        "COMMENT ON TABLE t IS '%';", "SET search_path = '%';",
        "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$%$$;",
        "CREATE TABLE t (a text DEFAULT '%');",
    ])
    func longStatementStays(statement: String) {
        let dump = Self.long(statement) + "\nSET lock_timeout = 0;\n"
        for chunking in [Chunking.whole, .every(256 << 10)] {
            let rewritten = Rewritten(dump, .cloudSQL, chunking)
            let isUnchanged = rewritten.text == dump
            #expect(isUnchanged)
            #expect(rewritten.refusals.isEmpty)
            #expect(rewritten.rewrites.isEmpty)
        }
    }

    @Test(arguments: [Chunking.whole, .every(256 << 10), .every(999_983)])
    func longCommentOnAnExtensionGoesOutLineByLine(chunking: Chunking) throws {
        let statement = "COMMENT ON EXTENSION x IS '\(Self.text)';"
        let dump = "SET lock_timeout = 1;\n\(statement) SET b = 2;\n"
        let rewritten = Rewritten(dump, .cloudSQL, chunking)
        let commented = statement.split(separator: "\n").joined(separator: "\n-- ")
        let isCommentedOut = rewritten.text == "SET lock_timeout = 1;\n-- \(commented) \nSET b = 2;\n"
        #expect(isCommentedOut)
        let rewrite = try #require(rewritten.rewrites.first)
        #expect(rewrite.rule == .extension)
        #expect(rewrite.length == statement.utf8.count)
        #expect(rewrite.addsLineEnd)
    }

    @Test(arguments: [
        "ALTER TABLE t ADD CHECK (a <> '%');", "CREATE VIEW v AS SELECT '%';", "COPY t (\"%\") FROM stdin;",
        "CREATE FUNCTION f() RETURNS int AS $$%$$ LANGUAGE c;", "INSERT INTO t VALUES ('%');", "\"%\";",
    ])
    func longStatementThatCannotBeJudgedIsRefused(statement: String) {
        let dump = Self.long(statement) + "\nSET lock_timeout = 0;\n"
        for chunking in [Chunking.whole, .every(256 << 10)] {
            let rewritten = Rewritten(dump, .cloudSQL, chunking)
            let isUnchanged = rewritten.text == dump
            #expect(isUnchanged)
            #expect(rewritten.refusals.count == 1)
            #expect(rewritten.refusals.first?.position == DumpPosition(offset: 0, line: 1))
            #expect(rewritten.refusals.first?.statement.count == Rewrite.statementTextLimit + 1)
        }
    }

    @Test func longMetaCommandIsRefused() {
        let rewritten = Rewritten("\\restrict \(String(repeating: "x", count: 2 << 20))\nSET lock_timeout = 1;\n")
        #expect(rewritten.refusals.count == 1)
    }

    private static func long(_ statement: String) -> String {
        statement.split(separator: "%", omittingEmptySubsequences: false).joined(separator: text)
    }
}
