/// A table with rows that Sourcegraph has encrypted.
package struct EncryptedRows: Sendable, Hashable, Codable {
    /// The table.
    package var table: TableName
    /// How many rows.
    package var rows: Int
}

/// Counts the rows that Sourcegraph has encrypted with a key of the instance's.
///
/// Tables differ from release to release, so each with a column `encryption_key_id` counts. In it `''` and `unmigrated`
/// stand for plain text (Sourcegraph 5.1, internal/encryption/helpers.go).
struct EncryptedRowCount {
    /// What was found, table by table.
    private(set) var tables: [EncryptedRows] = []

    private var table: TableName?
    /// Where the key stands in the rows that pass; nil: nowhere.
    private var place: Int?
    private var rows = 0
    /// The column that passes, and what of its key has passed.
    private var column = 0
    private var key: [UInt8] = []
    /// A key is a name: more of it tells nothing more.
    private static let keyLength = 16

    mutating func beginRows(of header: CopyHeader) {
        table = header.table
        place = header.columns.firstIndex(of: "encryption_key_id")
        rows = 0
    }

    @inline(__always)
    mutating func row(_ bytes: UnsafeRawBufferPointer) {
        guard place != nil else { return }
        look(at: bytes)
        endRow()
    }

    @inline(__always)
    mutating func fragment(_ bytes: UnsafeRawBufferPointer) {
        if place != nil { look(at: bytes) }
    }

    mutating func endRow() {
        guard place != nil else { return }
        let isPlain = key.isEmpty || key.elementsEqual("unmigrated".utf8) || key.elementsEqual(#"\N"#.utf8)
        if !isPlain { rows += 1 }
        abandonRow()
    }

    mutating func abandonRow() { (column, key) = (0, []) }

    mutating func endRows() {
        guard let table, rows > 0 else { return }
        if let index = tables.firstIndex(where: { $0.table == table }) {
            tables[index].rows += rows
        } else {
            tables.append(EncryptedRows(table: table, rows: rows))
        }
        rows = 0
    }

    private mutating func look(at bytes: UnsafeRawBufferPointer) {
        for byte in bytes {
            if byte == UInt8(ascii: "\t") {
                column += 1
            } else if column == place, key.count < Self.keyLength {
                key.append(byte)
            }
        }
    }
}
