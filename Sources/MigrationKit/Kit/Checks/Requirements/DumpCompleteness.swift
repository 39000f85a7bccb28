/// Whether a dump is one of all of a database, and of the right one: others end with the same last words.
struct DumpCompleteness {
    let database: Database
    let contents: DumpContents
    /// Whether it has to be Sourcegraph's: the snapshot has a `summary.json`, which only an instance gives. Of one that
    /// somebody tries the tools with, nobody has said so.
    var isOfInstance = true

    /// Something that is missing.
    struct Gap: Hashable {
        /// Its name for programs.
        enum Kind: String {
            case noTables = "no-tables"
            case rowsMissing = "rows-missing"
            case tablesNotCreated = "tables-not-created"
            case objectsNotCreated = "objects-not-created"
            case sequencesNotSet = "sequences-not-set"
            case noKeys = "no-keys"
            case tablesMissing = "tables-missing"
            case sequencesWithoutTable = "sequences-without-table"
        }

        let kind: Kind
        /// The tables, sequences and other objects.
        var names: [String] = []
        /// A sentence.
        let text: String

        fileprivate var json: JSONValue { ["kind": .string(kind.rawValue), "names": .init(names)] }
    }

    /// What is missing.
    var gaps: [Gap] {
        structure + (isOfInstance || own.areSourcegraphs ? missingTables : [])
    }

    /// What the dump shows of what was left out when it was made. A manifest of an older program tells little of it.
    private var structure: [Gap] {
        guard contents.gaps?.tables ?? 0 > 0 || !contents.tables.isEmpty else {
            let text = "It has no tables: the database that was dumped is empty, or is not Sourcegraph's."
            return [Gap(kind: .noTables, text: text)]
        }
        guard let gaps = contents.gaps else { return [] }
        var found: [Gap] = []
        func add(_ kind: Gap.Kind, of names: [String] = [], _ text: String) {
            found.append(Gap(kind: kind, names: names, text: text))
        }
        if !gaps.tablesWithoutRows.isEmpty {
            add(
                .rowsMissing, of: gaps.tablesWithoutRows.map(\.description),
                "The rows of \(Self.list(gaps.tablesWithoutRows)) are missing "
                    + "(--exclude-table-data, --schema-only, --section).")
        }
        if !gaps.rowsWithoutTable.isEmpty {
            add(
                .tablesNotCreated, of: gaps.rowsWithoutTable.map(\.description),
                "It has the rows of \(Self.list(gaps.rowsWithoutTable)) but does not create them (--data-only, "
                    + "--section).")
        }
        if let missing = gaps.notMadeAnew {
            add(
                .objectsNotCreated, of: missing,
                "It drops \(NamedObjects.list(missing)) and does not create them again (cut out, or pg_restore -L).")
        }
        if let unset = gaps.unsetSequences {
            add(
                .sequencesNotSet, of: unset.map(\.description),
                "It does not set the sequences \(Self.list(unset)) (--exclude-table-data).")
        }
        // Sourcegraph's tables have keys, all but a few; those of others need not.
        if own.areSourcegraphs, gaps.tables > 0, !gaps.hasKeys {
            add(.noKeys, "It creates no indexes and no keys (--section without post-data).")
        }
        return found
    }

    private var own: SourcegraphTables {
        let names = contents.tables.map(\.table.name) + (contents.gaps?.tablesWithoutRows.map(\.name) ?? [])
        return SourcegraphTables(names: Set(names))
    }

    private var missingTables: [Gap] {
        let missing = contents.tables.isEmpty ? [] : own.missing(of: database)
        guard !missing.isEmpty else { return [] }
        let text = "It lacks tables that Sourcegraph has: \(missing.joined(separator: ", "))."
        return [Gap(kind: .tablesMissing, names: missing, text: text)]
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
            details: gaps.map(\.text))
    }

    /// The gaps as a warning; nil: there are none.
    ///
    /// - Parameters:
    ///   - name: The dump.
    ///   - reason: Why the dump is taken all the same.
    func warning(name: String, accepting reason: String? = nil) -> MigrationNotice? {
        let found = structure + missingTables
        let taken = reason.map { " Accepted: \($0.printable)" } ?? ""
        if !found.isEmpty {
            let sentences = found.map(\.text).joined(separator: " ")
            return warning("\(summary(name)) \(sentences)\(taken)", found, name: name, accepting: reason)
        }
        return contents.gaps?.ownerlessSequences.map { sequences in
            let text =
                "\(name) may lack tables: it creates \(Self.list(sequences)), which belong to no table. Check that no "
                + "table was excluded (-T, --exclude-table)."
            let names = sequences.map(\.description)
            return warning(text, [Gap(kind: .sequencesWithoutTable, names: names, text: text)], name: name)
        }
    }

    private func warning(
        _ text: String, _ gaps: [Gap], name: String, accepting reason: String? = nil
    ) -> MigrationNotice {
        MigrationNotice(
            .dumpIncomplete, text,
            [
                "name": .init(name), "database": .init(database.rawValue), "gaps": .array(gaps.map(\.json)),
                "accepted": .init(reason),
            ])
    }

    private func summary(_ name: String) -> String {
        "\(name) is not a complete dump of Sourcegraph's database \(database.rawValue)."
    }
}
