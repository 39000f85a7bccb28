package import NIOCore

/// The beginning of what pg_dump writes with `--clean`: comments and settings, then the DROPs.
///
/// pg_dump writes a section's own DROPs at that section's head. Put together, a dump needs all of them before it creates
/// anything: those of indexes and keys first, as pg_dump has it.
package struct DumpHead: Sendable, Hashable {
    /// Comments, `\restrict` and settings.
    package let settings: ByteBuffer
    /// The DROPs, in their order.
    package let drops: ByteBuffer
    /// What follows them, as far as it was there.
    package let rest: ByteBuffer

    /// The last setting of the head, by every pg_dump since 9.5.
    private static let lastSetting = Array("\nSET row_security = off;\n\n".utf8)
    /// No head is longer.
    private static let limit = 16 << 10

    /// Takes the head apart.
    ///
    /// - Parameters:
    ///   - bytes: The beginning of what pg_dump wrote.
    ///   - isAll: Whether nothing follows.
    /// - Returns: Nil if more bytes are needed to tell.
    /// - Throws: ``MigrationError`` if this is not a head that pg_dump writes.
    package init?(_ bytes: ByteBuffer, isAll: Bool) throws {
        let view = bytes.readableBytesView
        guard let found = view.prefix(Self.limit).firstRange(of: Self.lastSetting) else {
            if isAll || view.count >= Self.limit { throw Self.unknown }
            return nil
        }
        let length = found.upperBound - view.startIndex
        var (settings, behind) = (bytes, bytes)
        settings = settings.readSlice(length: length) ?? ByteBuffer()
        behind.moveReaderIndex(forwardBy: length)
        var finder = DropFinder()
        var scanner = DumpScanner()
        behind.withUnsafeReadableBytes { scanner.scan($0, visitor: &finder) }
        guard isAll || finder.hasEnded else { return nil }
        self.settings = settings
        drops = behind.readSlice(length: finder.length) ?? ByteBuffer()
        rest = behind
    }

    private static var unknown: MigrationError {
        .tornDump("What pg_dump wrote does not begin with the settings that pg_dump begins with.")
    }

    /// The settings, without the key of `\restrict`, which is another in each run of pg_dump.
    package var comparableSettings: [Substring] {
        String(buffer: settings).split(separator: "\n").filter { !$0.hasPrefix(#"\restrict "#) }
    }
}

/// Finds where the DROPs end that a section begins with: whatever it creates has a comment before it, and only SETs come
/// before that comment.
///
/// Not all of them say DROP: a view that needs a primary key is made again as one that does not.
private struct DropFinder: DumpVisitor {
    /// Bytes up to the end of the line of the last one.
    var length = 0
    var hasEnded = false

    mutating func statement(_ bytes: UnsafeRawBufferPointer, at position: DumpPosition) -> Bool {
        hasEnded = hasEnded || SQLToken.tokens(of: bytes, limit: 1).first == .word("set")
        // The line end that follows the statement is of the DROPs.
        if !hasEnded { length = Int(position.offset) + bytes.count + 1 }
        return false
    }

    mutating func longStatement(head: UnsafeRawBufferPointer, at position: DumpPosition) { hasEnded = true }
    mutating func longStatementTail(_ bytes: UnsafeRawBufferPointer) {}
    mutating func longStatementEnd() {}
    mutating func metaCommand(_ bytes: UnsafeRawBufferPointer, at position: DumpPosition, inStatement: Bool) {
        hasEnded = true
    }
    mutating func ambiguity(at position: DumpPosition) {}
    mutating func gap(_ bytes: UnsafeRawBufferPointer) {
        hasEnded = hasEnded || bytes.contains(UInt8(ascii: "-"))
    }
    mutating func copyData(_ bytes: UnsafeRawBufferPointer) {}
    mutating func row(_ bytes: UnsafeRawBufferPointer, tabs: Int) {}
    mutating func rowFragment(_ bytes: UnsafeRawBufferPointer, tabs: Int) {}
    mutating func rowEnd() {}
    mutating func rowAbandoned() {}
    mutating func copyEnd() {}
}
