internal import CMigrationKit

extension DumpScanner {
    /// Reads rows of COPY text until the chunk ends or the `\.` line comes. Nearly every byte of a dump passes here.
    ///
    /// - Returns: The index of the first byte that was not read.
    mutating func scanCopyData(
        _ chunk: UnsafeRawBufferPointer, from start: Int, visitor: inout some DumpVisitor
    ) -> Int {
        guard let base = chunk.baseAddress else { return start }
        var index = start
        var rows = 0
        var ended = false
        while index < chunk.count {
            let (length, tabs) = Self.rowEnd(base + index, chunk.count - index)
            let end = index + length
            guard end < chunk.count else {
                openRow(chunk[rebased: index..<end], tabs: tabs, visitor: &visitor)
                index = end
                break
            }
            let row = chunk[rebased: index..<end]
            index = end + 1
            rows += 1
            if rowLength > 0 {
                ended = closeRow(row, tabs: tabs, visitor: &visitor)
            } else if row.count <= 3, Self.isTerminator(row) {
                ended = true
            } else {
                visitor.row(row.last == .carriageReturn ? row[rebased: 0..<row.count - 1] : row, tabs: tabs)
            }
            if ended { break }
        }
        line += rows
        offset += Int64(index - start)
        visitor.copyData(chunk[rebased: start..<index])
        if ended {
            visitor.copyEnd()
            mode = .sql
        }
        return index
    }

    /// How many bytes there are before the first line feed, or in all, and how many of them are tabs.
    @inline(__always)
    static func rowEnd(_ start: UnsafeRawPointer, _ count: Int) -> (length: Int, tabs: Int) {
        var tabs = 0
        let length = copy_row_end(start, count, &tabs)
        return (length, tabs)
    }

    /// `\.`, and with CRLF line ends `\.` and CR: what ends COPY data to psql.
    private static func isTerminator(_ row: UnsafeRawBufferPointer) -> Bool {
        row.count >= 2 && row[0] == .backslash && row[1] == UInt8(ascii: ".")
            && (row.count == 2 || (row.count == 3 && row[2] == .carriageReturn))
    }

    /// The chunk ends inside a row.
    private mutating func openRow(_ fragment: UnsafeRawBufferPointer, tabs: Int, visitor: inout some DumpVisitor) {
        guard !fragment.isEmpty else { return }
        releaseReturn(visitor: &visitor)
        for (index, byte) in fragment.prefix(2).enumerated() {
            if rowLength + index == 0 { rowHead.0 = byte }
            if rowLength + index == 1 { rowHead.1 = byte }
        }
        rowLength += fragment.count
        heldReturn = fragment.last == .carriageReturn
        visitor.rowFragment(heldReturn ? fragment[rebased: 0..<fragment.count - 1] : fragment, tabs: tabs)
    }

    /// The rest of a row that began in an earlier chunk. Returns whether it was the `\.` line.
    private mutating func closeRow(
        _ rest: UnsafeRawBufferPointer, tabs: Int, visitor: inout some DumpVisitor
    ) -> Bool {
        if !rest.isEmpty { openRow(rest, tabs: tabs, visitor: &visitor) }
        let length = heldReturn ? rowLength - 1 : rowLength
        let isTerminator = length == 2 && rowHead.0 == .backslash && rowHead.1 == UInt8(ascii: ".")
        if isTerminator { visitor.rowAbandoned() } else { visitor.rowEnd() }
        heldReturn = false
        rowLength = 0
        return isTerminator
    }

    private mutating func releaseReturn(visitor: inout some DumpVisitor) {
        guard heldReturn else { return }
        heldReturn = false
        withUnsafeBytes(of: UInt8.carriageReturn) { visitor.rowFragment($0, tabs: 0) }
    }
}
