import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import MigrationKit
@testable import MigrationKitBase

/// A journal that somebody else has written to: nothing is done by it.
@Suite struct DamagedJournalTests {
    private let folder: TestFolder
    private let store: DirectoryStore

    init() async throws {
        folder = try TestFolder()
        store = DirectoryStore(path: folder.file("journal"))
        let journal = MigrationJournal(store: store)
        for step in ["freeze", "proxy", "start"] as [JournaledStep] { try await journal.append(.began(step: step)) }
    }

    private func refusal() async throws -> String {
        let error = try await #require(throws: MigrationError.self) { try await MigrationJournal(store: store).read() }
        #expect(error.code == .damagedSnapshot)
        #expect(error.next != nil)
        return error.message
    }

    private func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: folder.file("journal/\(name)").string)), as: UTF8.self)
    }

    @Test(arguments: ["000001.json", "000002.json"])
    func missingEntryIsSeen(name: String) async throws {
        try FileManager.default.removeItem(atPath: folder.file("journal/\(name)").string)
        #expect(try await refusal().hasSuffix("is damaged: entries are missing."))
    }

    @Test func changedEntryIsSeenByTheNext() async throws {
        try folder.write("journal/000002.json", try text("000002.json").replacing("proxy", with: "start"))
        #expect(try await refusal().contains("entry 3 does not follow the one before it"))
    }

    @Test func entryInThePlaceOfAnotherIsSeen() async throws {
        try folder.write("journal/000004.json", try text("000003.json"))
        #expect(try await refusal().contains("entry 4 does not follow"))
    }

    @Test func otherFormatIsRefusedByItsNumber() async throws {
        try folder.write("journal/000004.json", #"{"format": 3, "whatever": true}"#)
        #expect(try await refusal().contains("has format 3"))
    }

    @Test(arguments: [
        "", "{", "null", "[]", "\u{0}", #"{"format": "2"}"#, #"{"format": 2}"#,
        #"{"format": 2, "number": 99999999999999999999}"#, String(repeating: "[", count: 100_000),
        #"{"format":2,"number":4,"at":"","by":{},"previous":"","event":{"released":{},"completed":{}}}"#,
    ])
    func textThatIsNoEntryIsRefused(text: String) async throws {
        try folder.write("journal/000004.json", text)
        let message = try await refusal()
        #expect(message.contains("entry 4 cannot be read"))
    }

    @Test func entryThatIsTooLargeIsNotRead() async throws {
        try folder.write("journal/000004.json", String(repeating: " ", count: 2 << 20))
        #expect(try await refusal().contains("entry 4 cannot be read"))
    }

    @Test func filesThatAreNoEntriesAreLeftAlone() async throws {
        for name in ["4.json", "0000004.json", "-00004.json", "note.txt", "000000.json", "٠٠٠٠٠٤.json"] {
            try folder.write("journal/\(name)", "{")
        }
        let journal = MigrationJournal(store: store)
        try await journal.read()
        #expect(await journal.entries.count == 3)
    }

    @Test func leaseThatIsNotATimeKeepsOthersAway() async throws {
        let journal = MigrationJournal(store: store)
        try await journal.read()
        try await journal.append(.working(until: Date(timeIntervalSince1970: 0)))
        try folder.write(
            "journal/000004.json",
            try text("000004.json").replacing("1970-01-01T00:00:00Z", with: "\\u001bfor ever"))
        #expect(try await refusal().contains("entry 4 cannot be read"))
    }

    @Test func nameOfWhoeverIsAtWorkIsShownAsItIs() async throws {
        var writer = JournalWriter.current()
        (writer.run, writer.machine, writer.who) = ("another", nil, "eve\u{1B}[2J@host")
        let journal = MigrationJournal(store: store, writer: writer)
        try await journal.read()
        try await journal.append(.working(until: Date() + 300))
        let error = try await #require(throws: MigrationError.self) {
            try await MigrationJournal(store: store).working {}
        }
        #expect(error.code == .locked)
        #expect(!error.description.contains("\u{1B}") && !error.message.contains("\u{1B}"))
    }
}
