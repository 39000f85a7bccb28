/// A statement that builds an index, a key or a foreign key, as pg_dump writes it.
struct PostDataStatement {
    let kind: PostData.Piece.Kind
    /// What it makes, by the schema of its table.
    let name: TableName
    /// The table that it is of.
    let table: TableName
    /// Tables that it locks.
    let tables: Set<TableName>

    /// - Returns: Nil for any other statement.
    init?(_ tokens: [SQLToken]) {
        var rest = tokens[...]
        switch (rest.popFirst(), rest.popFirst()) {
        case (.word("create"), let second):
            if second == .word("unique") {
                guard rest.popFirst() == .word("index") else { return nil }
            } else if second != .word("index") {
                return nil
            }
            guard let index = rest.popFirst()?.name, rest.popFirst() == .word("on") else { return nil }
            if rest.first == .word("only") { rest.removeFirst() }
            guard let table = Self.table(&rest) else { return nil }
            (kind, self.table, tables) = (.index, table, [table])
            name = TableName(schema: table.schema, name: index)
        case (.word("alter"), .word("table")):
            if rest.first == .word("only") { rest.removeFirst() }
            guard let table = Self.table(&rest), rest.popFirst() == .word("add"),
                rest.popFirst() == .word("constraint"), let constraint = rest.popFirst()?.name
            else { return nil }
            self.table = table
            name = TableName(schema: table.schema, name: constraint)
            switch rest.first {
            case .word("primary"), .word("unique"), .word("exclude"): (kind, tables) = (.key, [table])
            case .word("foreign"):
                guard let references = rest.firstIndex(of: .word("references")) else { return nil }
                rest = rest[(references + 1)...]
                guard let other = Self.table(&rest) else { return nil }
                (kind, tables) = (.foreignKey, [table, other])
            default: return nil
            }
        default: return nil
        }
    }

    /// What a statement is said of that makes nothing by itself.
    struct Subject {
        var name: TableName
        /// The table that it is of, where that is told.
        var table: TableName?
        /// Whether it changes the table.
        var locksTable: Bool
    }

    /// The index or constraint that a statement is about which was made before: `COMMENT ON`, `CLUSTER ON`,
    /// `REPLICA IDENTITY USING INDEX`, `ALTER INDEX … ALTER COLUMN`.
    static func subject(_ tokens: [SQLToken]) -> Subject? {
        var rest = tokens[...]
        switch (rest.popFirst(), rest.popFirst()) {
        case (.word("comment"), .word("on")):
            switch rest.popFirst() {
            case .word("index"): return table(&rest).map { Subject(name: $0, locksTable: false) }
            case .word("constraint"):
                guard let constraint = rest.popFirst()?.name, rest.popFirst() == .word("on"),
                    rest.first != .word("domain"), let table = table(&rest)
                else { return nil }
                return Subject(
                    name: TableName(schema: table.schema, name: constraint), table: table, locksTable: false)
            default: return nil
            }
        case (.word("alter"), .word("index")):
            guard let index = table(&rest), rest.first == .word("alter") else { return nil }
            return Subject(name: index, locksTable: false)
        case (.word("alter"), .word("table")):
            if rest.first == .word("only") { rest.removeFirst() }
            guard let table = table(&rest) else { return nil }
            if rest.starts(with: [.word("cluster"), .word("on")]) {
                rest = rest.dropFirst(2)
            } else if rest.starts(with: [.word("replica"), .word("identity"), .word("using"), .word("index")]) {
                rest = rest.dropFirst(4)
            } else {
                return nil
            }
            return rest.first?.name.map {
                Subject(name: TableName(schema: table.schema, name: $0), table: table, locksTable: true)
            }
        default: return nil
        }
    }

    private static func table(_ tokens: inout ArraySlice<SQLToken>) -> TableName? {
        guard let first = tokens.popFirst()?.name else { return nil }
        guard tokens.first == .symbol(UInt8(ascii: ".")) else { return TableName(schema: "public", name: first) }
        tokens.removeFirst()
        return tokens.popFirst()?.name.map { TableName(schema: first, name: $0) }
    }
}
