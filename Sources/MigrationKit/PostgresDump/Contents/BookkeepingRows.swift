/// The rows of the few tables that say which Sourcegraph this is and how far its migrations went.
struct BookkeepingRows {
    private let header: CopyHeader
    private var rows: [[String: String]] = []
    private var openRow: [UInt8] = []
    private var size = 0

    /// More than a real table of this kind holds: what lies beyond is no bookkeeping.
    private static let sizeLimit = 4 << 20

    /// Nil if the table is none of them.
    init?(_ header: CopyHeader) {
        guard
            header.table.name == "versions" || header.table.name == "migration_logs"
                || header.table.name.hasSuffix("schema_migrations")
        else { return nil }
        self.header = header
    }

    mutating func add(row: UnsafeRawBufferPointer) {
        size += row.count
        guard size <= Self.sizeLimit else { return }
        let values = row.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
        var fields: [String: String] = [:]
        for (column, value) in zip(header.columns, values) where !value.elementsEqual(#"\N"#.utf8) {
            fields[column] = String(decoding: value, as: UTF8.self)
        }
        rows.append(fields)
    }

    mutating func add(fragment: UnsafeRawBufferPointer) {
        // One byte beyond the limit tells that the row was.
        openRow.append(contentsOf: fragment.prefix(Self.sizeLimit + 1 - openRow.count))
    }

    mutating func endRow() {
        openRow.withUnsafeBytes { add(row: $0) }
        openRow = []
    }

    mutating func abandonRow() { openRow = [] }

    /// Puts what the rows tell into the contents.
    func tell(_ contents: inout DumpContents) {
        switch header.table.name {
        case "versions":
            guard let row = rows.first(where: { $0["service"] == "frontend" }) else { return }
            contents.sourcegraphVersion = row["version"]
        case "migration_logs":
            for (schema, rows) in Dictionary(grouping: rows, by: { $0["schema"] ?? "" }).sorted(by: { $0.key < $1.key })
            {
                contents.migrations.removeAll { $0.schema == schema }
                contents.migrations.append(Self.state(schema: schema, logs: rows))
            }
        default:
            // golang-migrate, before Sourcegraph 3.36: one row, the version reached and whether it is dirty.
            // Later instances keep the table as a leftover beside migration_logs, which then speaks, before or after.
            guard !contents.migrations.contains(where: { $0.schema == header.table.name }), let row = rows.first
            else { return }
            let unfinished = row["dirty"] == "t" ? [row["version"] ?? "?"] : []
            contents.migrations.append(
                SchemaMigrationState(schema: header.table.name, applied: 1 - unfinished.count, unfinished: unfinished)
            )
        }
    }

    /// The latest log of each version counts. A failed downgrade leaves the migration applied.
    private static func state(schema: String, logs: [[String: String]]) -> SchemaMigrationState {
        var latest: [String: [String: String]] = [:]
        for log in logs.sorted(by: { (Int($0["id"] ?? "") ?? 0) < (Int($1["id"] ?? "") ?? 0) }) {
            guard let version = log["version"] else { continue }
            if log["up"] == "f", log["success"] == "f" { continue }
            latest[version] = log
        }
        let unfinished = latest.filter { $0.value["success"] != "t" }.keys.sorted()
        let applied = latest.filter { $0.value["success"] == "t" && $0.value["up"] != "f" }.count
        return SchemaMigrationState(schema: schema, applied: applied, unfinished: unfinished)
    }
}
