/// How many bytes, as a person writes it: `1GiB`, `500MB`, `64MiB`, or a bare number of them.
package struct ByteCount: Sendable, Hashable, CustomStringConvertible {
    /// Bytes; at least one.
    package let bytes: Int64

    /// So many bytes.
    package init(bytes: Int64) { self.bytes = bytes }

    /// Reads a size.
    ///
    /// - Parameter text: A number and a unit of bytes.
    /// - Throws: ``MigrationError`` of code `usage` for anything else, such as `1G`.
    package init(_ text: String) throws {
        let isBare = text.last.map { $0.isASCII && $0.isNumber } == true
        // What is no size may be a rate.
        guard !text.contains("/"), !text.lowercased().hasSuffix("bit"),
            let rate = try? TransferRate(isBare ? "\(text)B" : text)
        else {
            throw MigrationError(
                .usage, "`\(text.printable)` is not a size.",
                next: "Write a number and a unit, such as 1GiB, 500MB or 64MiB.")
        }
        bytes = rate.bytesPerSecond
    }

    /// The size as it is shown: `1.07 GB`.
    package var description: String { Quantity.bytes(bytes) }
}
