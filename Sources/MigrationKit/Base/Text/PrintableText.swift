extension String {
    /// The string with control characters shown as what they are, for messages about hostile input; a tab is a space.
    public var printable: String {
        // Nearly all of them have none: U+0080 to U+009F begin with C2.
        guard utf8.contains(where: { $0 < 0x20 || $0 == 0x7F || $0 == 0xC2 }) else { return self }
        return unicodeScalars.map { scalar in
            scalar == "\t"
                ? " "
                : scalar.properties.generalCategory == .control
                    ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
        }.joined()
    }
}
