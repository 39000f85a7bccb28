import Testing

@testable import MigrationKitBase

/// YAML as people and docker-compose write it.
struct YAMLNodeTests {
    private func problem(_ text: String) throws -> YAMLProblem {
        try #require(throws: YAMLProblem.self) { try YAMLNode(text) }
    }

    @Test(arguments: [
        ("x", "x"), ("0x10", "0x10"), ("yes", "yes"), ("'it''s'", "it's"), (#""a\tb\u00e9""#, "a\tbé"), ("''", ""),
        ("'~'", "~"), ("\"null\"", "null"), ("a b # said", "a b"), ("a#b", "a#b"), ("|\n  a\n  b\n", "a\nb\n"),
        (">-\n  a\n  b\n", "a b"), ("a\n  b", "a b"), ("\"a \\\n  b\"", "a b"), ("!!str 5", "5"), ("&a x", "x"),
    ])
    func scalarIsItsText(written: String, text: String) throws {
        #expect(try YAMLNode("key: \(written)\n")?["key"]?.text == text)
    }

    @Test(arguments: ["", "~", "null", "Null", "NULL"]) func nothingIsNotAText(written: String) throws {
        let value = try #require(try YAMLNode("key: \(written)\n")?["key"])
        #expect(value.isNull && value.text == nil)
    }

    @Test(arguments: ["", "\n", "# nothing\n"]) func textWithoutADocumentIsNothing(text: String) throws {
        #expect(try YAMLNode(text) == nil)
    }

    @Test func nodesKnowTheirLines() throws {
        let root = try #require(try YAMLNode("# head\na:\n  b: 1\n  c:\n    - x\n    - {d: 2}\n"))
        let a = try #require(root["a"])
        #expect(root.members?.map(\.key.line) == [2])
        #expect(a.members?.map(\.key.line) == [3, 4])
        #expect(a["c"]?.elements?.map(\.line) == [5, 6])
        #expect(a["c"]?.elements?.last?["d"]?.text == "2")
    }

    @Test func aliasIsWhatItsAnchorWas() throws {
        let root = try YAMLNode("a: &x {b: [1, 2]}\nc: *x\nd: &x e\nf: *x\n")
        #expect(root?["c"]?["b"]?.elements?.map(\.text) == ["1", "2"])
        #expect(root?["f"]?.text == "e")
    }

    @Test(arguments: [
        ("a: 1\nb: 2\na: 3\n", 3, "a key appears twice"), ("x:\n  a: 1\n  'a': 2\n", 3, "a key appears twice"),
        ("a: &x [*x]\n", 1, "a value begins with *: put it in quotes"), ("a: 1\n---\nb: 2\n", 2, "a second document"),
        ("a: 1\n\tb: 2\n", 2, "there is a tab"), ("a: b: c\n", 1, "a second colon"), ("a: 'b\n", 2, "not closed"),
        ("a: [b\n", 2, "a closing bracket is missing"), ("a: @b\n", 1, "put it in quotes"),
        ("a: \"\\q\"\n", 1, "backslash"),
    ])
    func whatIsWrongIsSaidWithItsLine(text: String, line: Int, said: String) throws {
        let problem = try problem(text)
        #expect(problem.line == line && problem.text.contains(said), "\(problem)")
    }

    @Test(arguments: ["[", "{a: ", "- ", "? "]) func depthHasALimit(opening: String) throws {
        let problem = try problem(String(repeating: opening, count: 5_000))
        #expect(problem.text == "it is nested too deep", "\(problem)")
    }

    @Test func aliasesDoNotExplode() throws {
        let lines = (1...40).map { "l\($0): &l\($0) [*l\($0 - 1), *l\($0 - 1)]\n" }
        #expect(try YAMLNode("l0: &l0 [x, x]\n\(lines.joined())")?.members?.count == 41)
    }

    @Test(arguments: ["a: \u{0}", "a: \u{1}", "\u{FEFF}\u{1B}"]) func controlCharactersAreRefused(text: String) throws {
        #expect(try problem(text).text == "it contains characters that are not allowed in YAML")
    }
}
