import TestSupport
import Testing

@testable import MigrationKitPostgresDump

/// Lines and statements of any length, in bounded memory.
@Suite struct DumpScannerLongTests {
    private static let limit = DumpScanner.statementLimit

    /// Counts what comes and keeps nothing.
    private struct CountingVisitor: DumpVisitor {
        var bytes = 0
        var rows = 0
        var statements = 0
        var longStatements = 0
        var headLength = 0

        mutating func gap(_ bytes: UnsafeRawBufferPointer) { self.bytes += bytes.count }
        mutating func statement(_ bytes: UnsafeRawBufferPointer, at position: DumpPosition) -> Bool {
            self.bytes += bytes.count
            statements += 1
            return bytes.starts(with: "COPY".utf8)
        }
        mutating func longStatement(head: UnsafeRawBufferPointer, at position: DumpPosition) {
            bytes += head.count
            headLength = head.count
        }
        mutating func longStatementTail(_ bytes: UnsafeRawBufferPointer) { self.bytes += bytes.count }
        mutating func longStatementEnd() { longStatements += 1 }
        mutating func metaCommand(_ bytes: UnsafeRawBufferPointer, at position: DumpPosition, inStatement: Bool) {
            self.bytes += bytes.count
        }
        mutating func ambiguity(at position: DumpPosition) {}
        mutating func copyData(_ bytes: UnsafeRawBufferPointer) { self.bytes += bytes.count }
        mutating func row(_ bytes: UnsafeRawBufferPointer, tabs: Int) { rows += 1 }
        mutating func rowFragment(_ bytes: UnsafeRawBufferPointer, tabs: Int) {}
        mutating func rowEnd() { rows += 1 }
        mutating func rowAbandoned() {}
        mutating func copyEnd() {}
    }

    /// Scans `head`, then `count` times the filler, then `tail`, and watches what the scanner keeps.
    private func scan(_ head: String, filler: [UInt8], count: Int, _ tail: String) -> (CountingVisitor, pending: Int) {
        var scanner = DumpScanner()
        var visitor = CountingVisitor()
        var pending = 0
        Chunking.whole.forEachChunk(of: Array(head.utf8)) { scanner.scan($0, visitor: &visitor) }
        for _ in 0..<count {
            filler.withUnsafeBytes { scanner.scan($0, visitor: &visitor) }
            pending = max(pending, scanner.pending.count)
        }
        Chunking.whole.forEachChunk(of: Array(tail.utf8)) { scanner.scan($0, visitor: &visitor) }
        #expect(scanner.isBetweenStatements)
        #expect(visitor.bytes == head.utf8.count + count * filler.count + tail.utf8.count)
        return (visitor, pending)
    }

    @Test func rowOf200MegabytesIsNotKept() {
        let filler = [UInt8](repeating: UInt8(ascii: "x"), count: 1_000_000)
        let (visitor, pending) = scan("COPY t FROM stdin;\n1\n", filler: filler, count: 200, "\n\\.\nSELECT 1;\n")
        #expect(visitor.rows == 2)
        #expect(visitor.statements == 2)
        #expect(pending <= Self.limit)
    }

    @Test func stringOf20MegabytesIsNotKept() {
        let filler = [UInt8](repeating: UInt8(ascii: "x"), count: 1_000_000)
        let (visitor, pending) = scan("SELECT '", filler: filler, count: 20, ";'; SELECT 1;\n")
        #expect(visitor.longStatements == 1)
        #expect(visitor.statements == 1)
        #expect(visitor.headLength == Self.limit)
        #expect(pending <= Self.limit)
    }

    @Test func commentBetweenStatementsIsNotKept() {
        let filler = Array("/* ; */ -- x \\\n".utf8)
        let (visitor, pending) = scan("/*", filler: filler, count: 20_000, "*/ SELECT 1;")
        #expect(visitor.statements == 1)
        #expect(pending == 0)
    }

    @Test func metaCommandOfAnyLengthIsNotKept() {
        let filler = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 18)
        let (visitor, pending) = scan("\\restrict ", filler: filler, count: 6, "\nSELECT 1;")
        #expect(visitor.longStatements == 1)
        #expect(visitor.statements == 1)
        #expect(pending <= Self.limit)
    }

    @Test(arguments: [-1, 0, 1])
    func limitIsTheSameForAnyChunks(excess: Int) {
        let padding = String(repeating: "x", count: Self.limit + excess - "SELECT '';".utf8.count)
        let dump = "SELECT '\(padding)';SELECT 2;"
        let whole = Scan(dump)
        #expect(whole.statements.count == (excess > 0 ? 1 : 2))
        for chunking in [Chunking.cut(Self.limit - 1), .cut(Self.limit), .cut(Self.limit + 1), .every(300_000)] {

            let isSame = Scan(dump, chunking) == whole
            #expect(isSame, "\(chunking)")

        }
    }

    @Test func metaCommandInsideALongStatementIsTheSameForAnyChunks() {
        let dump = "SELECT '" + String(repeating: "x", count: Self.limit) + "' \\gexec\nSELECT 1;"
        let whole = Scan(dump)
        #expect(whole.statements == ["SELECT 1;"])
        for chunking in [Chunking.cut(100), .cut(Self.limit + 9), .every(300_000)] {

            let isSame = Scan(dump, chunking) == whole
            #expect(isSame, "\(chunking)")

        }
    }

    @Test func unfinishedLongStatementIsTorn() {
        let scan = Scan("SELECT '" + String(repeating: "x", count: Self.limit) + "'", .every(300_000))
        #expect(!scan.isBetweenStatements)
        #expect(scan.events.count == 1)
    }
}
