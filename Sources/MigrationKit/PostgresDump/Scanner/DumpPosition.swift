/// Where something stands in a dump.
public struct DumpPosition: Sendable, Hashable, Codable {
    /// Bytes before it.
    public var offset: Int64
    /// The line it begins on, counted from 1 by LF, as psql counts.
    public var line: Int

    /// Makes a position.
    ///
    /// - Parameters:
    ///   - offset: Bytes before it.
    ///   - line: Its line, counted from 1.
    public init(offset: Int64, line: Int) {
        self.offset = offset
        self.line = line
    }
}
