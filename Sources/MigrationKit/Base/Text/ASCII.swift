/// Bytes by the names that they have in ASCII. Inlinable: the scanner of another module asks for them at every byte.
extension UInt8 {
    @inlinable package static var lineFeed: UInt8 { UInt8(ascii: "\n") }
    @inlinable package static var carriageReturn: UInt8 { UInt8(ascii: "\r") }
    @inlinable package static var backslash: UInt8 { UInt8(ascii: "\\") }
    @inlinable package static var quote: UInt8 { UInt8(ascii: "'") }
    @inlinable package static var doubleQuote: UInt8 { UInt8(ascii: "\"") }
    @inlinable package static var colon: UInt8 { UInt8(ascii: ":") }
    @inlinable package static var dollar: UInt8 { UInt8(ascii: "$") }
    @inlinable package static var semicolon: UInt8 { UInt8(ascii: ";") }

    /// White space to PostgreSQL's lexer.
    @inlinable package var isSQLSpace: Bool { self == 0x20 || (self >= 0x09 && self <= 0x0D) }
    /// May begin an unquoted identifier: a letter, an underscore, any byte of a multi-byte character.
    @inlinable package var isWordStart: Bool { (self | 0x20) &- 0x61 < 26 || self == 0x5F || self >= 0x80 }
    @inlinable package var isDigit: Bool { self &- 0x30 < 10 }
}

extension UnsafeRawBufferPointer {
    /// A part of the buffer, indexed from zero.
    @inlinable package subscript(rebased range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: self[range])
    }
}
