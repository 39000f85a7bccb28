extension DumpScanner {
    /// Reads SQL until the chunk ends or COPY data begins.
    ///
    /// - Returns: The index of the first byte that was not read.
    mutating func scanSQL(
        _ chunk: UnsafeRawBufferPointer, from start: Int, visitor: inout some DumpVisitor
    ) -> Int {
        /// What has not been handed on yet begins here: a gap, or (`isHeld`) something that is not known whole.
        var segment = start
        var index = start
        let base = offset - Int64(start)
        defer { offset = base + Int64(index) }

        while index < chunk.count {
            let byte = chunk[index]
            switch lexer.state {
            case .plain:
                if lexer.before == .colon, byte.isWordStart || byte.isDigit {
                    lexer.state = .variable
                    break
                }
                if byte.isWordStart || (lexer.word.length > 0 && (byte.isDigit || byte == .dollar)) {
                    beginStatement(at: index, segment: &segment, base: base, chunk: chunk, visitor: &visitor)
                    if lexer.word.length == 0 { lexer.wordFollowsNumber = lexer.before == .number }
                    lexer.before = .other
                    lexer.word.append(byte)
                    break
                }
                let wordBefore = lexer.word
                if wordBefore.length > 0 { lexer.endWord() }
                if !byte.isDigit, byte != UInt8(ascii: "."), byte != UInt8(ascii: ":") { lexer.before = .other }
                if byte.isSQLSpace {
                    if byte == .lineFeed || byte == .carriageReturn, lexer.continuation == .closed {
                        lexer.continuation = .nextLine
                    }
                    break
                }
                if byte == UInt8(ascii: "-") || byte == UInt8(ascii: "/") {
                    // Either a comment, or the first byte of a statement: hold it until the next byte tells.
                    if !lexer.inStatement {
                        hold(at: index, segment: &segment, base: base, chunk: chunk, visitor: &visitor)
                    }
                    lexer.state = byte == UInt8(ascii: "-") ? .dash : .slash
                    if lexer.isExponent(wordBefore) { lexer.before = .number }
                    break
                }
                if byte == .backslash {
                    let inStatement = lexer.inStatement
                    if inStatement { flushStatementBefore(index, segment: &segment, chunk: chunk, visitor: &visitor) }
                    hold(at: index, segment: &segment, base: base, chunk: chunk, visitor: &visitor)
                    lexer.resetStatement()
                    lexer.inStatement = inStatement
                    lexer.state = .meta
                    break
                }
                beginStatement(at: index, segment: &segment, base: base, chunk: chunk, visitor: &visitor)
                if byte == .quote, lexer.isAmbiguousQuote(after: wordBefore) {
                    visitor.ambiguity(at: DumpPosition(offset: base + Int64(index), line: line))
                }
                if plainToken(byte, wordBefore: wordBefore) {
                    index += 1
                    let copyFollows = endStatement(chunk[rebased: segment..<index], visitor: &visitor)
                    segment = index
                    if copyFollows {
                        mode = .copyHeaderLine
                        return index
                    }
                    continue
                }

            case .dash, .slash:
                let isComment = lexer.state == .dash ? byte == UInt8(ascii: "-") : byte == UInt8(ascii: "*")
                if isComment {
                    // psql 15 and later take the first `-` of `1e--` for the exponent's.
                    if lexer.state == .dash, lexer.before == .number {
                        visitor.ambiguity(at: DumpPosition(offset: base + Int64(index), line: line))
                    }
                    if !lexer.inStatement { releaseHeld(visitor: &visitor) }
                    lexer.commentDepth = 1
                    if lexer.state == .slash { lexer.continuation = .none }
                    lexer.state = lexer.state == .dash ? .lineComment : .blockComment
                } else {
                    lexer.inStatement = true
                    lexer.continuation = .none
                    lexer.state = .plain
                    continue
                }

            case .lineComment:
                if byte == .lineFeed || byte == .carriageReturn {
                    if lexer.continuation == .closed { lexer.continuation = .nextLine }
                    lexer.state = .plain
                }

            case .meta:
                if byte == .lineFeed {
                    emitMetaCommand(chunk[rebased: segment..<index], visitor: &visitor)
                    segment = index
                }

            case .variable:
                if !byte.isWordStart, !byte.isDigit {
                    if byte == .quote || byte == .dollar {
                        visitor.ambiguity(at: DumpPosition(offset: base + Int64(index), line: line))
                    }
                    lexer.before = .other
                    lexer.state = .plain
                    continue
                }

            default:
                if !lexer.insideToken(byte) { continue }
            }
            if byte == .lineFeed { line += 1 }
            index += 1
        }
        keepOpen(chunk[rebased: segment..<index], visitor: &visitor)
        return index
    }

    /// One byte outside words, quotes and comments. Returns whether it ends the statement.
    private mutating func plainToken(_ byte: UInt8, wordBefore: SQLLexerState.Word) -> Bool {
        let continuation = lexer.continuation
        lexer.continuation = .none
        switch byte {
        case .semicolon:
            if lexer.parenthesisDepth == 0, lexer.atomicDepth > 0 { lexer.hasInnerSemicolon = true }
            return lexer.parenthesisDepth == 0 && lexer.atomicDepth == 0
        case UInt8(ascii: ":"):
            lexer.before = lexer.before == .colon ? .other : .colon
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."):
            lexer.before = .number
        case UInt8(ascii: "("):
            lexer.parenthesisDepth += 1
        case UInt8(ascii: ")"):
            if lexer.parenthesisDepth > 0 { lexer.parenthesisDepth -= 1 }
        case .quote:
            lexer.escapes = wordBefore.matches("e") || continuation == .nextLine
            lexer.state = .quote
        case .doubleQuote:
            lexer.state = .doubleQuote
        case .dollar:
            lexer.dollarTag.removeAll(keepingCapacity: true)
            lexer.state = .dollarTag
        default:
            break
        }
        return false
    }
}

