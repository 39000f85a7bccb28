package import NIOCore

/// What was added to a part of a dump, without the statements that make it a transaction which notes its name.
///
/// Whoever loads a part in a transaction of their own makes these themselves, and believes nothing of what was added: the
/// settings and the COPY that goes on in the part are left, for a pass to judge them with the rows. Lines keep their
/// numbers.
package enum OwnStatements {
    /// What is left of the text before a part's stretch of the dump.
    package static func removed(fromPrologue text: ByteBuffer) -> ByteBuffer {
        var remover = Remover()
        var scanner = DumpScanner()
        text.withUnsafeReadableBytes { scanner.scan($0, visitor: &remover) }
        scanner.finish(visitor: &remover)
        return remover.output
    }

    /// What is left of the text behind it.
    package static func removed(fromEpilogue text: ByteBuffer) -> ByteBuffer {
        // The end of the COPY that the part was cut in; by itself it is a command that psql does not have.
        guard text.readableBytesView.starts(with: Array(#"\."#.utf8)),
            let lineFeed = text.readableBytesView.firstIndex(of: .lineFeed)
        else { return removed(fromPrologue: text) }
        var rest = text
        var output = rest.readSlice(length: lineFeed - text.readerIndex + 1) ?? ByteBuffer()
        output.writeImmutableBuffer(removed(fromPrologue: rest))
        return output
    }

    private struct Remover: DumpVisitor {
        var output = ByteBuffer()

        mutating func statement(_ bytes: UnsafeRawBufferPointer, at position: DumpPosition) -> Bool {
            let tokens = SQLToken.tokens(of: bytes)
            guard !isOwn(tokens) else {
                output.writeRepeatingByte(.lineFeed, count: bytes.count { $0 == .lineFeed })
                return false
            }
            output.writeBytes(bytes)
            return (try? CopyHeader(tokens)) != nil
        }

        private func isOwn(_ tokens: [SQLToken]) -> Bool {
            switch tokens.first {
            case .word("begin"), .word("commit"), .word("do"): true
            default: tokens.contains { $0.name == SplitText.schema }
            }
        }

        // Whatever else is there stays, and is refused.
        mutating func longStatement(head: UnsafeRawBufferPointer, at position: DumpPosition) { output.writeBytes(head) }
        mutating func longStatementTail(_ bytes: UnsafeRawBufferPointer) { output.writeBytes(bytes) }
        mutating func longStatementEnd() {}
        mutating func metaCommand(_ bytes: UnsafeRawBufferPointer, at position: DumpPosition, inStatement: Bool) {
            output.writeBytes(bytes)
        }
        mutating func ambiguity(at position: DumpPosition) {}
        mutating func gap(_ bytes: UnsafeRawBufferPointer) { output.writeBytes(bytes) }
        mutating func copyData(_ bytes: UnsafeRawBufferPointer) { output.writeBytes(bytes) }
        mutating func row(_ bytes: UnsafeRawBufferPointer, tabs: Int) {}
        mutating func rowFragment(_ bytes: UnsafeRawBufferPointer, tabs: Int) {}
        mutating func rowEnd() {}
        mutating func rowAbandoned() {}
        mutating func copyEnd() {}
    }
}
