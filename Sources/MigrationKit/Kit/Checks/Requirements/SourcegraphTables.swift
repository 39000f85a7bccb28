/// Which of Sourcegraph's databases tables belong to, by those that its releases from 3.20 to 7.2 have.
struct SourcegraphTables {
    /// The tables' names, without their schemas.
    let names: Set<String>

    /// Whether they are Sourcegraph's, or some of them: one in which it notes its release or its migrations is there, or
    /// one of its databases' own.
    var areSourcegraphs: Bool {
        names.contains("versions") || Database.allCases.contains { hasMigrations($0) || missingOwn(of: $0).isEmpty }
    }

    /// The database whose tables these are; nil if they are those of none, or of several.
    var owner: Database? {
        let owners = Database.allCases.filter { missingOwn(of: $0).isEmpty }
        return owners.count == 1 ? owners.first : nil
    }

    /// What a database has to have, and is not there.
    func missing(of database: Database) -> [String] {
        let release = database == .primary && !names.contains("versions") ? ["versions"] : []
        let migrations = hasMigrations(database) ? [] : ["migration_logs (\(database.migrationsSchema) before 3.36)"]
        return release + migrations + missingOwn(of: database)
    }

    private func hasMigrations(_ database: Database) -> Bool {
        names.contains("migration_logs") || names.contains(database.migrationsSchema)
    }

    private func missingOwn(of database: Database) -> [String] {
        switch database {
        case .primary: return ["users", "repo"].filter { !names.contains($0) }
        case .codeinsights: return ["series_points"].filter { !names.contains($0) }
        case .codeintel:
            // The tables of LSIF went, those of SCIP came, and no table has stayed throughout.
            let prefixes = ["lsif_data_", "codeintel_scip_"]
            let hasOwn = names.contains { name in prefixes.contains(where: name.hasPrefix) }
            return hasOwn ? [] : ["codeintel_scip_… or lsif_data_…"]
        }
    }
}
