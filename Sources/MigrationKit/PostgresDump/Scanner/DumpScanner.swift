/// Finds statements, comments, psql's meta-commands and COPY rows in a plain dump, however it is cut into chunks.
///
/// Follows the lexer of psql, which decides what the server will see: quoted identifiers, strings, E-strings, dollar
/// quotes, nested comments, parentheses, `BEGIN ATOMIC … END` bodies. It holds no more than one statement of at most
/// ``statementLimit`` bytes, whatever a line's length.
package struct DumpScanner {
    /// A statement longer than this is handed on in pieces. pg_dump's own statements are far shorter but for the text
    /// of a comment or a very long function body.
    package static let statementLimit = 1 << 20

    enum Mode { case sql, copyHeaderLine, copyData }
    var mode = Mode.sql
    var lexer = SQLLexerState()

    /// Bytes and lines before the next byte.
    var offset: Int64 = 0
    var line = 1

    /// The statement, meta-command or possible comment that the last chunk left open.
    var pending: [UInt8] = []
    var pendingStart = DumpPosition(offset: 0, line: 1)
    /// The open statement has outgrown ``statementLimit``.
    var isLong = false

    /// The COPY row that the last chunk left open: its length and its first bytes, enough to know `\.`.
    var rowLength = 0
    var rowHead: (UInt8, UInt8) = (0, 0)
    /// A carriage return at a chunk's end that belongs to the row only if no LF follows.
    var heldReturn = false

    /// Whether a dump may end here: between statements, outside comments that need closing and COPY data.
    var isBetweenStatements: Bool {
        mode == .sql && !lexer.inStatement && (lexer.state == .plain || lexer.state == .lineComment)
    }

    /// What the dump is in the middle of, for the message that it is torn.
    var openConstruct: String {
        if mode != .sql { return "the rows of a COPY" }
        switch lexer.state {
        case .blockComment, .blockStar, .blockSlash: return "a comment"
        case .quote, .quoteEscape: return "a quoted string"
        case .doubleQuote: return "a quoted identifier"
        case .dollarBody, .dollarEnd: return "a dollar-quoted body"
        default: return "a statement"
        }
    }

    /// Takes the next chunk.
    ///
    /// - Parameters:
    ///   - chunk: The bytes that follow those of the last call.
    ///   - visitor: Takes what is found.
    mutating func scan(_ chunk: UnsafeRawBufferPointer, visitor: inout some DumpVisitor) {
        var index = 0
        while index < chunk.count {
            switch mode {
            case .sql: index = scanSQL(chunk, from: index, visitor: &visitor)
            case .copyHeaderLine: index = scanCopyHeaderLine(chunk, from: index, visitor: &visitor)
            case .copyData: index = scanCopyData(chunk, from: index, visitor: &visitor)
            }
        }
    }

    /// The end of the dump: an unfinished last line becomes what it is.
    mutating func finish(visitor: inout some DumpVisitor) {
        guard !pending.isEmpty else { return }
        if lexer.state == .meta {
            emitMetaCommand(UnsafeRawBufferPointer(start: nil, count: 0), visitor: &visitor)
        } else {
            // A torn statement: it is reported as such, and the bytes still come out as they went in.
            pending.withUnsafeBytes { visitor.gap($0) }
            pending.removeAll()
        }
    }
}

extension DumpScanner {
    /// What stands between the `;` of a COPY and the first row: nothing but the line end, in pg_dump's hand.
    private mutating func scanCopyHeaderLine(
        _ chunk: UnsafeRawBufferPointer, from start: Int, visitor: inout some DumpVisitor
    ) -> Int {
        var end = start
        while end < chunk.count, chunk[end] != .lineFeed { end += 1 }
        if end < chunk.count {
            end += 1
            line += 1
            mode = .copyData
            rowLength = 0
        }
        offset += Int64(end - start)
        visitor.gap(chunk[rebased: start..<end])
        return end
    }
}
