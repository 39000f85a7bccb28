extension String {
    /// The string with control characters shown as what they are, for messages about hostile input; a tab is a space.
    public var printable: String {
        unicodeScalars.map { scalar in
            scalar == "\t"
                ? " "
                : scalar.properties.generalCategory == .control
                    ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
        }.joined()
    }
}
