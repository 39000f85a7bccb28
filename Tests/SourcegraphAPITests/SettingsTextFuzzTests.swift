import Testing

@testable import MigrationKitBase
@testable import MigrationKitSourcegraphAPI

/// Settings of every shape: what is taken out is gone, and all else is what it was.
@Suite struct SettingsTextFuzzTests {
    /// Makes the same settings of the same number, on every machine.
    private struct Writer {
        private var state: UInt64
        init(_ seed: Int) { state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1 }

        mutating func below(_ limit: Int) -> Int {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int(state % UInt64(limit))
        }

        mutating func pick(_ choices: [String]) -> String { choices[below(choices.count)] }

        /// Blanks and comments, with all in them that looks like something else.
        mutating func gap() -> String {
            var text = ""
            for _ in 0..<below(3) {
                text += pick([
                    " ", "\n", "\r\n", "\t", "// \"x\", ] }\n", "//\r\n", "// /* \n", "/* \"x\", // ] */", "/**/",
                    "/***/",
                    "// 🚨 ü\n",
                ])
            }
            return text
        }

        mutating func scalar() -> String {
            pick([
                "null", "true", "-1.5e3", "0", #""""#, #""a\"b]\\""#, #""// no""#, #""/* no */""#, #""\u0078y""#,
                #""ü🚨""#,
            ])
        }

        mutating func value(_ depth: Int = 0) -> String {
            switch below(depth > 2 ? 1 : 3) {
            case 0: return scalar()
            case 1:
                let elements = (0..<below(3)).map { _ in gap() + value(depth + 1) + gap() }
                return "[\(elements.joined(separator: ","))\(elements.isEmpty || below(3) > 0 ? gap() : "," + gap())]"
            default:
                let members = (0..<below(3)).map { "\(gap())\"k\($0)\"\(gap()):\(gap())\(value(depth + 1))\(gap())" }
                return "{\(members.joined(separator: ","))\(members.isEmpty || below(3) > 0 ? gap() : "," + gap())}"
            }
        }

        /// Settings with a list in which some elements are `x`, written in several ways.
        mutating func settings() -> String {
            let elements = (0..<below(6)).map { _ in
                gap() + (below(2) == 0 ? pick([#""x""#, #""\u0078""#]) : value()) + gap()
            }
            let comma = elements.isEmpty || below(3) > 0 ? "" : ","
            var members = ["\"list\"\(gap()):\(gap())[\(elements.joined(separator: ","))\(comma)\(gap())]"]
            for number in 0..<below(3) {
                members.insert("\"m\(number)\"\(gap()):\(gap())\(value())", at: below(members.count + 1))
            }
            let end = below(3) == 0 ? "," : ""
            return gap() + "{" + members.map { gap() + $0 + gap() }.joined(separator: ",") + end + gap() + "}" + gap()
        }
    }

    private func comments(_ text: String) -> [Substring] {
        let strings = /"(\\.|[^"\\])*"/
        let comment = /\/\/[^\r\n]*|\/\*[\s\S]*?\*\//
        var found: [Substring] = []
        var rest = text[...]
        while !rest.isEmpty {
            if let match = rest.prefixMatch(of: strings) {
                rest = rest[match.range.upperBound...]
            } else if let match = rest.prefixMatch(of: comment) {
                found.append(match.output)
                rest = rest[match.range.upperBound...]
            } else {
                rest = rest.dropFirst()
            }
        }
        return found
    }

    @Test func whatIsTakenOutIsGoneAndAllElseIsThere() throws {
        for seed in 1...3000 {
            var writer = Writer(seed)
            let text = writer.settings()
            let settings = try SettingsText(text)
            let array = try #require(settings.array("list"), "\(seed): \(text)")
            let values = try #require(settings.value["list"]?.elements)
            #expect(array.elements.count == values.count, "\(seed): \(text)")
            #expect(settings.count(of: "list") == 1 && settings.count(of: "x") == 0, "\(seed): \(text)")

            let gone = Set(values.indices.filter { values[$0] == "x" })
            let left = settings.removing(gone, of: array)
            let read = try SettingsText(left).value
            guard case .object(var expected) = settings.value else { continue }
            expected["list"] = .array(values.filter { $0 != "x" })
            try #require(read == .object(expected), "\(seed): \(text)\n\(left)")
            #expect((left == text) == gone.isEmpty, "\(seed): \(text)\n\(left)")
            guard left != text else { continue }
            try #require(comments(left) == comments(text), "\(seed): \(text)\n\(left)")
        }
    }

    /// Whatever bytes there are, an answer comes, and the places that it names are in the text.
    @Test func noTextIsTooStrangeToBeLookedAt() {
        let pieces = [
            "{", "}", "[", "]", "\"list\"", ":", ",", "\"", "\\", "//", "/*", "*/", "/", "\n", "\r", "'", "x", "ü",
        ]
        for seed in 1...3000 {
            var writer = Writer(seed)
            let text = (0..<writer.below(30)).map { _ in writer.pick(pieces) }.joined()
            guard let settings = try? SettingsText(text), let array = settings.array("list") else { continue }
            let whole = 0..<text.utf8.count
            #expect(
                ([array.range] + array.elements).allSatisfy {
                    whole.contains($0.lowerBound) && $0.upperBound <= whole.upperBound
                })
            _ = settings.removing(Set(array.elements.indices), of: array)
        }
    }

    @Test func commentEndsWithItsLineHoweverThatIsWritten() throws {
        for end in ["\n", "\r", "\r\n"] {
            let settings = try SettingsText("{\"list\": [ // one\(end)\"x\", // two\(end)\"y\"]}")
            let array = try #require(settings.array("list"))
            #expect(settings.removing([0], of: array) == "{\"list\": [ // one\(end) // two\(end)\"y\"]}")
        }
    }

    @Test(arguments: [
        (#"{"a": 1, "a": {"a": 2}, "b": ["a"], "\u0061": "a"}"#, 3), (#"["a"]"#, nil), (#"{"b": "a" /* "a": 1 */}"#, 0),
    ])
    func keysOfTheWholeAreCounted(text: String, count: Int?) {
        #expect((try? SettingsText(text))?.count(of: "a") == count)
    }
}