extension SQLLexerState {
    func isExponent(_ word: Word) -> Bool { word.matches("e") && wordFollowsNumber }

    /// Whether psql and the server, or two versions of them, may differ on whether backslashes escape in the string
    /// that begins here: an E-string that goes on on another line, which psql does not see, or an `E` behind a number.
    func isAmbiguousQuote(after word: Word) -> Bool {
        continuation == .nextLine || isExponent(word)
    }

    /// One byte inside a comment or a quote. Returns false if the byte is to be read again as plain SQL.
    mutating func insideToken(_ byte: UInt8) -> Bool {
        switch state {
        case .blockComment, .blockStar, .blockSlash:
            if state == .blockStar, byte == UInt8(ascii: "/") {
                commentDepth -= 1
                state = commentDepth == 0 ? .plain : .blockComment
            } else if state == .blockSlash, byte == UInt8(ascii: "*") {
                commentDepth += 1
                state = .blockComment
            } else {
                state = byte == UInt8(ascii: "*") ? .blockStar : byte == UInt8(ascii: "/") ? .blockSlash : .blockComment
            }
        case .quote:
            if byte == .quote { state = .quoteEnd } else if escapes, byte == .backslash { state = .quoteEscape }
        case .quoteEscape:
            state = .quote
        case .quoteEnd:
            if byte != .quote {
                continuation = escapes ? .closed : .none
                state = .plain
                return false
            }
            state = .quote
        case .doubleQuote:
            if byte == .doubleQuote { state = .plain }
        case .dollarTag:
            if byte == .dollar {
                state = .dollarBody
            } else if byte.isWordStart || (byte.isDigit && !dollarTag.isEmpty) {
                dollarTag.append(byte)
            } else {
                // `$1`, or a lone `$`: what looked like a tag was a word.
                state = .plain
                for tagByte in dollarTag { word.append(tagByte) }
                return false
            }
        case .dollarBody:
            if byte == .dollar {
                dollarMatched = 0
                state = .dollarEnd
            }
        case .dollarEnd:
            if byte == .dollar {
                if dollarMatched == dollarTag.count { state = .plain } else { dollarMatched = 0 }
            } else if dollarMatched < dollarTag.count, byte == dollarTag[dollarMatched] {
                dollarMatched += 1
            } else {
                state = .dollarBody
            }
        default:
            break
        }
        return true
    }
}
