/// The values of fields that hold secrets, such as `password`.
extension Redaction {
    private static let fields: [[UInt8]] = [
        "password", "passwd", "passphrase", "private_key", "client_secret", "refresh_token", "access_token",
        "secret_access_key",
    ].map { Array($0.utf8) }
    private static let isFirst = (0...UInt8.max).map { letter in fields.contains { $0.first == letter | 0x20 } }
    private static let placeholders = ["$(", "${", "…"].map { Array($0.utf8) } + [mark]

    /// `password=x`, `"password": "x"`, `password: x`, `password 'x'`.
    mutating func findFields() {
        var index = 0
        while index < bytes.count {
            defer { index += 1 }
            guard Self.isFirst[Int(bytes[index])],
                let name = Self.fields.first(where: { isHere($0, at: index) }),
                let secret = value(of: index..<index + name.count)
            else { continue }
            secrets.append(secret)
            index = max(index, secret.upperBound - 1)
        }
    }

    private func isHere(_ name: [UInt8], at index: Int) -> Bool {
        index + name.count <= bytes.count && zip(name, bytes[index...]).allSatisfy { $0 == $1 | 0x20 || $0 == $1 }
    }

    /// Where the value of a field is; nil where its name is a word like any other.
    private func value(of name: Range<Int>) -> Range<Int>? {
        var index = name.upperBound
        while byte(index) == .backslash { index += 1 }
        let isQuoted = byte(index) == .doubleQuote || byte(index) == .quote
        if isQuoted { index += 1 }
        let afterName = index
        index = skipSpace(index)
        let isAssignment = byte(index) == UInt8(ascii: "=")
        var isLine = false
        if isAssignment || (isQuoted && byte(index) == .colon) {
            index = skipSpace(index + 1)
        } else if index == afterName, byte(index) == .colon, isKey(name.lowerBound) {
            index = skipBlanks(index + 1)
            isLine = byte(index) != .quote && byte(index) != .doubleQuote
        } else {
            // In SQL nothing stands between but space, and the value is a constant.
            guard index > afterName || isQuoted else { return nil }
            if let letter = byte(index), letter | 0x20 == UInt8(ascii: "e") { index += 1 }
            guard byte(index) == .quote else { return nil }
        }
        // A variable of a shell, a placeholder, or what is redacted already.
        let text = bytes[index...].drop { [.backslash, .quote, .doubleQuote].contains($0) }
        if text.isEmpty || Self.placeholders.contains(where: { text.starts(with: $0) }) || isVariable(text) {
            return nil
        }
        return isLine
            ? line(at: index, isVariable: bytes[name.lowerBound] & 0x20 == 0)
            : content(at: index, isAssignment: isAssignment)
    }

    /// Whether the word with a field's name is a key of YAML's: it begins a line, a member or an item, or is in capitals.
    private func isKey(_ name: Int) -> Bool {
        var index = name
        while index > 0,
            bytes[index - 1].isWordStart || bytes[index - 1].isDigit || ".-[]".utf8.contains(bytes[index - 1])
        {
            index -= 1
        }
        // `${PGPASSWORD:-}` is a variable of a shell.
        if index > 1, bytes[index - 1] == UInt8(ascii: "{"), bytes[index - 2] == .dollar { return false }
        if bytes[name] & 0x20 == 0 { return true }
        while index > 0, bytes[index - 1] == UInt8(ascii: " ") || bytes[index - 1] == UInt8(ascii: "\t") { index -= 1 }
        return index == 0 || "\n\r{,".utf8.contains(bytes[index - 1])
    }

    /// `$NAME` to its end: a shell has put nothing there yet.
    private func isVariable(_ text: ArraySlice<UInt8>) -> Bool {
        guard text.first == .dollar, let second = text.dropFirst().first, second.isWordStart else { return false }
        let rest = text.dropFirst(2).drop { $0.isWordStart || $0.isDigit }
        return rest.first.map { $0.isSQLSpace || "\"'&;,}".utf8.contains($0) } ?? true
    }

    /// A value of YAML's without quotes, to the end of its line; in braces to the next member. Several words are only the
    /// value of a variable: `password: ask the operator` is a sentence.
    private func line(at start: Int, isVariable: Bool) -> Range<Int>? {
        var end = endOfLine(start)
        guard end > start else { return nil }
        let isBlock = "|>".utf8.contains(bytes[start])
        if isBlock, let next = lineAfter(end) { end = endOfLine(next) }
        let isInBraces = bytes[start..<end].contains(UInt8(ascii: "}"))
        let close = isInBraces ? bytes[start..<end].firstIndex { "},".utf8.contains($0) } : nil
        let value = start..<(close ?? end)
        return isVariable || isBlock || !bytes[value].contains(UInt8(ascii: " ")) ? value : nil
    }

    private func content(at start: Int, isAssignment: Bool) -> Range<Int> {
        var index = start
        while byte(index) == .backslash { index += 1 }
        let isEscaped = index > start
        guard let quote = byte(index), quote == .quote || quote == .doubleQuote else {
            let end = bytes[start...].firstIndex { $0.isSQLSpace || $0 == UInt8(ascii: "&") }
            return start..<(end ?? bytes.count)
        }
        let first = index + 1
        index = first
        while let next = byte(index), next != quote || (!isEscaped && byte(index + 1) == quote) {
            index += !isEscaped && (next == .backslash || next == quote) ? 2 : 1
        }
        var end = min(index, bytes.count)
        if isEscaped, end > first, byte(end - 1) == .backslash { end -= 1 }
        // A shell's word goes on behind a quote.
        if isAssignment, let next = byte(end + 1), next == .backslash || next == .quote {
            end = bytes[end...].firstIndex(where: \.isSQLSpace) ?? bytes.count
        }
        return first..<end
    }

    private func skipSpace(_ start: Int) -> Int {
        var index = start
        while let next = byte(index), next.isSQLSpace { index += 1 }
        return index
    }

    private func skipBlanks(_ start: Int) -> Int {
        var index = start
        while byte(index) == UInt8(ascii: " ") || byte(index) == UInt8(ascii: "\t") { index += 1 }
        return index
    }

    func byte(_ index: Int) -> UInt8? { bytes.indices.contains(index) ? bytes[index] : nil }
}
