internal import Crypto

/// Size, CRC32C and, where it is wanted, SHA-256 of a stream, taken as it passes.
public struct StreamChecksum: Sendable {
    /// Bytes so far.
    public private(set) var size: Int64 = 0
    private var crc = CRC32C()
    private var sha: SHA256?

    /// The checksum of no bytes.
    ///
    /// - Parameter takesSHA256: Whether the SHA-256 is taken as well, which costs more than all the rest.
    public init(takesSHA256: Bool = true) { sha = takesSHA256 ? SHA256() : nil }

    /// Takes more bytes.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        size += Int64(bytes.count)
        crc.update(bytes)
        sha?.update(bufferPointer: bytes)
    }

    /// CRC32C of the bytes so far.
    public var crc32c: UInt32 { crc.value }

    /// SHA-256 of the bytes so far, as 64 hexadecimal digits; nil if it is not taken.
    public var sha256: String? {
        sha?.finalize().map { byte in
            let digits = String(byte, radix: 16)
            return byte < 16 ? "0" + digits : digits
        }.joined()
    }
}
