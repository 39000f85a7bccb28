import Foundation
package import TestSupport

/// Changes of the global settings, as the server makes them: each is a new row.
///
/// Source: Sourcegraph 5.1.8, cmd/frontend/graphqlbackend/settings_mutation.go and internal/database/settings.go.
extension FakeInstance {
    package mutating func editSettings(_ edit: AnyJSON, lastID: Int?, author: Int?) throws {
        let path = try (edit["keyPath"]?.array ?? []).enumerated().map { index, segment -> JSONCEditor.Segment in
            switch (segment["property"]?.string, segment["index"]?.integer) {
            case (let key?, nil): return .property(key)
            case (nil, let index?): return .index(Int(index))
            default:
                throw FakeFailure(
                    "invalid key path segment at index \(index): exactly 1 of property and index must be non-null")
            }
        }
        var value: String? = edit["value"].flatMap { $0 == .null ? nil : $0.text }
        if edit["valueIsJSONCEncodedString"] == true {
            guard let text = edit["value"]?.string else {
                throw FakeFailure("value must be a string for valueIsJSONCEncodedString")
            }
            value = text
        }
        guard latestSettings?.id == lastID else {
            let (last, wanted) = (latestSettings.map { "\($0.id)" } ?? "null", lastID.map { "\($0)" } ?? "null")
            throw FakeFailure("update settings version mismatch: last ID is \(last) (mutation wanted \(wanted))")
        }
        let contents = latestSettings.map { $0.contents.isEmpty ? "{}" : $0.contents } ?? ""
        let changed: String
        do {
            changed = try JSONCEditor.edit(contents, path, value)
        } catch let fault as JSONCParser.Fault {
            throw FakeFailure("invalid settings JSON: [\(fault.code)]")
        }
        try writeSettings(changed, lastID: lastID, author: author)
    }

    /// Adds a row, unless somebody has added one since `lastID`: then nothing is done, and nothing said.
    package mutating func writeSettings(_ contents: String, lastID: Int?, author: Int?) throws {
        guard !hasGlobalSettingsFile else {
            throw FakeFailure("Updating global settings not allowed when using GLOBAL_SETTINGS_FILE")
        }
        guard contents.contains(where: { !$0.isWhitespace }) else {
            throw FakeFailure(
                "blank settings are invalid (you can clear the settings by entering an empty JSON object: {})")
        }
        let settings: AnyJSON
        do {
            settings = try JSONCParser.parse(contents)?.json ?? .null
        } catch {
            throw FakeFailure("invalid settings JSON: [\(error.code)]")
        }
        let problems = Self.problems(settings)
        guard problems.isEmpty else { throw FakeFailure("invalid settings: \(problems.joined(separator: ","))") }
        guard latestSettings == nil || latestSettings?.id == lastID else { return }
        addSettings(contents, author: author)
    }

    /// Adds a row, as somebody else might at any time.
    package mutating func addSettings(_ contents: String, author: Int? = nil) {
        let id = (latestSettings?.id ?? 0) + 1
        settings.append(SettingsRow(id: id, author: author, createdAt: Date(), contents: contents))
    }

    /// What the schema of settings does not allow, as far as it is about notices.
    private static func problems(_ settings: AnyJSON) -> [String] {
        guard let settings = settings.object else { return ["(root): Invalid type. Expected: object, given: array"] }
        guard let notices = settings["notices"] else { return [] }
        guard let notices = notices.array else { return ["notices: Invalid type. Expected: array, given: object"] }
        return notices.enumerated().flatMap { index, notice in problems(notice, at: "notices.\(index)") }
    }

    private static func problems(_ notice: AnyJSON, at place: String) -> [String] {
        guard let notice = notice.object else { return ["\(place): Invalid type. Expected: object, given: string"] }
        var problems = ["message", "location"].filter { notice[$0] == nil }.map { "\(place): \($0) is required" }
        for key in notice.keys.sorted() where !["message", "location", "dismissible"].contains(key) {
            problems.append("\(place): Additional property \(key) is not allowed")
        }
        if let location = notice["location"], !["top", "home"].contains(location) {
            problems.append("\(place).location: \(place).location must be one of the following: \"top\", \"home\"")
        }
        if let message = notice["message"], message.string == nil {
            problems.append("\(place).message: Invalid type. Expected: string, given: number")
        }
        if let dismissible = notice["dismissible"], dismissible.bool == nil {
            problems.append("\(place).dismissible: Invalid type. Expected: boolean, given: string")
        }
        return problems
    }
}
