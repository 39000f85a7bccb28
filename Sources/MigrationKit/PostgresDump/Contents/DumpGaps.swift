/// What a dump is made of, as far as it shows that something was left out when it was made.
///
/// pg_dump ends a dump of the half of a database with the same last words as one of all of it.
package struct DumpGaps: Sendable, Hashable, Codable {
    /// How many tables the dump makes.
    package var tables: Int
    /// Tables that it makes, and of which it has no COPY: not even one without rows.
    package var tablesWithoutRows: [TableName]
    /// Tables whose rows it has, and which it does not make.
    package var rowsWithoutTable: [TableName]
    /// Whether it makes any index or key.
    package var hasKeys: Bool
    /// What its head drops and the rest does not make again: `index users_name`. Nil: there is nothing of that kind.
    package var notMadeAnew: [String]?
    /// Sequences that it makes and does not set to where they stood. Nil: there are none.
    package var unsetSequences: [TableName]?
    /// Sequences, named as those of columns are, that belong to no table and that no column draws from: their table may
    /// have been left out. Nil: there are none.
    package var ownerlessSequences: [TableName]?
}

/// Gathers ``DumpGaps`` from a dump's statements.
struct GapFinder {
    /// Tables that are made to have rows of their own.
    private var created: [TableName] = []
    private var partitioned: Set<TableName> = []
    private var parents: [TableName: TableName] = [:]
    /// How many COPYs each table has: of the root of partitions one for each.
    private var copied: [TableName: Int] = [:]
    private var hasKeys = false
    /// What is dropped, and how often more than it is made.
    private var missing: [String: Int] = [:]
    private var sequences: [TableName] = []
    private var drawnFrom: Set<TableName> = []

    /// Notes what a statement makes, or drops.
    mutating func observe(_ tokens: [SQLToken]) {
        if tokens.first == .word("alter") { observeAlter(tokens) }
        if tokens.first == .word("drop") { observeDrop(tokens) }
        observeDraws(tokens)
        guard tokens.first == .word("create") else { return }
        let head = tokens.prefix(3)
        if head.contains(.word("index")) { hasKeys = true }
        for kind in ["index", "trigger", "sequence"] {
            guard let keyword = head.firstIndex(of: .word(kind)) else { continue }
            let rest = CloudSQLRules.afterIfExists(tokens[(keyword + 1)...])
            // The name of an index and of a trigger has no schema, and is that of the table's.
            if let name = Self.table(rest)?.name { missing["\(kind) \(name)", default: 0] -= 1 }
            if kind == "sequence", let name = Self.table(rest) { sequences.append(name) }
        }
        // A foreign table has its rows elsewhere.
        guard let keyword = head.firstIndex(of: .word("table")), !head.contains(.word("foreign")),
            let name = Self.table(CloudSQLRules.afterIfExists(tokens[(keyword + 1)...]))
        else { return }
        missing["table \(name.name)", default: 0] -= 1
        if let of = tokens.firstRange(of: [.word("partition"), .word("of")]) {
            parents[name] = Self.table(tokens[of.upperBound...])
        }
        if tokens.firstRange(of: [.word("partition"), .word("by")]) == nil {
            created.append(name)
        } else {
            partitioned.insert(name)
        }
    }

    /// `… DEFAULT nextval('"public"."users_id_seq"'::regclass)`
    private mutating func observeDraws(_ tokens: [SQLToken]) {
        for index in tokens.indices where tokens[index].name == "nextval" && index + 2 < tokens.count {
            guard case .string(let text) = tokens[index + 2] else { continue }
            let name = Array(text.utf8).withUnsafeBytes { SQLToken.tokens(of: $0) }
            if let sequence = Self.table(name[...]) { drawnFrom.insert(sequence) }
        }
    }

