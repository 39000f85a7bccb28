import DumpSamples
import TestSupport
import Testing

@testable import MigrationKitBase
@testable import MigrationKitPostgresDump

/// The tokens that rules see.
@Suite struct SQLTokenTests {
    private static func symbol(_ character: Unicode.Scalar) -> SQLToken { .symbol(UInt8(ascii: character)) }

    @Test(
        arguments: [
            ("SELECT \"Sel\"\"ect\" sElect", [.word("select"), .identifier("Sel\"ect"), .word("select")]),
            ("'it''s' ''", [.string("it's"), .string("")]),
            (#"'a\' 'b'"#, [.string(#"a\"#), .string("b")]),
            (#"E'a\'b\\' x"#, [.string(#"a\'b\\"#), .word("x")]),
            ("'a'\n 'b'", [.string("ab")]),
            ("'a' 'b'", [.string("a"), .string("b")]),
            ("E'a' -- '\n'b\\''", [.string("ab\\'")]),
            ("$$;$$ $a$ $$ $a$", [.dollarBody, .dollarBody]),
            ("$1 $", [symbol("$"), .number("1"), symbol("$")]),
            ("a$$b", [.word("a$$b")]),
            ("1.5 -2", [.number("1.5"), symbol("-"), .number("2")]),
            ("/* a /* b */ c */ d -- e\r f", [.word("d"), .word("f")]),
            ("naïve Ä", [.word("naïve"), .word("ä")]),
            ("U&\"a\"", [.word("u"), symbol("&"), .identifier("a")]),
            ("", []), (" \n\t\u{0B}\u{0C}\r", []),
        ] as [(String, [SQLToken])])
    func tokensAreRead(text: String, tokens: [SQLToken]) {
        #expect(sqlTokens(text) == tokens)
    }

    @Test(arguments: ["a 'open", "a \"open", "a $$ open", "a /* open", "a E'\\", "a E'\\'", "a /* /* */"])
    func tokensEndWhereOneIsOpen(text: String) {
        #expect(sqlTokens(text) == [.word("a")])
    }

    @Test func limitIsKept() {
        Array("a b c".utf8).withUnsafeBytes { bytes in
            #expect(SQLToken.tokens(of: bytes, limit: 2) == [.word("a"), .word("b")])
        }
    }

    @Test func onlyWordsAndIdentifiersName() {
        #expect(SQLToken.word("a").name == "a")
        #expect(SQLToken.identifier("A").name == "A")
        #expect(SQLToken.string("a").name == nil)
        #expect(SQLToken.dollarBody.name == nil)
    }

    /// A statement's tokens end with the `;` that the scanner saw as its end, and hold no other outside parentheses:
    /// scanner and reader agree on what is quoted.
    @Test(arguments: 0..<10 as Range<UInt64>)
    func readerAgreesWithTheScanner(block: UInt64) {
        for seed in block * 200..<(block + 1) * 200 {
            let scan = Scan(SQLFuzz.dump(seed: seed))
            guard scan.ambiguities.isEmpty else { continue }
            for case .statement(let statement, _) in scan.events {
                let tokens = statement.bytes.withUnsafeBytes { SQLToken.tokens(of: $0) }
                var depth = 0
                var ends = 0
                for token in tokens {
                    if token == Self.symbol("(") { depth += 1 }
                    if token == Self.symbol(")") { depth = max(0, depth - 1) }
                    if token == .symbol(.semicolon), depth == 0 { ends += 1 }
                }
                let mayHoldMore = tokens.first == .word("create")
                #expect(tokens.last == .symbol(.semicolon), "seed \(seed): \(statement)")
                #expect(ends == 1 || mayHoldMore, "seed \(seed): \(statement)")
            }
        }
    }
}
