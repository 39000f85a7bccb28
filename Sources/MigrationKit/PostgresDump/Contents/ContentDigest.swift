/// What a table holds, whatever the order of its rows: how many rows, and the sum modulo 2^128 of each row's hash.
///
/// A row that is missing, added, doubled or altered changes it; rows in another order do not. The hash is of the row's
/// COPY text without the line end.
package struct ContentDigest: Sendable, Hashable {
    /// How many rows.
    package private(set) var rows: Int = 0
    /// The sum of the rows' hashes (MurmurHash3 x64 128), modulo 2^128.
    package private(set) var sum: UInt128 = 0

    private var openRow = RowHash()

    /// The digest of no rows.
    package init() {}

    /// Counts one row.
    ///
    /// - Parameter row: Its COPY text, without the line end.
    @inline(__always)
    package mutating func add(row: UnsafeRawBufferPointer) {
        rows &+= 1
        sum &+= RowHash.hash(row)
    }

    /// Adds rows that were counted apart.
    package mutating func add(_ other: ContentDigest) {
        rows &+= other.rows
        sum &+= other.sum
    }

    mutating func add(fragment: UnsafeRawBufferPointer) { openRow.update(fragment) }

    mutating func endRow() {
        rows &+= 1
        sum &+= openRow.finalize()
        openRow = RowHash()
    }

    mutating func abandonRow() { openRow = RowHash() }

    /// The sum as 32 hexadecimal digits.
    package var hexSum: String {
        let digits = String(sum, radix: 16)
        return String(repeating: "0", count: 32 - digits.count) + digits
    }

    /// Two digests are equal when rows and sum are.
    package static func == (left: Self, right: Self) -> Bool { left.rows == right.rows && left.sum == right.sum }

    /// Hashes rows and sum.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(rows)
        hasher.combine(sum)
    }
}