    private mutating func observeAlter(_ tokens: [SQLToken]) {
        // `ALTER SEQUENCE "public"."users_id_seq" OWNED BY "public"."users"."id";`
        if tokens.count > 3, tokens[1] == .word("sequence"),
            tokens.firstRange(of: [.word("owned"), .word("by")]) != nil,
            let sequence = Self.table(CloudSQLRules.afterIfExists(tokens[2...]))
        {
            drawnFrom.insert(sequence)
        }
        guard tokens.count > 3, tokens[1] == .word("table") else { return }
        if let add = tokens.firstRange(of: [.word("add"), .word("constraint")]) {
            hasKeys = true
            count("constraint", tokens[add.upperBound...], -1)
        }
        if let drop = tokens.firstRange(of: [.word("drop"), .word("constraint")]) {
            count("constraint", tokens[drop.upperBound...], 1)
        }
        // The triggers of partitions are made with that of their root.
        if let trigger = tokens.firstIndex(of: .word("trigger")) { count("trigger", tokens[(trigger + 1)...], -1) }
        if let name = tokens.firstRange(of: [.word("sequence"), .word("name")]),
            let sequence = Self.table(tokens[name.upperBound...])
        {
            sequences.append(sequence)
            drawnFrom.insert(sequence)
        }
        // `ALTER TABLE ONLY "public"."jobs" ATTACH PARTITION "public"."jobs_0" FOR VALUES …;`
        guard let attach = tokens.firstRange(of: [.word("attach"), .word("partition")]),
            let partition = Self.table(tokens[attach.upperBound...])
        else { return }
        parents[partition] = Self.table(tokens[(tokens[2] == .word("only") ? 3 : 2)...])
    }

    /// `DROP INDEX IF EXISTS "public"."users_name";`
    private mutating func observeDrop(_ tokens: [SQLToken]) {
        guard tokens.count > 2, let kind = tokens[1].name, ["index", "trigger", "sequence", "table"].contains(kind)
        else { return }
        count(kind, tokens[2...], 1)
    }

    private mutating func count(_ kind: String, _ tokens: ArraySlice<SQLToken>, _ change: Int) {
        guard let name = Self.table(CloudSQLRules.afterIfExists(tokens))?.name else { return }
        missing["\(kind) \(name)", default: 0] += change
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

    mutating func beginRows(of header: CopyHeader) { copied[header.table, default: 0] += 1 }

    /// What was found.
    ///
    /// - Parameters:
    ///   - hasExtensions: Whether the dump needs any: tables of theirs may have rows without being made.
    ///   - set: The sequences that it sets.
    func gaps(hasExtensions: Bool, set: [TableName]) -> DumpGaps {
        let made = partitioned.union(created)
        let notMade = missing.filter { $0.value > 0 }.keys.sorted()
        let unset = Set(sequences).subtracting(set).sorted()
        let ownerless = Set(sequences).subtracting(drawnFrom).filter { $0.name.hasSuffix("_id_seq") }.sorted()
        return DumpGaps(
            tables: made.count, tablesWithoutRows: tablesWithoutRows,
            rowsWithoutTable: hasExtensions ? [] : Set(copied.keys).subtracting(made).sorted(), hasKeys: hasKeys,
            notMadeAnew: notMade.isEmpty ? nil : notMade, unsetSequences: unset.isEmpty ? nil : unset,
            ownerlessSequences: ownerless.isEmpty ? nil : ownerless)
    }

    /// Those without a COPY; of partitions that are loaded through their root, the root, if it has fewer than there are.
    private var tablesWithoutRows: [TableName] {
        var without: [TableName] = []
        var throughRoot: [TableName: Int] = [:]
        for table in created where copied[table] == nil {
            if let root = copiedRoot(of: table) { throughRoot[root, default: 0] += 1 } else { without.append(table) }
        }
        return without + throughRoot.filter { $0.value > copied[$0.key] ?? 0 }.keys.sorted()
    }

    private func copiedRoot(of table: TableName) -> TableName? {
        var (next, steps): (TableName?, Int) = (parents[table], 0)
        while let one = next, steps <= parents.count {
            if copied[one] != nil { return one }
            (next, steps) = (parents[one], steps + 1)
        }
        return nil
    }
}
