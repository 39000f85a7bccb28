/// Gathers line comments between statements, each whole, however the chunks have cut them.
struct CommentLines {
    private var line: [UInt8] = []

    /// Far more than a comment has that tells something.
    private static let limit = 512

    /// Something that is no comment begins.
    mutating func reset() { line.removeAll(keepingCapacity: true) }

    /// Takes a byte that stands between statements.
    ///
    /// - Returns: What stands behind the `--` of a comment that the byte has ended.
    mutating func add(_ byte: UInt8) -> ArraySlice<UInt8>? {
        guard byte == .lineFeed || byte == .carriageReturn else {
            if line.count < Self.limit, !line.isEmpty || !byte.isSQLSpace { line.append(byte) }
            return nil
        }
        defer { line.removeAll(keepingCapacity: true) }
        return line.starts(with: "--".utf8) ? line[2...] : nil
    }
}
