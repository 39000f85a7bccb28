internal import MigrationKitFoundation

/// An object of a bucket, and the checksums of its bytes.
public struct StoredObject: Sendable, Hashable, Codable {
    /// Its name in the bucket.
    public var name: String
    /// Bytes.
    public var size: Int64
    /// CRC32C, big-endian, in base64: the form in which Google Cloud Storage gives it.
    public var crc32c: String
    /// SHA-256, 64 hexadecimal digits. Nil for a dump that was sent as it is: what `databases --run` noted of its bytes
    /// is their CRC32C.
    public var sha256: String?

    package init(name: String, size: Int64, crc32c: String, sha256: String? = nil) {
        (self.name, self.size, self.crc32c, self.sha256) = (name, size, crc32c, sha256)
    }

    package init(name: String, _ checksum: StreamChecksum) {
        self.init(name: name, size: checksum.size, crc32c: checksum.crc32c.base64, sha256: checksum.sha256)
    }

    /// Whether an object that was read is this one; what was not noted of this one is not compared.
    package func isSame(as read: StoredObject) -> Bool {
        name == read.name && size == read.size && crc32c == read.crc32c && (sha256 == nil || sha256 == read.sha256)
    }
}

extension UInt32 {
    /// A CRC32C as Google writes it: big-endian, in base64.
    package var base64: String { Data(Swift.withUnsafeBytes(of: bigEndian, Array.init)).base64EncodedString() }

    /// Reads a CRC32C as Google writes it.
    package init?(base64 text: some StringProtocol) {
        guard let data = Data(base64Encoded: String(text)), data.count == 4 else { return nil }
        self = data.reduce(0) { $0 << 8 | UInt32($1) }
    }
}
