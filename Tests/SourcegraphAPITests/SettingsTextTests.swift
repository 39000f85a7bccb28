import Testing

@testable import MigrationKitBase
@testable import MigrationKitSourcegraphAPI

@Suite struct SettingsTextTests {
    /// The text without the elements that say `x`.
    private func withoutX(_ text: String) throws -> String? {
        let settings = try SettingsText(text)
        guard let array = settings.array("notices") else { return nil }
        let values = settings.value["notices"]?.elements ?? []
        #expect(array.elements.count == values.count)
        return settings.removing(Set(values.indices.filter { values[$0] == "x" }), of: array)
    }

    @Test(arguments: [
        (#"{"notices":["x"]}"#, #"{"notices":[]}"#),
        (#"{"notices":["x","a"]}"#, #"{"notices":["a"]}"#),
        (#"{"notices":["a","x"]}"#, #"{"notices":["a"]}"#),
        (#"{"notices":["a","x",]}"#, #"{"notices":["a",]}"#),
        (#"{"notices":["x","x"]}"#, #"{"notices":[]}"#),
        (#"{"notices":["x","a","x","b","x"]}"#, #"{"notices":["a","b"]}"#),
        (#"{"notices":["a","x","x"]}"#, #"{"notices":["a"]}"#),
        (
            "{\"notices\": [\n  // one\n  \"a\", // two\n  /* x */ \"x\" // three\n]}",
            "{\"notices\": [\n  // one\n  \"a\" // two\n  /* x */  // three\n]}"
        ),
        (
            #"{"a": {"notices": ["x"]}, "b": ["notices"], "notices": ["x", {"x": ["x"]}] } // end"#,
            #"{"a": {"notices": ["x"]}, "b": ["notices"], "notices": [ {"x": ["x"]}] } // end"#
        ),
        (#"{"not\u0069ces": ["x"], "ü": "]\"["}"#, #"{"not\u0069ces": [], "ü": "]\"["}"#),
    ])
    func elementsGoAndAllElseStays(text: String, expected: String) throws {
        #expect(try withoutX(text) == expected)
    }

    @Test(arguments: [
        "{}", "", "// nothing\n", #"{"notices": null}"#, #"{"notices": {"a": []}}"#, #"{"a": {"notices": []}}"#,
    ])
    func whereThereIsNoArrayNoneIsFound(text: String) throws {
        #expect(try SettingsText(text).array("notices") == nil)
    }

    @Test(arguments: ["[]", "{", #"{"a": }"#, "true", "{} {}", #"{"a": "b"#])
    func whatIsNoObjectIsRefused(text: String) {
        #expect(throws: MigrationError.self) { try SettingsText(text) }
    }

    /// What `editSettings` puts in goes with the blanks that came with it.
    @Test(arguments: [
        "{\n  \"notices\": [\n    \"a\", // behind\n    \"b\"@\n  ]\n}", "{\"notices\": [\"a\"@]}",
        "{\"notices\": [@ // only\n]}",
        "{\"notices\": [\"a\"@, // trailing\n]}", "{\"notices\": []}",
    ])
    func whatWasPutInLeavesNoTrace(text: String) throws {
        let put = text.contains("[@") || !text.contains("@") ? "\n    \"x\"" : ",\n    \"x\""
        let marked = text.contains("@") ? text : text.replacing("[]", with: "[@\n]")
        #expect(try withoutX(marked.replacing("@", with: put)) == text.replacing("@", with: ""))
    }

    @Test(arguments: [
        ("{\"a\": \"x\"}", "{\"a\": \"y/z\"}"), ("{}", "{\n  \"a\": \"y/z\"\n}"), ("", "{\n  \"a\": \"y/z\"\n}\n"),
        ("// head\n{ // b\n  \"b\": 1,\n}", "// head\n{\n  \"a\": \"y/z\", // b\n  \"b\": 1,\n}"),
        (
            "{\"b\": {\"a\": \"x\"}, /* \"a\": 1 */ \"a\" /* c */ : /* d */ \"x\\\"\" /* e */, // f\n}",
            "{\"b\": {\"a\": \"x\"}, /* \"a\": 1 */ \"a\" /* c */ : /* d */ \"y/z\" /* e */, // f\n}"
        ),
    ])
    func textIsSetAndAllElseStays(text: String, expected: String) throws {
        #expect(try SettingsText(text).setting("a", to: "y/z") == expected)
    }

    @Test(arguments: ["{\"a\": 1}", "{\"a\": {}}", "{\"a\": null}", "{\"a\": \"x\", \"a\": \"z\"}"])
    func whatIsNoTextOrThereTwiceIsNotSet(text: String) throws {
        #expect(try SettingsText(text).setting("a", to: "y") == nil)
    }

    @Test func errorShowsNothingOfTheSettings() {
        let error = #expect(throws: MigrationError.self) { try SettingsText(#"{"token": "s3cr3t""#) }
        #expect(error?.description.contains("s3cr3t") == false)
    }
}
