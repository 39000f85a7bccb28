import FakeSourcegraph
import Foundation
import TestSupport
import Testing

@testable import MigrationKitBase
@testable import MigrationKitSourcegraphAPI

/// What becomes of the text of the settings when the notice is put up and taken down.
@Suite(.timeLimit(.minutes(30))) struct NoticeTextTests {
    static let entry = #"{"message": "m", "location": "top", "dismissible": false}"#
    private static let other = #"{"location": "home", "message": "other // not a comment"}"#

    /// Settings without the notice, which are what they were, byte for byte, once it is down again.
    static let restored = [
        "{\n  \"notices\": [\n    // first\n    \(other), // behind\n    /* last */ \(other)\n  ]\n}",
        "{\r\n  \"notices\": [ // one\r\n    \(other)\r\n  ]\r\n}\r\n", "{\"notices\": []}",
        "{\n  \"notices\": [\n    \(other), // trailing comma\n  ],\n}",
        "{\n  \"notices\": [\n    \(other) // behind\n  ],\n}",
        "{\n  \"notices\": [\n    // k1\n  ] // k2\n}",
        "{\r\n  // k1\r\n  \"notices\": [\r\n    \(other),\r\n    \(other)\r\n  ], // k2\r\n}\r\n",
    ]

    /// Those where there was no list, which stays as an empty one, or where the list's end gets a line of its own.
    static let equal: [String?] = [
        nil, "", "{}", "{ }", "// nothing yet\n", "{\n  // k1\n  \"a\": 1, /* k2 */\n}\n// k3\n",
        "/* k1 */ {\"notices\": null /* k2 */, \"b\": {\"notices\": [\(other)]}} // k3",
        "{\"notices\": [ /* k1 */ ]}", "{\"notices\": [/* only */ \(other)]}", "{\"notices\": [ ]}",
        "{\"notices\": [\(other)] /* k1 */, \"z\": [1.5, true, null, \"\\u00e9\"]}",
        "{\"notices\": [{\"message\": \"m and more\", \"location\": \"top\"}]}",
    ]

    private func isOurs(_ notice: AnyJSON) -> Bool { notice["message"] == "m" }

    /// What the settings say but for our notice.
    private func others(_ text: String?) throws -> AnyJSON {
        var members = try JSONCParser.parse(text ?? "{}")?.json.object ?? [:]
        let notices = (members["notices"]?.array ?? []).filter { !isOurs($0) }
        members["notices"] = notices.isEmpty ? nil : .array(notices)
        return .object(members)
    }

    private func ours(_ text: String?) throws -> [AnyJSON] {
        (try JSONCParser.parse(text ?? "{}")?.json["notices"]?.array ?? []).filter(isOurs)
    }

    /// Every comment of a text that is made of such.
    private func comments(_ text: String?) -> [String] {
        (text ?? "").matches(of: /\/\/ (k\d|first|behind|one|trailing comma)|\/\* (k\d|last|only) \*\//).map {
            String($0.output.0)
        }
    }

    @Test(arguments: restored.map(Optional.some) + equal)
    func nothingElseIsTouchedWhenItIsPutUpAndTakenDown(text: String?) async throws {
        try await FakeSourcegraph.with { fake in
            fake.change { $0.setSettings(text) }
            let notice = SiteNotice(try await fake.connected(), message: "m")
            #expect(try await notice.status().isShown == false)

            let put = try await notice.add()
            #expect(put.isShown && put.hasChanged)
            #expect(try ours(fake.settings) == [["message": "m", "location": "top", "dismissible": false]])
            #expect(try others(fake.settings) == others(text))
            #expect(comments(fake.settings) == comments(text))
            #expect(try await notice.status().isShown)
            let again = try await notice.add()
            #expect(again.isShown && !again.hasChanged && again.others == put.others)

            let taken = try await notice.remove()
            #expect(!taken.isShown && taken.hasChanged && taken.others == put.others)
            #expect(try ours(fake.settings) == [])
            #expect(try others(fake.settings) == others(text))
            #expect(comments(fake.settings) == comments(text))
            let settings = fake.settings
            #expect(try await notice.remove().hasChanged == false)
            #expect(fake.settings == settings)
            #expect(fake.requests(for: "EditSettings").count + fake.requests(for: "OverwriteSettings").count == 2)
            #expect(fake.violations == [])
        }
    }

    @Test(arguments: restored) func textIsWhatItWasOnceTheNoticeIsDown(text: String) async throws {
        try await FakeSourcegraph.with { fake in
            fake.change { $0.setSettings(text) }
            let notice = SiteNotice(try await fake.connected(), message: "m")
            _ = try await notice.add()
            _ = try await notice.remove()
            #expect(fake.settings == text)
            #expect(fake.violations == [])
        }
    }

    @Test(arguments: [
        "{\"notices\": [\(entry), \(other), \(entry)]}",
        "{\"notices\": [\n  /* k1 */ \(entry), // k2\n  \(other),\n  \(entry),\n]}",
    ])
    func everyCopyOfItIsTakenDown(text: String) async throws {
        try await FakeSourcegraph.with { fake in
            fake.change { $0.setSettings(text) }
            let notice = SiteNotice(try await fake.connected(), message: "m")
            #expect(try await notice.add().hasChanged == false)
            let taken = try await notice.remove()
            #expect(!taken.isShown && taken.hasChanged && taken.others == 1)
            #expect(try ours(fake.settings) == [] && others(fake.settings) == others(text))
            #expect(comments(fake.settings) == comments(text))
            #expect(fake.violations == [])
        }
    }

    @Test(arguments: [
        #"{"message": "m", "location": "top", "dismissible": true}"#, #"{"message": "m", "location": "home"}"#,
    ])
    func noticeOfTheSameTextIsOursHoweverItIsShown(entry: String) async throws {
        try await FakeSourcegraph.with { fake in
            fake.change { $0.setSettings("{\"notices\": [\(entry)]}") }
            let notice = SiteNotice(try await fake.connected(), message: "m")
            #expect(try await notice.add().hasChanged == false)
            #expect(try await notice.remove().hasChanged)
            #expect(try ours(fake.settings) == [])
            #expect(fake.violations == [])
        }
    }

    @Test func messageNeedsNoEscapesOfItsOwn() async throws {
        let message = "<b>\"quoted\" \\ & 🚨\u{2028}\n*/ // {}[]"
        try await FakeSourcegraph.with { fake in
            let notice = SiteNotice(try await fake.connected(), message: message)
            let before = fake.settings
            #expect(try await notice.add().isShown)
            #expect(
                try JSONCParser.parse(fake.settings ?? "")?.json["notices"]?.array?.first?["message"]?.string == message
            )
            #expect(try await notice.remove().isShown == false)
            #expect(try others(fake.settings) == others(before))
            #expect(fake.violations == [])
        }
    }

    // MARK: What cannot be edited

    @Test(arguments: [
        ("{\"notices\": {\"message\": \"x\"}}", "that is not a list"), ("{\"notices\": \"x\"}", "that is not a list"),
        ("{\"notices\": [], /* again */ \"notic\\u0065s\": []}", "more than once"),
    ])
    func whatWouldBeLostIsNotReplaced(text: String, reason: String) async throws {
        try await FakeSourcegraph.with { fake in
            fake.change { $0.setSettings(text) }
            let notice = SiteNotice(try await fake.connected(), message: "m")
            let error = await #expect(throws: MigrationError.self) { try await notice.add() }
            #expect(error?.message.contains(reason) == true && error?.next != nil)
            #expect(fake.settings == text)
            #expect(fake.violations == [])
        }
    }

    @Test(arguments: ["{\"token\": \"s3cr3t\", ", "[]", "{\"a\": 1} {}", "s3cr3t"])
    func settingsThatCannotBeReadAreNotEditedNorShown(text: String) async throws {
        try await FakeSourcegraph.with { fake in
            fake.change { $0.setSettings(text) }
            let notice = SiteNotice(try await fake.connected(), message: "m")
            for edit in [notice.add, notice.remove, notice.status] {
                let error = await #expect(throws: MigrationError.self) { _ = try await edit() }
                #expect(error?.description.contains("s3cr3t") == false && error?.next != nil)
            }
            #expect(fake.settings == text)
            #expect(fake.violations == [])
        }
    }

    /// Single quotes are none of the server's JSON, though they are of ours.
    @Test func settingsThatOnlyTheServerCannotReadAreLeftAsTheyAre() async throws {
        try await FakeSourcegraph.with { fake in
            fake.change { $0.setSettings("{'a': 1}") }
            let notice = SiteNotice(try await fake.connected(), message: "m")
            let error = await #expect(throws: MigrationError.self) { try await notice.add() }
            #expect(error?.details.first?.contains("invalid settings") == true)
            #expect(fake.settings == "{'a': 1}")
            #expect(fake.violations == [])
        }
    }
}
