extension String {
    /// The text as a part of a URL: all but ASCII letters, digits and what is kept as the bytes of UTF-8, `%2F`.
    ///
    /// - Parameter kept: Signs that stay; those of RFC 3986's unreserved characters if there are none of their own.
    package func percentEncoded(keeping kept: String = "-._~") -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var text: [UInt8] = []
        for byte in utf8 {
            if (byte < 0x80 && (byte.isDigit || (byte | 0x20) &- 0x61 < 26)) || kept.utf8.contains(byte) {
                text.append(byte)
            } else {
                text += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 0xF)]]
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
