import Testing

@testable import MigrationKit

@Suite struct FirstLinesTests {
    @Test(arguments: [0, 1, 20]) func fewLinesAreAllThere(count: Int) {
        let lines = (0..<count).map { "line \($0)" }
        #expect(FirstLines(lines).text == lines && FirstLines(lines).count == count)
    }

    @Test func ofMoreTheirNumberIsThere() {
        let lines = FirstLines((1...100_000).lazy.map { "line \($0)" })
        #expect(lines.count == 100_000)
        #expect(lines.text.count == 21)
        #expect(lines.text.suffix(2) == ["line 20", "… and 99980 more"])
    }

    @Test func linesAreBoundedAndPrintable() {
        let text = FirstLines(["\u{1b}[2J\n", String(repeating: "x", count: 1 << 20)]).text
        #expect(text[0] == "\\u{1b}[2J\\u{a}" && text[1].count == 400)
    }
}
