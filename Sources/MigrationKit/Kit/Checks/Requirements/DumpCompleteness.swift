/// Whether a dump is one of all of a database, and of the right one: others end with the same last words.
struct DumpCompleteness {
    let database: Database
    let contents: DumpContents
    /// Whether it has to be Sourcegraph's: the snapshot has a `summary.json`, which only an instance gives. Of one that
    /// somebody tries the tools with, nobody has said so.
    var isOfInstance = true

    /// What is missing, a sentence each.
    var gaps: [String] {
        structure + (isOfInstance || own.areSourcegraphs ? missingTables : [])
    }

    /// What the dump shows of what was left out when it was made. A manifest of an older program tells little of it.
    private var structure: [String] {
        guard contents.gaps?.tables ?? 0 > 0 || !contents.tables.isEmpty else {
            return ["It has no tables: the database that was dumped is empty, or is not Sourcegraph's."]
        }
        guard let gaps = contents.gaps else { return [] }
        var found: [String] = []
        if !gaps.tablesWithoutRows.isEmpty {
            found.append(
                "The rows of \(Self.list(gaps.tablesWithoutRows)) are missing "
                    + "(--exclude-table-data, --schema-only, --section).")
        }
        if !gaps.rowsWithoutTable.isEmpty {
            found.append(
                "It has the rows of \(Self.list(gaps.rowsWithoutTable)) but does not create them (--data-only, "
                    + "--section).")
        }
        if let missing = gaps.notMadeAnew {
            found.append(
                "It drops \(NamedObjects.list(missing)) and does not create them again (cut out, or pg_restore -L).")
        }
        if let unset = gaps.unsetSequences {
            found.append("It does not set the sequences \(Self.list(unset)) (--exclude-table-data).")
        }
        // Sourcegraph's tables have keys, all but a few; those of others need not.
        if own.areSourcegraphs, gaps.tables > 0, !gaps.hasKeys {
            found.append("It creates no indexes and no keys (--section without post-data).")
        }
        return found
    }

    private var own: SourcegraphTables {
        let names = contents.tables.map(\.table.name) + (contents.gaps?.tablesWithoutRows.map(\.name) ?? [])
        return SourcegraphTables(names: Set(names))
    }

    private var missingTables: [String] {
        let missing = contents.tables.isEmpty ? [] : own.missing(of: database)
        return missing.isEmpty ? [] : ["It lacks tables that Sourcegraph has: \(missing.joined(separator: ", "))."]
    }

    private static func list(_ tables: [TableName]) -> String {
        NamedObjects.list(tables.map(\.description))
    }

    /// Refuses the dump of another of Sourcegraph's databases: two targets, or two files, were swapped.
    func checkIsOwn(name: String) throws {
        let schemas = contents.migrations.map(\.schema)
        let next = "Check the target of \(database.rawValue), then dump it again."
        if !schemas.isEmpty, !schemas.contains(database.migrationsSchema) {
            throw MigrationError(
                .damagedSnapshot,
                "\(name) is the dump of a different Sourcegraph database: it records the migrations of "
                    + "\(NamedObjects.list(schemas)), not of \(database.migrationsSchema).",
                next: next)
        }
        if schemas.isEmpty, let owner = own.owner, owner != database {
            throw MigrationError(
                .damagedSnapshot,
                "\(name) is the dump of a different Sourcegraph database: it has the tables of \(owner.rawValue).",
                next: next)
        }
    }

    /// Refuses a dump with gaps, and that of another database.
    ///
    /// - Parameters:
    ///   - reason: Why somebody takes it with its gaps; nil: nobody does.
    ///   - name: The dump, for the error.
    func check(accepting reason: String?, name: String) throws {
        try checkIsOwn(name: name)
        guard reason == nil, !gaps.isEmpty else { return }
        throw MigrationError(
            .damagedSnapshot, summary(name),
            next: "Dump again with the command that `src-snapshot databases` prints. If it is incomplete on purpose, "
                + "record why: --incomplete='REASON'.",
            details: gaps)
    }

    /// The gaps as a warning; nil: there are none.
    ///
    /// - Parameter reason: Why the dump is taken all the same.
    func warning(name: String, accepting reason: String? = nil) -> String? {
        let found = structure + missingTables
        let taken = reason.map { " Accepted: \($0.printable)" } ?? ""
        if !found.isEmpty { return "\(summary(name)) \(found.joined(separator: " "))\(taken)" }
        return contents.gaps?.ownerlessSequences.map { sequences in
            "\(name) may lack tables: it creates \(Self.list(sequences)), which belong to no table. Check that no table "
                + "was excluded (-T, --exclude-table)."
        }
    }

    private func summary(_ name: String) -> String {
        "\(name) is not a complete dump of Sourcegraph's database \(database.rawValue)."
    }
}
