/// What the store says of an object that it holds: the part of its resource that shows whether it is what was sent.
///
/// It is complete or it is not read at all. An answer that lacks the checksum, or was cut off, says nothing of the
/// object; taken for a difference it would have somebody remove an object that is whole.
struct ObjectDescription: Decodable, Sendable, Equatable {
    let size: Int64
    let crc32c: UInt32

    enum CodingKeys: CodingKey { case size, crc32c }

    init(size: Int64, crc32c: UInt32) { (self.size, self.crc32c) = (size, crc32c) }

    /// Google writes both as strings, the checksum in base64.
    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        guard let size = Int64(try container.decode(String.self, forKey: .size)), size >= 0 else {
            throw DecodingError.dataCorruptedError(forKey: .size, in: container, debugDescription: "not a size")
        }
        guard let crc32c = UInt32(base64: try container.decode(String.self, forKey: .crc32c)) else {
            throw DecodingError.dataCorruptedError(forKey: .crc32c, in: container, debugDescription: "not a CRC32C")
        }
        self.init(size: size, crc32c: crc32c)
    }
}

extension GoogleCloudStorage {
    /// - Throws: ``MigrationError`` unless the store holds what was sent.
    func check(_ name: String, _ stored: ObjectDescription, against sent: ObjectDescription) throws {
        guard stored != sent else { return }
        let difference =
            stored.size != sent.size
            ? "it has \(Quantity.count(Int(clamping: stored.size))) bytes, but "
                + "\(Quantity.count(Int(clamping: sent.size))) were sent"
            : "the store's checksum differs (CRC32C \(stored.crc32c.base64), sent \(sent.crc32c.base64))"
        throw MigrationError(
            .failed, "\(name) in \(location) is not what was sent: \(difference).",
            next: "Ask for it to be removed, then upload it again."
        )
    }
}
