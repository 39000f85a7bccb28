extension UInt8 {
    static let lineFeed = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    static let backslash = UInt8(ascii: "\\")
    static let quote = UInt8(ascii: "'")
    static let doubleQuote = UInt8(ascii: "\"")
    static let dollar = UInt8(ascii: "$")
    static let semicolon = UInt8(ascii: ";")

    /// White space to PostgreSQL's lexer.
    var isSQLSpace: Bool { self == 0x20 || (self >= 0x09 && self <= 0x0D) }
    /// May begin an unquoted identifier: a letter, an underscore, any byte of a multi-byte character.
    var isWordStart: Bool { (self | 0x20) &- 0x61 < 26 || self == 0x5F || self >= 0x80 }
    var isDigit: Bool { self &- 0x30 < 10 }
}

extension UnsafeRawBufferPointer {
    /// A part of the buffer, indexed from zero.
    @inline(__always)
    subscript(rebased range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: self[range])
    }
}
