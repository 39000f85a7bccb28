import Foundation
import TestSupport
import Testing

/// What a command has printed with `--json`: an object a line, each as the schema has it.
struct CommandLines {
    let objects: [[String: Any]]

    init(_ output: String) throws {
        let schema = try JSONSchema("event")
        objects = try output.split(separator: "\n").map { line in
            #expect(schema.problems(of: String(line)) == [], "\(line)")
            return try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
        }
    }

    func events(_ kind: String, _ name: String) -> [[String: Any]] {
        objects.filter { $0["event"] as? String == kind && $0["name"] as? String == name }
    }

    /// The bytes that were told of, in order.
    func advanced(_ name: String) -> [Int] { events("advanced", name).compactMap { $0["bytes"] as? Int } }
}
