internal import MigrationKitFoundation

/// JSON as the project writes it: keys in order, so that equal values are equal bytes.
package enum JSONText {
    package static func encode(_ value: some Encodable, pretty: Bool = true) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if pretty { encoder.outputFormatting.insert(.prettyPrinted) }
        encoder.dateEncodingStrategy = .custom(TimeText.encode)
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    package static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom(TimeText.decode)
        return try decoder.decode(type, from: Data(bytes))
    }

    /// The time as ISO 8601 in UTC.
    package static func timestamp() -> String { TimeText.seconds(Date()) }
}
