import TestSupport

@testable import MigrationKitPostgresDump

/// What a scan has found, with nothing in it of how the dump was cut into chunks.
enum ScanEvent: Equatable {
    case gap(SQLBytes)
    case statement(SQLBytes, at: DumpPosition)
    /// A statement longer than the scanner keeps.
    case long(SQLBytes, at: DumpPosition)
    case meta(SQLBytes, at: DumpPosition, inStatement: Bool)
    /// COPY data as it stands, and the rows in it; `isWhole`: the `\.` line has come.
    case copy(SQLBytes, rows: [SQLBytes], isWhole: Bool)
}

/// Writes down all that the scanner says, pieces joined.
struct RecordingVisitor: DumpVisitor {
    private(set) var events: [ScanEvent] = []
    private(set) var ambiguities: [DumpPosition] = []

    private var openGap: [UInt8] = []
    private var openLong: (bytes: [UInt8], position: DumpPosition)?
    private var copy: (data: [UInt8], rows: [SQLBytes])?
    private var openRow: [UInt8] = []

    mutating func gap(_ bytes: UnsafeRawBufferPointer) { openGap += bytes }

    mutating func statement(_ bytes: UnsafeRawBufferPointer, at position: DumpPosition) -> Bool {
        append(.statement(SQLBytes(bytes), at: position))
        let isCopy = (try? CopyHeader(SQLToken.tokens(of: bytes))) != nil
        return isCopy
    }

    mutating func longStatement(head: UnsafeRawBufferPointer, at position: DumpPosition) {
        openLong = (Array(head), position)
    }

    mutating func longStatementTail(_ bytes: UnsafeRawBufferPointer) { openLong?.bytes += bytes }

    mutating func longStatementEnd() {
        guard let long = openLong else { return }
        openLong = nil
        append(.long(SQLBytes(long.bytes), at: long.position))
    }

    mutating func metaCommand(_ bytes: UnsafeRawBufferPointer, at position: DumpPosition, inStatement: Bool) {
        append(.meta(SQLBytes(bytes), at: position, inStatement: inStatement))
    }

    mutating func ambiguity(at position: DumpPosition) { ambiguities.append(position) }

    mutating func copyData(_ bytes: UnsafeRawBufferPointer) {
        flushGap()
        copy = copy ?? ([], [])
        copy?.data += bytes
    }

    mutating func row(_ bytes: UnsafeRawBufferPointer, tabs: Int) {
        copy = copy ?? ([], [])
        copy?.rows.append(SQLBytes(bytes))
    }

    mutating func rowFragment(_ bytes: UnsafeRawBufferPointer, tabs: Int) { openRow += bytes }

    mutating func rowEnd() {
        openRow.withUnsafeBytes { row($0, tabs: 0) }
        openRow = []
    }

    mutating func rowAbandoned() { openRow = [] }

    mutating func copyEnd() { endCopy(isWhole: true) }

    /// The dump has ended.
    mutating func finish() {
        longStatementEnd()
        endCopy(isWhole: false)
        flushGap()
    }

    private mutating func endCopy(isWhole: Bool) {
        guard let copy else { return }
        self.copy = nil
        append(.copy(SQLBytes(copy.data), rows: copy.rows, isWhole: isWhole))
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

/// One scan: what was found, and where it ended.
struct Scan: Equatable {
    var events: [ScanEvent]
    var ambiguities: [DumpPosition]
    var isBetweenStatements: Bool
    var offset: Int64
    var line: Int

    init(_ dump: [UInt8], _ chunking: Chunking = .whole) {
        var scanner = DumpScanner()
        var visitor = RecordingVisitor()
        chunking.forEachChunk(of: dump) { scanner.scan($0, visitor: &visitor) }
        scanner.finish(visitor: &visitor)
        visitor.finish()
        events = visitor.events
        ambiguities = visitor.ambiguities
        isBetweenStatements = scanner.isBetweenStatements
        offset = scanner.offset
        line = scanner.line
    }

    init(_ dump: String, _ chunking: Chunking = .whole) { self.init(Array(dump.utf8), chunking) }

    /// The statements alone, as text.
    var statements: [String] {
        events.compactMap { if case .statement(let bytes, _) = $0 { text(bytes) } else { nil } }
    }

    /// The meta-commands alone, as text.
    var metaCommands: [String] {
        events.compactMap { if case .meta(let bytes, _, _) = $0 { text(bytes) } else { nil } }
    }

    /// The rows of all COPYs, as text.
    var rows: [String] {
        events.flatMap { if case .copy(_, let rows, _) = $0 { rows.map(text) } else { [String]() } }
    }

    private func text(_ bytes: SQLBytes) -> String { String(decoding: bytes.bytes, as: UTF8.self) }
}
