import Testing

@testable import MigrationKitBase

@Suite struct TextTableTests {
    @Test func columnsAreAlignedAndLinesEndWithoutSpaces() {
        var table = TextTable(["name", "rows", "note"], rightAligned: [1])
        table.add(["users", "5", ""])
        table.add(["a", "12,345", "x"])
        #expect(table.text == "name     rows  note\nusers       5\na      12,345  x")
    }

    @Test func controlCharactersOfHostileNamesDoNotReachTheTerminal() {
        var table = TextTable(["name"])
        table.add(["a\u{1B}[2Jb\n"])
        #expect(table.text == "name\na\\u{1b}[2Jb\\u{a}")
    }
}
