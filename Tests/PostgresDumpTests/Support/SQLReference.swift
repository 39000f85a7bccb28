import TestSupport

@testable import MigrationKitPostgresDump

/// The scanner again, slow and plain: the whole dump in memory, looking ahead as far as it likes.
///
/// Written from PostgreSQL's documentation of lexical structure and psql's of `COPY … FROM stdin`, not from the
/// scanner. psql 15 to 18 were seen to send the server the same statements of 9,000 fuzzed dumps, but for two where a
/// word of a function's body stood against a number.
struct ReferenceScan {
    let text: [UInt8]
    var at = 0
    private var events: [ScanEvent] = []
    private var openGap: [UInt8] = []

    private enum Token: Equatable {
        case word(String)
        case identifier
        case other(UInt8)
    }

    private enum End { case semicolon, backslash, endOfDump }

    static func events(of dump: [UInt8]) -> [ScanEvent] {
        var scan = ReferenceScan(text: dump)
        scan.run()
        return scan.events
    }

    private init(text: [UInt8]) { self.text = text }

    private mutating func run() {
        while at < text.count {
            let start = at
            if skipSpaceOrComment() {
                openGap += text[start..<at]
            } else if text[at] == UInt8(ascii: "\\") {
                meta(inStatement: false)
            } else {
                statement()
            }
        }
        flushGap()
    }

    // MARK: What stands between semicolons

    private mutating func statement() {
        let start = at
        let (tokens, end) = readStatement()
        switch end {
        case .semicolon:
            append(.statement(SQLBytes(text[start..<at]), at: position(start)))
            if isCopyFromStdin(tokens) { copyRows() }
        case .backslash:
            openGap += text[start..<at]
            meta(inStatement: true)
        case .endOfDump:
            openGap += text[start..<at]
        }
    }

    private mutating func readStatement() -> ([Token], End) {
        var tokens: [Token] = []
        var words: [String] = []
        var parentheses = 0
        var begins = 0
        while at < text.count {
            if skipSpaceOrComment() { continue }
            let byte = text[at]
            switch byte {
            case UInt8(ascii: "\\"):
                return (tokens, .backslash)
            case UInt8(ascii: ";"):
                at += 1
                tokens.append(.other(byte))
                if parentheses == 0, begins == 0 { return (tokens, .semicolon) }
            case UInt8(ascii: "'"):
                guard skipString(escapes: false) else { return (tokens, .endOfDump) }
                tokens.append(.other(byte))
            case UInt8(ascii: "\""):
                guard skipQuoted(by: byte, escapes: false) else { return (tokens, .endOfDump) }
                tokens.append(.identifier)
            case UInt8(ascii: "$"):
                guard skipDollar() else { return (tokens, .endOfDump) }
                tokens.append(.other(byte))
            case _ where isLetter(byte):
                let word = readWord()
                words.append(word)
                tokens.append(.word(word))
                if word == "e", at < text.count, text[at] == UInt8(ascii: "'") {
                    guard skipString(escapes: true) else { return (tokens, .endOfDump) }
                    tokens.append(.other(UInt8(ascii: "'")))
                }
                let isRoutine =
                    ["create function", "create procedure"].contains(words.prefix(2).joined(separator: " "))
                    || ["create or replace function", "create or replace procedure"]
                        .contains(words.prefix(4).joined(separator: " "))
                guard isRoutine, parentheses == 0 else { break }
                if word == "begin" || (word == "case" && begins > 0) { begins += 1 }
                if word == "end" { begins = max(0, begins - 1) }
            case UInt8(ascii: ":"):
                at += 1
                tokens.append(.other(byte))
                if at < text.count, text[at] == byte { at += 1 } else { skipVariable() }
            default:
                if byte == UInt8(ascii: "(") { parentheses += 1 }
                if byte == UInt8(ascii: ")") { parentheses = max(0, parentheses - 1) }
                at += 1
                tokens.append(.other(byte))
            }
        }
        return (tokens, .endOfDump)
    }

    private func isCopyFromStdin(_ tokens: [Token]) -> Bool {
        var rest = tokens[...]
        func isName(_ token: Token?) -> Bool {
            switch token {
            case .word, .identifier: true
            default: false
            }
        }
        guard rest.popFirst() == .word("copy"), isName(rest.popFirst()) else { return false }
        if rest.first == .other(UInt8(ascii: ".")) {
            rest = rest.dropFirst()
            guard isName(rest.popFirst()) else { return false }
        }
        if rest.first == .other(UInt8(ascii: "(")) {
            guard let close = rest.firstIndex(of: .other(UInt8(ascii: ")"))) else { return false }
            let columns = rest[rest.startIndex + 1..<close]
            for (index, token) in columns.enumerated() {
                let isRight = index % 2 == 0 ? isName(token) : token == .other(UInt8(ascii: ","))
                guard isRight else { return false }
            }
            rest = rest[(close + 1)...]
        }
        return Array(rest) == [.word("from"), .word("stdin"), .other(UInt8(ascii: ";"))]
    }

    private mutating func copyRows() {
        while at < text.count {
            let byte = text[at]
            openGap.append(byte)
            at += 1
            if byte == 0x0A { break }
        }
        guard at < text.count else { return }
        let start = at
        var rows: [SQLBytes] = []
        while let end = text[at...].firstIndex(of: 0x0A) {
            var row = text[at..<end]
            if row.last == 0x0D { row = row.dropLast() }
            at = end + 1
            if row.elementsEqual(#"\."#.utf8) {
                append(.copy(SQLBytes(text[start..<at]), rows: rows, isWhole: true))
                return
            }
            rows.append(SQLBytes(row))
        }
        at = text.count
        append(.copy(SQLBytes(text[start..<at]), rows: rows, isWhole: false))
    }

    private mutating func meta(inStatement: Bool) {
        let start = at
        while at < text.count, text[at] != 0x0A { at += 1 }
        append(.meta(SQLBytes(text[start..<at]), at: position(start), inStatement: inStatement))
    }

    // MARK: Events

    private func position(_ index: Int) -> DumpPosition {
        DumpPosition(offset: Int64(index), line: 1 + text[..<index].count { $0 == 0x0A })
    }

    private mutating func append(_ event: ScanEvent) {
        flushGap()
        events.append(event)
    }

    private mutating func flushGap() {
        if !openGap.isEmpty { events.append(.gap(SQLBytes(openGap))) }
        openGap = []
    }
}
