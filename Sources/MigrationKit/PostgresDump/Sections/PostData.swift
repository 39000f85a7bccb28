package import NIOCore

/// What a dump builds on its rows, cut into pieces that can be built side by side.
///
/// Indexes, and keys that need one, come in the order of the dump; so do foreign keys, once what they refer to is there.
/// Whatever else stands between them keeps its place: what comes before it is done before, and what comes behind it after.
/// So the order is never another one than the dump's where it could matter, whatever a dump holds.
package struct PostData: Sendable {
    /// Pieces that are built side by side, or one that is run by itself.
    package struct Stage: Sendable {
        package internal(set) var pieces: [Piece]
        /// The settings that the dump has made before it.
        package let settings: [UInt8]
        fileprivate let kind: Piece.Kind

        /// Whether its pieces may be built side by side.
        package var isSideBySide: Bool { kind != .rest }
    }

    /// Statements that are run in one transaction.
    package struct Piece: Sendable {
        package enum Kind: Sendable, Hashable {
            /// A `CREATE INDEX`: others of the same table may be built beside it.
            case index
            /// A primary key or another constraint that builds an index: nothing else is done to its table meanwhile.
            case key
            /// A foreign key.
            case foreignKey
            /// All else.
            case rest
        }

        /// What it begins with.
        package let kind: Kind
        /// Its number among all pieces of the dump, from 1.
        package let number: Int
        /// Each statement, and its line.
        package internal(set) var statements: [(text: [UInt8], line: Int)]
        /// Tables that it locks: for itself alone, unless ``locksAlone`` is false.
        package let tables: Set<TableName>
        package internal(set) var locksAlone: Bool
        /// The index or constraint that it makes, and of which table.
        let name: TableName?
        package let table: TableName?
    }

    package private(set) var stages: [Stage] = []

    /// Cuts.
    ///
    /// - Parameter text: A dump's text from what is built on the rows to its end, with the settings before it.
    package init(_ text: ByteBuffer) {
        var cutter = PostDataCutter()
        var scanner = DumpScanner()
        text.withUnsafeReadableBytes { scanner.scan($0, visitor: &cutter) }
        scanner.finish(visitor: &cutter)
        stages = cutter.stages
    }

    /// The pieces of all stages.
    package var pieces: [Piece] { stages.flatMap(\.pieces) }
}

/// Sorts statements into stages.
private struct PostDataCutter {
    private(set) var stages: [PostData.Stage] = []
    private var settings = SessionSettings()
    /// A stage with other settings begins.
    private var isSet = false
    private var pieces = 0
    /// The statement that is longer than the scanner keeps.
    private var long: (text: [UInt8], line: Int)?
    /// The COPY whose rows are passing: a dump that somebody has put together has some behind what is no data.
    private var copy: (text: [UInt8], line: Int)?

    private mutating func take(_ text: [UInt8], line: Int) {
        let tokens = text.withUnsafeBytes { SQLToken.tokens(of: $0) }
        if let setting = SessionSettings.setting(tokens) {
            text.withUnsafeBytes { settings.note(setting, $0) }
            isSet = true
            return
        }
        if let companion = PostDataStatement.subject(tokens), join(companion, text, line) { return }
        add(text, line: line, PostDataStatement(tokens))
    }

    private mutating func add(_ text: [UInt8], line: Int, _ statement: PostDataStatement?) {
        let kind = statement?.kind ?? .rest
        let isBuild = { (kind: PostData.Piece.Kind) in kind == .index || kind == .key }
        let last = stages.last?.kind
        let goesOn = !isSet && (last == kind || (last.map(isBuild) == true && isBuild(kind)))
        if !goesOn { stages.append(PostData.Stage(pieces: [], settings: settings.text, kind: kind)) }
        isSet = false
        if goesOn, kind == .rest, var piece = stages[stages.count - 1].pieces.popLast() {
            piece.statements.append((text, line))
            stages[stages.count - 1].pieces.append(piece)
            return
        }
        pieces += 1
        stages[stages.count - 1].pieces.append(
            PostData.Piece(
                kind: kind, number: pieces, statements: [(text, line)], tables: statement?.tables ?? [],
                locksAlone: kind != .index, name: statement?.name, table: statement?.table))
    }

    /// What is said of an index or a constraint goes with it, if it was made in the stage that is open.
    private mutating func join(_ subject: PostDataStatement.Subject, _ text: [UInt8], _ line: Int) -> Bool {
        guard !isSet, let stage = stages.indices.last, stages[stage].kind != .rest,
            let index = stages[stage].pieces.lastIndex(where: {
                $0.name == subject.name && (subject.table == nil || $0.table == subject.table)
            })
        else { return false }
        stages[stage].pieces[index].statements.append((text, line))
        if subject.locksTable { stages[stage].pieces[index].locksAlone = true }
        return true
    }
}

extension PostDataCutter: DumpVisitor {
    mutating func statement(_ bytes: UnsafeRawBufferPointer, at position: DumpPosition) -> Bool {
        guard (try? CopyHeader(SQLToken.tokens(of: bytes))) == nil else {
            copy = (Array(bytes), position.line)
            return true
        }
        take(Array(bytes), line: position.line)
        return false
    }

    mutating func longStatement(head: UnsafeRawBufferPointer, at position: DumpPosition) {
        long = (Array(head), position.line)
    }
    mutating func longStatementTail(_ bytes: UnsafeRawBufferPointer) { long?.text += Array(bytes) }
    mutating func longStatementEnd() {
        if let long { take(long.text, line: long.line) }
        long = nil
    }

    // `\restrict` is the loader's, and all others were refused.
    mutating func metaCommand(_ bytes: UnsafeRawBufferPointer, at position: DumpPosition, inStatement: Bool) {}
    mutating func ambiguity(at position: DumpPosition) {}
    mutating func gap(_ bytes: UnsafeRawBufferPointer) { copy?.text += Array(bytes) }
    mutating func copyData(_ bytes: UnsafeRawBufferPointer) { copy?.text += Array(bytes) }
    mutating func row(_ bytes: UnsafeRawBufferPointer, tabs: Int) {}
    mutating func rowFragment(_ bytes: UnsafeRawBufferPointer, tabs: Int) {}
    mutating func rowEnd() {}
    mutating func rowAbandoned() {}
    mutating func copyEnd() {
        if let copy { add(copy.text, line: copy.line, nil) }
        copy = nil
    }
}
