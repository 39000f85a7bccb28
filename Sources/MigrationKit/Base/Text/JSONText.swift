package import Foundation

/// JSON as the project writes it: keys in order, so that equal values are equal bytes.
package enum JSONText {
    package static func encode(_ value: some Encodable, pretty: Bool = true) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = pretty ? [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes] : [.sortedKeys]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    package static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
        try JSONDecoder().decode(type, from: Data(bytes))
    }

    /// The time as ISO 8601 in UTC.
    package static func timestamp() -> String { Date().formatted(.iso8601) }

    /// The same to a thousandth of a second.
    package static func exactTimestamp() -> String { Date().formatted(exact) }

    /// A time that one of these has written.
    package static func time(_ text: String) -> Date? {
        (try? Date(text, strategy: exact)) ?? (try? Date(text, strategy: .iso8601))
    }

    private static let exact = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
}
