/// What a dump is made of, as far as it shows that something was left out when it was made.
///
/// pg_dump ends a dump of the half of a database with the same last words as one of all of it.
public struct DumpGaps: Sendable, Hashable, Codable {
    /// How many tables the dump makes.
    public var tables: Int
    /// Tables that it makes, and of which it has no COPY: not even one without rows.
    public var tablesWithoutRows: [TableName]
    /// Tables whose rows it has, and which it does not make.
    public var rowsWithoutTable: [TableName]
    /// Whether it makes any index or key.
    public var hasKeys: Bool
}

/// Gathers ``DumpGaps`` from a dump's statements.
struct GapFinder {
    /// Tables that are made to have rows of their own.
    private var created: [TableName] = []
    private var partitioned: Set<TableName> = []
    private var parents: [TableName: TableName] = [:]
    private var copied: Set<TableName> = []
    private var hasKeys = false

    /// Notes what a statement makes.
    mutating func observe(_ tokens: [SQLToken]) {
        if tokens.first == .word("alter") { observeAlter(tokens) }
        guard tokens.first == .word("create") else { return }
        let head = tokens.prefix(3)
        if head.contains(.word("index")) { hasKeys = true }
        // A foreign table has its rows elsewhere.
        guard let keyword = head.firstIndex(of: .word("table")), !head.contains(.word("foreign")),
            let name = Self.table(CloudSQLRules.afterIfExists(tokens[(keyword + 1)...]))
        else { return }
        if let of = tokens.firstRange(of: [.word("partition"), .word("of")]) {
            parents[name] = Self.table(tokens[of.upperBound...])
        }
        if tokens.firstRange(of: [.word("partition"), .word("by")]) == nil {
            created.append(name)
        } else {
            partitioned.insert(name)
        }
    }

    private mutating func observeAlter(_ tokens: [SQLToken]) {
        guard tokens.count > 3, tokens[1] == .word("table") else { return }
        if tokens.firstRange(of: [.word("add"), .word("constraint")]) != nil { hasKeys = true }
        // `ALTER TABLE ONLY "public"."jobs" ATTACH PARTITION "public"."jobs_0" FOR VALUES …;`
        guard let attach = tokens.firstRange(of: [.word("attach"), .word("partition")]),
            let partition = Self.table(tokens[attach.upperBound...])
        else { return }
        parents[partition] = Self.table(tokens[(tokens[2] == .word("only") ? 3 : 2)...])
    }

    /// The table that tokens begin with: `"public"."users"`, or `users`.
    private static func table(_ tokens: ArraySlice<SQLToken>) -> TableName? {
        guard let first = tokens.first?.name else { return nil }
        let rest = tokens.dropFirst()
        guard rest.first == .symbol(UInt8(ascii: ".")), let second = rest.dropFirst().first?.name else {
            return TableName(schema: "public", name: first)
        }
        return TableName(schema: first, name: second)
    }

    mutating func beginRows(of header: CopyHeader) { copied.insert(header.table) }

    /// What was found.
    ///
    /// - Parameter hasExtensions: Whether the dump needs any: tables of theirs may have rows without being made.
    func gaps(hasExtensions: Bool) -> DumpGaps {
        let made = partitioned.union(created)
        return DumpGaps(
            tables: made.count, tablesWithoutRows: created.filter { !hasRows($0) },
            rowsWithoutTable: hasExtensions ? [] : copied.subtracting(made).sorted(), hasKeys: hasKeys)
    }

    /// Whether the table has a COPY, or one that it is a partition of: pg_dump loads some through their root.
    private func hasRows(_ table: TableName) -> Bool {
        var (next, steps): (TableName?, Int) = (table, 0)
        while let one = next, steps <= parents.count {
            if copied.contains(one) { return true }
            (next, steps) = (parents[one], steps + 1)
        }
        return false
    }
}
