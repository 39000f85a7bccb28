internal import Foundation

extension String {
    /// The text without what is a secret by its form: for everything that reaches a message, a log, JSON or a journal.
    ///
    /// Taken out are private keys, also in base64, the user and password of a URI, and the values of fields such as
    /// `password` as libpq, JSON, SQL and shells write them. All other text stays as it is.
    package var redacted: String { Redaction(of: self).text }
}

/// Finds what is a secret by its form. In one go, since the text may be hostile and long.
private struct Redaction {
    private let original: String
    private let bytes: [UInt8]
    private var secrets: [Range<Int>] = []

    private static let fields: [[UInt8]] = [
        "password", "passwd", "passphrase", "private_key", "client_secret", "refresh_token", "access_token",
        "secret_access_key",
    ].map { Array($0.utf8) }
    private static let firstLetters = Set(fields.compactMap(\.first))
    private static let mark = Array(Secret("").description.utf8)
    private static let placeholders = ["$", "…"].map { Array($0.utf8) } + [mark]
    /// Base64 breaks its lines behind 64 or 76 letters.
    private static let encodedLength = 60

    init(of text: String) {
        (original, bytes) = (text, Array(text.utf8))
        findKeys()
        findFields()
        findAddresses()
        findEncodedKeys()
    }

    var text: String {
        guard !secrets.isEmpty else { return original }
        var output: [UInt8] = []
        var end = 0
        for secret in secrets.sorted(by: { $0.lowerBound < $1.lowerBound })
        where !secret.isEmpty && secret.upperBound > end {
            if secret.lowerBound >= end {
                output += bytes[end..<secret.lowerBound]
                output += Self.mark
            }
            end = secret.upperBound
        }
        return String(decoding: output + bytes[end...], as: UTF8.self)
    }

    // MARK: Keys

    /// `-----BEGIN … PRIVATE KEY-----` to its end, or to that of the text.
    private mutating func findKeys() {
        let (begin, end, dashes) = (Array("-----BEGIN ".utf8), Array("-----END ".utf8), Array("-----".utf8))
        var index = 0
        while let start = find(begin, from: index) {
            index = start + begin.count
            guard let label = find(dashes, from: index), label - index < 64,
                bytes[index..<label].firstRange(of: "PRIVATE KEY".utf8) != nil
            else { continue }
            let close = find(end, from: label).flatMap { find(dashes, from: $0 + end.count) }
            index = close.map { $0 + dashes.count } ?? bytes.count
            secrets.append(start..<index)
        }
    }

    /// A key in base64, and the lines that it goes on in.
    private mutating func findEncodedKeys() {
        var index = 0
        while index < bytes.count {
            let start = index
            index = endOfEncoded(index)
            if index - start >= Self.encodedLength, EncodedKey.begins(bytes[start..<index]) {
                while let next = lineAfter(index), endOfEncoded(next) > next { index = endOfEncoded(next) }
                secrets.append(start..<index)
            } else {
                index = max(index, start + 1)
            }
        }
    }

    private func endOfEncoded(_ start: Int) -> Int {
        let end = bytes[start...].firstIndex { !EncodedKey.isLetter($0) } ?? bytes.count
        return bytes[end...].firstIndex { $0 != UInt8(ascii: "=") } ?? bytes.count
    }

    private func lineAfter(_ end: Int) -> Int? {
        let start = byte(end) == .carriageReturn ? end + 1 : end
        return byte(start) == .lineFeed && start + 1 < bytes.count ? start + 1 : nil
    }

    // MARK: Fields

    /// `password=x`, `"password": "x"`, `password 'x'`.
    private mutating func findFields() {
        var index = 0
        while index < bytes.count {
            defer { index += 1 }
            guard Self.firstLetters.contains(bytes[index] | 0x20),
                let name = Self.fields.first(where: { isHere($0, at: index) }),
                let secret = value(behind: index + name.count)
            else { continue }
            secrets.append(secret)
            index = max(index, secret.upperBound - 1)
        }
    }

