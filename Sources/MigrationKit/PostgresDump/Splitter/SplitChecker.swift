package import NIOCore

/// Holds the parts of a dump against what a ``DumpSplitter`` makes of the dump they hold.
///
/// What was added to a part is not of the dump, but a server that imports the part runs it. So nothing is believed of it:
/// all of it has to be what would be added today.
package struct SplitChecker: Sendable {
    private var splitter: DumpSplitter
    private var last: DumpPart.Kind?
    /// Parts that were read and are not compared yet.
    private var found: [SplitPart] = []
    private var offset: Int64 = 0

    /// More parts are never waiting: of a dump without rows nothing is known before its end.
    private static let waitingLimit = 4

    package init(names: PartNames) { splitter = DumpSplitter(names: names, size: nil) }

    /// A part begins.
    package mutating func begin(_ part: DumpPart) throws {
        if last == .data, part.kind == .data, !splitter.cut() { throw Self.strange(part.object.name) }
        last = part.kind
    }

    /// Takes bytes of the dump.
    package mutating func scan(_ chunk: ByteBuffer) throws { try compare(try splitter.scan(chunk)) }

    /// A part has ended.
    package mutating func end(_ part: DumpPart, prologue: ByteBuffer, length: Int64, epilogue: ByteBuffer) throws {
        guard found.count < Self.waitingLimit else { throw Self.strange(found[0].name) }
        found.append(
            SplitPart(
                kind: part.kind, name: part.object.name, start: offset, prologue: prologue, length: length,
                epilogue: epilogue, hasEnded: true))
        offset += length
    }

    /// The dump has ended.
    package mutating func finish() throws {
        try compare(try splitter.finish())
        if let rest = found.first { throw Self.strange(rest.name) }
    }

    private mutating func compare(_ pieces: [SplitPiece]) throws {
        for case .end(var expected) in pieces {
            guard let index = found.firstIndex(where: { $0.name == expected.name }) else {
                throw Self.strange(found.first?.name ?? expected.name)
            }
            // It comes behind the schema and is read before it.
            if expected.kind == .extensions { expected.start = 0 }
            guard found.remove(at: index) == expected else { throw Self.strange(expected.name) }
        }
    }

    private static func strange(_ name: String) -> MigrationError {
        MigrationError(
            .damagedSnapshot,
            "\(name) is not a part that src-snapshot made: it is split differently, or contains other text.",
            next: "Find out who wrote it, then upload the snapshot again.")
    }
}
