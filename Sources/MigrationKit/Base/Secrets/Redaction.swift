import MigrationKitCLibrary
internal import MigrationKitFoundation

extension String {
    /// The text without secrets: for everything that reaches a message, a log, JSON or a journal.
    ///
    /// Taken out are the secrets that this process has read, and what is one by its form: private keys, also in base64,
    /// access tokens, the user and password of a URI, and the values of fields such as `password` as libpq, JSON, YAML,
    /// SQL and shells write them. All other text stays as it is.
    package var redacted: String { Redaction(of: self).text }

    /// Whether something in the text is a secret by its form.
    package var hasFormOfSecret: Bool { Redaction(of: self, known: []).secrets.contains { !$0.isEmpty } }
}

extension [String] {
    /// The lines without secrets, also without those that several lines hold.
    package var redacted: [String] {
        let text = joined(separator: "\n")
        let redacted = text.redacted
        if redacted == text { return self }
        // By bytes: a line may end in CR, and both together are one character.
        return redacted.utf8.split(separator: .lineFeed, omittingEmptySubsequences: false).map { String(Substring($0)) }
    }
}

/// Finds what is a secret. In one go, since the text may be hostile and long.
struct Redaction {
    private let original: String
    let bytes: [UInt8]
    var secrets: [Range<Int>] = []

    static let mark = Array(Secret("").description.utf8)
    /// What the tokens of Sourcegraph and of Google begin with.
    private static let tokens = ["sgp_", "slk_", "ya29."].map { Array($0.utf8) }
    /// Base64 breaks its lines behind 64 or 76 letters.
    private static let encodedLength = 60

    /// - Parameter known: Where secrets are that are known; nil: those that this process has read.
    init(of text: String, known: [Range<Int>]? = nil) {
        (original, bytes) = (text, Array(text.utf8))
        secrets = known ?? KnownSecrets.find(in: bytes)
        findKeys()
        findTokens()
        findInterpolations()
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
            guard let label = find(dashes, from: index, to: index + 64 + dashes.count),
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

    func lineAfter(_ end: Int) -> Int? {
        let start = byte(end) == .carriageReturn ? end + 1 : end
        return byte(start) == .lineFeed && start + 1 < bytes.count ? start + 1 : nil
    }

    // MARK: Tokens

    private mutating func findTokens() {
        for mark in Self.tokens {
            var index = 0
            while let start = find(mark, from: index) {
                index =
                    bytes[(start + mark.count)...].firstIndex { !EncodedKey.isLetter($0) && $0 != UInt8(ascii: ".") }
                    ?? bytes.count
                if index - start >= mark.count + 16 { secrets.append(start..<index) }
            }
        }
    }

    /// Compose repeats a value that it cannot read, in quotes or in a line of its own, and does not always say of what.
    private mutating func findInterpolations() {
        let (sentence, advice) = (Array("nvalid interpolation format".utf8), Array("with another $.".utf8))
        var index = 0
        while let start = find(sentence, from: index) {
            let end = endOfLine(start)
            if let mark = find(Array(": \"".utf8), from: start, to: end), mark + 3 < end {
                secrets.append(mark + 3..<end)
            }
            index = end
            if let line = find(advice, from: start, to: end + 80 + advice.count), byte(line + advice.count) == .lineFeed
            {
                let value = line + advice.count + 1
                index = max(end, endOfLine(value))
                secrets.append(value..<index)
            }
        }
    }

    func endOfLine(_ start: Int) -> Int {
        bytes[min(start, bytes.count)...].firstIndex { $0 == .lineFeed || $0 == .carriageReturn } ?? bytes.count
    }

    // MARK: Addresses

    /// What stands before the host of a URI, unless it is a user's name alone.
    private mutating func findAddresses() {
        let separator = Array("://".utf8)
        var index = 0
        while let colon = find(separator, from: index) {
            let start = bytes[index..<colon].lastIndex(where: \.isSQLSpace).map { $0 + 1 } ?? index
            let end = bytes[colon...].firstIndex(where: \.isSQLSpace) ?? bytes.count
            index = end
            let afterScheme = colon + separator.count
            guard let at = bytes[afterScheme..<end].lastIndex(of: UInt8(ascii: "@")), at > afterScheme else { continue }
            let account = bytes[afterScheme..<at]
            if account.reversed().starts(with: Self.mark.reversed()) { continue }
            let before = String(decoding: bytes[start..<colon].suffix(5), as: UTF8.self).lowercased()
            let isWeb = before == "https" || before.hasSuffix("http")
            let isToken = isWeb && !account.contains(UInt8(ascii: "/"))
            if account.contains(.colon) || isToken { secrets.append(account.indices) }
        }
    }

    /// Where a pattern is next, before an end. By the C library, because all that is printed comes through here, several
    /// times.
    private func find(_ pattern: [UInt8], from index: Int, to end: Int = .max) -> Int? {
        bytes.withUnsafeBytes { all in
            var index = index
            let last = min(all.count, end) - pattern.count
            while index <= last, let base = all.baseAddress {
                guard let first = memchr(base + index, Int32(pattern[0]), last + 1 - index) else { return nil }
                index = UnsafeRawPointer(first) - base
                if memcmp(base + index, pattern, pattern.count) == 0 { return index }
                index += 1
            }
            return nil
        }
    }
}

/// Keys in base64, of any kind: that of a file of JSON, of PEM, or of DER.
enum EncodedKey {
    /// A letter of base64, or of its form for URLs.
    static func isLetter(_ byte: UInt8) -> Bool { letters[Int(byte)] }

    private static let letters = (0...UInt8.max).map { byte in
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
