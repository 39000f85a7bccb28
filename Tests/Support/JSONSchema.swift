import Foundation

/// A JSON Schema, as far as those of `Examples/schemas` go; a keyword that it does not know is an error.
///
/// Stricter than the standard in one thing: a key that no schema names is a fault. For those who read such JSON, later
/// versions may add some; here it shows that the schema was forgotten.
package struct JSONSchema: Sendable {
    private let root: AnyJSON

    /// - Parameter name: `event` or `report`.
    package init(_ name: String) throws {
        let schemas = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../Examples/schemas").standardized
        root = try JSONDecoder().decode(
            AnyJSON.self, from: Data(contentsOf: schemas.appendingPathComponent("\(name).schema.json")))
    }

    /// The values that one of its definitions lists.
    package func list(_ definition: String) -> [String] {
        (root["$defs"]?[definition]?["enum"]?.array ?? []).compactMap(\.string)
    }

    /// What is wrong with a value, each with its place; empty: nothing.
    package func problems(of text: String) -> [String] {
        guard let value = AnyJSON(parsing: text.utf8) else { return ["not JSON: \(text)"] }
        return problems(of: value, as: root, at: "$")
    }

    private func problems(of value: AnyJSON, as schema: AnyJSON, at place: String) -> [String] {
        (schema.object ?? [:]).sorted { $0.key < $1.key }.flatMap { keyword, rule -> [String] in
            switch keyword {
            case "$schema", "$defs", "title", "description": []
            case "$ref": problems(of: value, as: definition(rule), at: place)
            case "oneOf": problems(of: value, asOneOf: rule.array ?? [], at: place)
            case "type": types(rule).contains(where: { Self.isA($0, value) }) ? [] : ["\(place): not \(rule.text)"]
            case "const": value == rule ? [] : ["\(place): not \(rule.text)"]
            case "enum": rule.array?.contains(value) == true ? [] : ["\(place): \(value.text) is not in the list"]
            case "minimum": number(value) >= number(rule) ? [] : ["\(place): less than \(rule.text)"]
            case "pattern":
                (try? Regex(rule.string ?? "").firstMatch(in: value.string ?? "")) != nil
                    ? [] : ["\(place): \(value.text) does not match"]
            case "items":
                (value.array ?? []).enumerated().flatMap { problems(of: $1, as: rule, at: "\(place)[\($0)]") }
            case "required":
                (rule.array ?? []).compactMap(\.string).filter { value[$0] == nil }.map { "\(place): no \($0)" }
            case "properties":
                (value.object ?? [:]).flatMap { key, value in
                    rule[key].map { problems(of: value, as: $0, at: "\(place).\(key)") }
                        ?? ["\(place): \(key) is not in the schema"]
                }
            default: ["\(place): the keyword \(keyword) is not known"]
            }
        }
    }

    private func problems(of value: AnyJSON, asOneOf schemas: [AnyJSON], at place: String) -> [String] {
        let all = schemas.map { problems(of: value, as: $0, at: place) }
        return switch all.count(where: \.isEmpty) {
        case 1: []
        case 0: ["\(place): none of \(all.count): \(all.min { $0.count < $1.count } ?? [])"]
        case let fitting: ["\(place): \(fitting) of \(all.count)"]
        }
    }

    private func definition(_ reference: AnyJSON) -> AnyJSON {
        let name = reference.string?.split(separator: "/").last.map(String.init) ?? ""
        return root["$defs"]?[name] ?? ["missing": reference]
    }

    private func types(_ rule: AnyJSON) -> [String] {
        rule.string.map { [$0] } ?? (rule.array ?? []).compactMap(\.string)
    }

    private func number(_ value: AnyJSON) -> Double {
        switch value {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: .nan
        }
    }

    private static func isA(_ type: String, _ value: AnyJSON) -> Bool {
        switch value {
        case .null: type == "null"
        case .bool: type == "boolean"
        case .integer: type == "integer" || type == "number"
        case .number: type == "number"
        case .string: type == "string"
        case .array: type == "array"
        case .object: type == "object"
        }
    }
}
