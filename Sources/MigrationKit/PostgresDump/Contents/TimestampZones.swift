/// Watches whether a dump's times with time zone are written in UTC.
///
/// The server writes them in the session's zone. A dump made without `PGTZ=UTC` is as good as another, but its text
/// cannot be compared with what the destination writes; better to be told at the upload than by a failed proof.
struct TimestampZones {
    /// The first table with times in another zone.
    private(set) var foreignTable: TableName?

    private var columns: [TableName: Set<String>] = [:]
    private var table: TableName?
    /// Where such times stand in the rows that pass.
    private var places: [Int] = []
    private var rows = 0
    /// A row that the chunk's end has cut, up to a length beyond which no time is looked for.
    private var openRow: [UInt8] = []
    private static let rowLimit = 1 << 20

    /// Zones with summer time are UTC for half of the year, so more than the first rows are looked at; not all, since
    /// every byte counts.
    private static let firstRows = 64
    private static let everyRow = 256

    /// Notes the columns of a `CREATE TABLE`.
    mutating func observe(_ tokens: [SQLToken]) {
        guard let keyword = tokens.prefix(3).firstIndex(of: .word("table")),
            let open = tokens.firstIndex(of: .symbol(UInt8(ascii: "(")))
        else { return }
        let names = CloudSQLRules.afterIfExists(tokens[(keyword + 1)..<open]).compactMap(\.name)
        guard let name = names.last else { return }
        let table = TableName(schema: names.count > 1 ? names[0] : "public", name: name)
        var depth = 1
        var isColumn = true
        for index in tokens.indices.dropFirst(open + 1) {
            if isColumn, let column = tokens[index].name, Self.isTimestampWithZone(tokens[(index + 1)...]) {
                columns[table, default: []].insert(column)
            }
            isColumn = false
            switch tokens[index] {
            case .symbol(UInt8(ascii: "(")): depth += 1
            case .symbol(UInt8(ascii: ")")): depth -= 1
            case .symbol(UInt8(ascii: ",")): isColumn = depth == 1
            default: break
            }
        }
    }

    /// `timestamp with time zone`, or with a precision, `timestamp(3) with time zone`.
    private static func isTimestampWithZone(_ type: ArraySlice<SQLToken>) -> Bool {
        type.first == .word("timestamp") && type.prefix(5).contains(.word("with"))
    }

    mutating func beginRows(of header: CopyHeader) {
        let names = columns[header.table] ?? []
        table = header.table
        places = header.columns.indices.filter { names.contains(header.columns[$0]) }
        rows = 0
    }

    @inline(__always)
    mutating func row(_ bytes: UnsafeRawBufferPointer) {
        guard !places.isEmpty else { return }
        rows += 1
        if isLookedAt(rows) { look(at: bytes) }
    }

    mutating func fragment(_ bytes: UnsafeRawBufferPointer) {
        if !places.isEmpty, isLookedAt(rows + 1) {
            openRow.append(contentsOf: bytes.prefix(Self.rowLimit - openRow.count))
        }
    }

    mutating func endRow() {
        openRow.withUnsafeBytes { row($0) }
        openRow = []
    }

    mutating func abandonRow() { openRow = [] }

    private func isLookedAt(_ row: Int) -> Bool { row <= Self.firstRows || row % Self.everyRow == 0 }

    private mutating func look(at row: UnsafeRawBufferPointer) {
        let fields = row.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
        for place in places where place < fields.count && foreignTable == nil {
            if Self.isForeign(String(decoding: fields[place], as: UTF8.self)) { foreignTable = table }
        }
    }

    /// `2023-03-30 10:00:00.5+02`; not so `…+00`, `infinity` or `\N`.
    private static func isForeign(_ text: String) -> Bool {
        let time = text.hasSuffix(" BC") ? text.dropLast(3) : text[...]
        guard time.first?.isNumber == true, let sign = time.lastIndex(where: { $0 == "+" || $0 == "-" }) else {
            return false
        }
        return time[sign...].dropFirst().contains { $0 != "0" && $0 != ":" }
    }
}
