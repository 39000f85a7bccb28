import FakeSourcegraph
import Testing

/// Settings are changed in place as the server does it.
@Suite struct JSONCEditorTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var text: String
        var path: [JSONCEditor.Segment]
        var value: String?
        var result: String

        init(_ text: String, _ path: JSONCEditor.Segment..., to value: String?, gives result: String) {
            (self.text, self.path, self.value, self.result) = (text, path, value, result)
        }

        var testDescription: String { "\(text.debugDescription) \(path) \(value ?? "-")" }
    }

    private static let rows = [
        Row("{\n  \"x\": \"y\"\n}", .property("x"), to: "\"z\"", gives: "{\n  \"x\": \"z\"\n}"),
        Row("{\n  \"x\": 1\n}", .property("x"), to: "{\"k\":[]}", gives: "{\n  \"x\": {\n    \"k\": []\n  }\n}"),
        Row("{}", .property("a"), .property("b"), to: "1", gives: "{\n  \"a\": {\n    \"b\": 1\n  }\n}"),
        Row("", .property("a"), .index(0), to: "1", gives: "{\n  \"a\": [\n    1\n  ]\n}"),
        Row("{\n  \"x\": 1\n}\n", .property("y"), to: "2", gives: "{\n  \"x\": 1,\n  \"y\": 2\n}\n"),
        Row(
            "{\n  // first\n  \"x\": 1, /* one */\n  \"y\": 2 // two\n}", .property("z"), to: "\"a<b\"",
            gives: "{\n  // first\n  \"x\": 1, /* one */\n  \"y\": 2,\n  \"z\": \"a\\u003cb\" // two\n}"),
        Row(
            "{\n  // first\n  \"x\": 1, // one\n  \"y\": 2\n}", .property("y"), to: nil,
            gives: "{\n  // first\n  \"x\": 1\n}"),
        Row("{\n  \"x\": 1\n}", .property("x"), to: nil, gives: "{}"),
        Row("{\n  \"x\": 1, \"y\": []\n}", .property("x"), to: nil, gives: "{\n  \"y\": []\n}"),
        Row("{ \"x\": 1 }", .property("y"), to: nil, gives: "{ \"x\": 1 }"),
        Row("{ \"x\": 1, }", .property("y"), to: "2", gives: "{ \"x\": 1,\n  \"y\": 2, }"),
        Row("[\n]", .index(-1), to: "1", gives: "[\n  1\n]"),
        Row("[\n  1\n]", .index(-1), to: "2", gives: "[\n  1,\n  2\n]"),
        Row("[\n  1\n]", .index(0), to: nil, gives: "[]"),
        Row("[\n  1,\n  2,\n  3\n]", .index(1), to: nil, gives: "[\n  1,\n  3\n]"),
        Row("[\n  1,\n  2,\n]", .index(1), to: nil, gives: "[\n  1\n]"),
        // The library's own faults.
        Row("[1,2]", .index(1), to: nil, gives: "[12]"),
        Row("[\n  1\n]", .index(-1), to: nil, gives: "[\n  1,\n  null\n]"),
        Row("{\n  \"ü\": \"😀\"\n}", .property("é"), to: "\"日本\"", gives: "{\n  \"ü\": \"😀\",\n  \"é\": \"日本\"\n}"),
    ]

    @Test(arguments: rows) func valueIsChangedInPlace(row: Row) throws {
        #expect(try JSONCEditor.edit(row.text, row.path, row.value) == row.result)
    }

    @Test(
        arguments: [
            ("{}", [JSONCEditor.Segment.property("a"), .property("b")], nil, "can't delete in empty document"),
            ("[1]", [.index(0)], "2", "array modification not supported yet"),
            ("[1]", [.property("a")], "2", "can't add property to parent of type array"),
            ("{}", [.index(0)], "2", "can't add index to parent of type object"),
            ("[1]", [.index(3)], nil, "panic occurred: runtime error: index out of range [3] with length 1"),
        ] as [(String, [JSONCEditor.Segment], String?, String)])
    func impossibleChangeIsRefused(text: String, path: [JSONCEditor.Segment], value: String?, message: String) {
        let error = #expect(throws: FakeFailure.self) { try JSONCEditor.edit(text, path, value) }
        #expect(error?.message == message)
    }

    @Test(arguments: ["{", "[1 2]", "{\"a\" 1}", "{,}", "{a: 1}", "\"x", "{} {}", "/* ", "[tru]", "{\"a\":}"])
    func whatIsNoJSONIsRefused(text: String) {
        #expect(throws: JSONCParser.Fault.self) { try JSONCParser.parse(text) }
    }
}
