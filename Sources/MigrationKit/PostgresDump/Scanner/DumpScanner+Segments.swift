/// Handing on what has been found, whole, though the chunks may have cut it.
extension DumpScanner {
    /// The first token of a statement: what stood before it was a gap.
    mutating func beginStatement(
        at index: Int, segment: inout Int, base: Int64, chunk: UnsafeRawBufferPointer, visitor: inout some DumpVisitor
    ) {
        guard !lexer.inStatement else { return }
        hold(at: index, segment: &segment, base: base, chunk: chunk, visitor: &visitor)
        lexer.inStatement = true
    }

    /// From `index` on the bytes are kept together; those before it are a gap.
    mutating func hold(
        at index: Int, segment: inout Int, base: Int64, chunk: UnsafeRawBufferPointer, visitor: inout some DumpVisitor
    ) {
        if segment < index { visitor.gap(chunk[rebased: segment..<index]) }
        segment = index
        pendingStart = DumpPosition(offset: base + Int64(index), line: line)
    }

    /// What was held is a comment after all.
    mutating func releaseHeld(visitor: inout some DumpVisitor) {
        guard !pending.isEmpty else { return }
        pending.withUnsafeBytes { visitor.gap($0) }
        pending.removeAll(keepingCapacity: true)
    }

    /// The chunk has ended: a gap is handed on, anything else is kept for the next chunk.
    mutating func keepOpen(_ rest: UnsafeRawBufferPointer, visitor: inout some DumpVisitor) {
        guard !rest.isEmpty else { return }
        let isHeld =
            lexer.inStatement || lexer.state == .dash || lexer.state == .slash || lexer.state == .meta
        if isHeld { append(rest, visitor: &visitor) } else { visitor.gap(rest) }
    }

    /// The statement's `;` has come; `last` is what the current chunk holds of it.
    mutating func endStatement(_ last: UnsafeRawBufferPointer, visitor: inout some DumpVisitor) -> Bool {
        defer {
            pending.removeAll(keepingCapacity: pending.capacity <= 1 << 16)
            isLong = false
            lexer.resetStatement()
        }
        if pending.isEmpty, !isLong, last.count <= Self.statementLimit {
            return visitor.statement(last, at: pendingStart)
        }
        append(last, visitor: &visitor)
        if isLong {
            visitor.longStatementEnd()
            // Whether they are all of one body, nobody has looked.
            if lexer.hasInnerSemicolon { visitor.ambiguity(at: pendingStart) }
            return false
        }
        return pending.withUnsafeBytes { visitor.statement($0, at: pendingStart) }
    }

    /// A meta-command inside a statement: the bytes before it go on as they are.
    mutating func flushStatementBefore(
        _ index: Int, segment: inout Int, chunk: UnsafeRawBufferPointer, visitor: inout some DumpVisitor
    ) {
        append(chunk[rebased: segment..<index], visitor: &visitor)
        if isLong {
            visitor.longStatementEnd()
            isLong = false
        } else {
            releaseHeld(visitor: &visitor)
        }
        segment = index
    }

    /// The line of a backslash command has ended.
    mutating func emitMetaCommand(_ last: UnsafeRawBufferPointer, visitor: inout some DumpVisitor) {
        append(last, visitor: &visitor)
        let inStatement = lexer.inStatement
        if isLong {
            visitor.longStatementEnd()
        } else {
            pending.withUnsafeBytes { visitor.metaCommand($0, at: pendingStart, inStatement: inStatement) }
        }
        pending.removeAll(keepingCapacity: true)
        isLong = false
        lexer.resetStatement()
        lexer.state = .plain
    }

    /// Keeps bytes of an open statement; past the limit they go on in pieces, the head always of the same length.
    private mutating func append(_ bytes: UnsafeRawBufferPointer, visitor: inout some DumpVisitor) {
        var rest = bytes
        if !isLong {
            let room = Self.statementLimit - pending.count
            pending.append(contentsOf: rest.prefix(room))
            guard rest.count > room else { return }
            rest = rest[rebased: room..<rest.count]
            pending.withUnsafeBytes { visitor.longStatement(head: $0, at: pendingStart) }
            pending = []
            isLong = true
        }
        if !rest.isEmpty { visitor.longStatementTail(rest) }
    }
}
