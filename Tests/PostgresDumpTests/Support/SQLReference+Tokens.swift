/// What one token takes.
extension ReferenceScan {
    /// Whether there was white space or a comment to skip. A comment that does not close is skipped to the end.
    mutating func skipSpaceOrComment() -> Bool {
        let rest = text[at...]
        if let byte = rest.first, [0x20, 0x09, 0x0A, 0x0B, 0x0C, 0x0D].contains(byte) {
            at += 1
        } else if rest.starts(with: "--".utf8) {
            at = rest.firstIndex { $0 == 0x0A || $0 == 0x0D } ?? text.count
        } else if rest.starts(with: "/*".utf8) {
            var depth = 0
            repeat {
                if text[at...].starts(with: "/*".utf8) {
                    depth += 1
                    at += 2
                } else if text[at...].starts(with: "*/".utf8) {
                    depth -= 1
                    at += 2
                } else {
                    at += 1
                }
            } while depth > 0 && at < text.count
        } else {
            return false
        }
        return true
    }

    /// A string with what continues it on later lines. Returns false if it does not close.
    mutating func skipString(escapes: Bool) -> Bool {
        guard skipQuoted(by: UInt8(ascii: "'"), escapes: escapes) else { return false }
        while escapes {
            // Space and `--` comments may stand between, but a line end must.
            var next = at
            var sawLineEnd = false
            while next < text.count {
                if [0x0A, 0x0D].contains(text[next]) { sawLineEnd = true }
                if [0x20, 0x09, 0x0A, 0x0B, 0x0C, 0x0D].contains(text[next]) {
                    next += 1
                } else if text[next...].starts(with: "--".utf8) {
                    next = text[next...].firstIndex { $0 == 0x0A || $0 == 0x0D } ?? text.count
                } else {
                    break
                }
            }
            guard sawLineEnd, next < text.count, text[next] == UInt8(ascii: "'") else { return true }
            at = next
            guard skipQuoted(by: UInt8(ascii: "'"), escapes: true) else { return false }
        }
        return true
    }

    mutating func skipQuoted(by quote: UInt8, escapes: Bool) -> Bool {
        at += 1
        while at < text.count {
            if escapes, text[at] == UInt8(ascii: "\\") {
                at = min(at + 2, text.count)
            } else if text[at] != quote {
                at += 1
            } else if at + 1 < text.count, text[at + 1] == quote {
                at += 2
            } else {
                at += 1
                return true
            }
        }
        return false
    }

    /// A dollar-quoted string, or a `$` alone. Returns false if the string does not close.
    mutating func skipDollar() -> Bool {
        var end = at + 1
        while end < text.count, isLetter(text[end]) || (end > at + 1 && isDigit(text[end])) { end += 1 }
        guard end < text.count, text[end] == UInt8(ascii: "$") else {
            at += 1
            return true
        }
        let tag = text[at...end]
        var body = end + 1
        while body < text.count {
            if text[body...].starts(with: tag) {
                at = body + tag.count
                return true
            }
            body += 1
        }
        at = text.count
        return false
    }

    mutating func readWord() -> String {
        let start = at
        while at < text.count, isLetter(text[at]) || isDigit(text[at]) || text[at] == UInt8(ascii: "$") { at += 1 }
        return String(decoding: text[start..<at], as: UTF8.self).lowercased()
    }

    /// What psql takes for the name of a variable.
    mutating func skipVariable() {
        while at < text.count, isLetter(text[at]) || isDigit(text[at]) { at += 1 }
    }

    func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F || byte >= 0x80
    }

    func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