    private func isHere(_ name: [UInt8], at index: Int) -> Bool {
        index + name.count <= bytes.count && zip(name, bytes[index...]).allSatisfy { $0 == $1 | 0x20 || $0 == $1 }
    }

    /// Where the value of a field is whose name ends here; nil where it is a word like any other.
    private func value(behind end: Int) -> Range<Int>? {
        var index = end
        while byte(index) == .backslash { index += 1 }
        let isQuoted = byte(index) == .doubleQuote || byte(index) == .quote
        if isQuoted { index += 1 }
        let afterName = index
        index = skipSpace(index)
        let isAssignment = byte(index) == UInt8(ascii: "=")
        if isAssignment || (isQuoted && byte(index) == UInt8(ascii: ":")) {
            index = skipSpace(index + 1)
        } else {
            // In SQL nothing stands between but space, and the value is a constant.
            guard index > afterName || isQuoted else { return nil }
            if let letter = byte(index), letter | 0x20 == UInt8(ascii: "e") { index += 1 }
            guard byte(index) == .quote else { return nil }
        }
        // A variable of a shell, a placeholder, or what is redacted already.
        let text = bytes[index...].drop { [.backslash, .quote, .doubleQuote].contains($0) }
        if text.isEmpty || Self.placeholders.contains(where: { text.starts(with: $0) }) { return nil }
        return content(at: index, isAssignment: isAssignment)
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

    private func byte(_ index: Int) -> UInt8? { bytes.indices.contains(index) ? bytes[index] : nil }

    // MARK: Addresses

    /// What stands before the host of a URI, unless it is a user's name alone.
    private mutating func findAddresses() {
        for word in bytes.split(whereSeparator: \.isSQLSpace) {
            guard let scheme = word.firstRange(of: "://".utf8), let at = word.lastIndex(of: UInt8(ascii: "@")),
                at > scheme.upperBound
            else { continue }
            let account = scheme.upperBound..<at
            if word[account].reversed().starts(with: Self.mark.reversed()) { continue }
            let before = String(decoding: word[..<scheme.lowerBound].suffix(5), as: UTF8.self).lowercased()
            let isWeb = before == "https" || before.hasSuffix("http")
            let isToken = isWeb && !word[account].contains(UInt8(ascii: "/"))
            if word[account].contains(UInt8(ascii: ":")) || isToken { secrets.append(account) }
        }
    }

    private func find(_ pattern: [UInt8], from index: Int) -> Int? {
        guard index < bytes.count else { return nil }
        return bytes[index...].firstRange(of: pattern)?.lowerBound
    }
}

/// Keys in base64, of any kind: that of a file of JSON, of PEM, or of DER.
enum EncodedKey {
    /// A letter of base64, or of its form for URLs.
    static func isLetter(_ byte: UInt8) -> Bool {
        byte.isDigit || (byte < 0x80 && byte.isWordStart) || "+/-".utf8.contains(byte)
    }

    /// Whether a text in base64 begins as a key does.
    static func begins(_ text: some Sequence<UInt8>) -> Bool {
        var letters = text.prefix(4096).map { byte in
            byte == UInt8(ascii: "-") ? UInt8(ascii: "+") : byte == UInt8(ascii: "_") ? UInt8(ascii: "/") : byte
        }
        letters.removeLast(letters.count % 4)
        guard let decoded = Data(base64Encoded: Data(letters)) else { return false }
        if decoded.starts(with: [0x30, 0x82]) { return true }
        let visible = decoded.drop(while: \.isSQLSpace)
        let isObject =
            visible.first == UInt8(ascii: "{")
            && visible.dropFirst().first { !$0.isSQLSpace } == .doubleQuote
        return isObject || decoded.firstRange(of: "PRIVATE KEY".utf8) != nil
    }
}
