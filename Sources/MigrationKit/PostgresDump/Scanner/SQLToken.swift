/// A token of one SQL statement, as far as rules need to tell tokens apart. Comments and white space are no tokens.
enum SQLToken: Hashable {
    /// An unquoted word, in lower case.
    case word(String)
    /// A quoted identifier, unquoted.
    case identifier(String)
    /// A string constant of any kind; an E-string's escapes are left as they stand.
    case string(String)
    case dollarBody
    case number(String)
    /// Any other byte.
    case symbol(UInt8)

    /// What the token names, if it can name something.
    var name: String? {
        switch self {
        case .word(let name), .identifier(let name): name
        default: nil
        }
    }
}

extension SQLToken {
    /// The tokens of a statement.
    ///
    /// - Parameters:
    ///   - statement: The statement's bytes; where they end inside a token, the tokens before it are given.
    ///   - limit: How many tokens to give at the most.
    static func tokens(of statement: UnsafeRawBufferPointer, limit: Int = .max) -> [SQLToken] {
        var reader = SQLTokenReader(bytes: statement)
        var tokens: [SQLToken] = []
        while tokens.count < limit, let token = reader.next() { tokens.append(token) }
        return tokens
    }
}

/// Reads tokens from a statement that is in memory whole, where looking ahead is easy.
struct SQLTokenReader {
    let bytes: UnsafeRawBufferPointer
    var index = 0

    /// The next token, or nil at the end, or where a quote or comment is open to the end.
    mutating func next() -> SQLToken? {
        guard skipSpaceAndComments(), index < bytes.count else { return nil }
        let byte = bytes[index]
        if byte == .doubleQuote { return quoted(by: .doubleQuote, escapes: false).map(SQLToken.identifier) }
        if byte == .quote { return string(escapes: false) }
        if byte == .dollar, let end = dollarBodyEnd() {
            guard end > 0 else { return nil }
            index = end
            return .dollarBody
        }
        if byte.isWordStart { return word() }
        if byte.isDigit {
            let text = take { $0.isDigit || $0 == UInt8(ascii: ".") }
            return .number(text)
        }
        index += 1
        return .symbol(byte)
    }

    private mutating func word() -> SQLToken? {
        let text = take { $0.isWordStart || $0.isDigit || $0 == .dollar }
        if text.utf8.count == 1, text == "e" || text == "E", index < bytes.count, bytes[index] == .quote {
            return string(escapes: true)
        }
        return .word(text.lowercased())
    }

    /// A string constant with its continuations on following lines, which keep its escapes.
    private mutating func string(escapes: Bool) -> SQLToken? {
        guard var text = quoted(by: .quote, escapes: escapes) else { return nil }
        while true {
            let end = index
            guard skipSpace(), index < bytes.count, bytes[index] == .quote,
                let more = quoted(by: .quote, escapes: escapes)
            else {
                index = end
                return .string(text)
            }
            text += more
        }
    }

    /// From an opening quote to its end, doubled quotes made single.
    private mutating func quoted(by quote: UInt8, escapes: Bool) -> String? {
        var content: [UInt8] = []
        var at = index + 1
        while at < bytes.count {
            let byte = bytes[at]
            if byte == quote {
                guard at + 1 < bytes.count, bytes[at + 1] == quote else {
                    index = at + 1
                    return String(decoding: content, as: UTF8.self)
                }
                at += 1
            } else if escapes, byte == .backslash, at + 1 < bytes.count {
                content.append(byte)
                at += 1
            }
            content.append(bytes[at])
            at += 1
        }
        return nil
    }

    /// Where the dollar-quoted body that begins here ends; 0 if it does not end; nil if none begins here.
    private func dollarBodyEnd() -> Int? {
        var at = index + 1
        while at < bytes.count, bytes[at].isWordStart || (bytes[at].isDigit && at > index + 1) { at += 1 }
        guard at < bytes.count, bytes[at] == .dollar else { return nil }
        let tag = Array(bytes[index...at])
        at += 1
        while at + tag.count <= bytes.count {
            if bytes[at] == .dollar, bytes[rebased: at..<at + tag.count].elementsEqual(tag) { return at + tag.count }
            at += 1
        }
        return 0
    }

    /// Returns false if a comment is open to the end.
    private mutating func skipSpaceAndComments() -> Bool {
        while index < bytes.count {
            if bytes[index].isSQLSpace {
                index += 1
            } else if startsWith("--") {
                while index < bytes.count, bytes[index] != .lineFeed, bytes[index] != .carriageReturn { index += 1 }
            } else if startsWith("/*") {
                guard skipBlockComment() else { return false }
            } else {
                return true
            }
        }
        return true
    }

    /// White space and line comments, within which a string may go on. Returns whether a line end was among them.
    private mutating func skipSpace() -> Bool {
        var sawLineEnd = false
        while index < bytes.count {
            if bytes[index].isSQLSpace {
                sawLineEnd = sawLineEnd || bytes[index] == .lineFeed || bytes[index] == .carriageReturn
                index += 1
            } else if startsWith("--") {
                while index < bytes.count, bytes[index] != .lineFeed, bytes[index] != .carriageReturn { index += 1 }
            } else {
                break
            }
        }
        return sawLineEnd
    }

    private mutating func skipBlockComment() -> Bool {
        var depth = 0
        repeat {
            if startsWith("/*") {
                depth += 1
                index += 2
            } else if startsWith("*/") {
                depth -= 1
                index += 2
            } else {
                index += 1
            }
        } while depth > 0 && index < bytes.count
        return depth == 0
    }

    private func startsWith(_ two: StaticString) -> Bool {
        index + 1 < bytes.count && bytes[index] == two.utf8Start[0] && bytes[index + 1] == two.utf8Start[1]
    }

    private mutating func take(while condition: (UInt8) -> Bool) -> String {
        let start = index
        while index < bytes.count, condition(bytes[index]) { index += 1 }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }
}
