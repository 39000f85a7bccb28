/// A database that an instance is set up to use, as it was reached by the instance's own way.
public struct InstanceDatabase: Sendable, Hashable {
    /// Which of Sourcegraph's databases the instance takes it for.
    public var database: Database
    /// The service whose settings led there.
    public var service: String
    /// Where these settings lead: `cloud-sql-proxy:5432/pgsql`.
    public var address: String
    /// The mark that it bears, see ``DatabaseImporter/mark(_:with:for:)``; nil: none, or it cannot be read.
    public var mark: String?
    /// Why it cannot be read; nil: it was.
    public var problem: String?

    /// A database; see the properties.
    public init(
        _ database: Database, service: String, address: String, mark: String? = nil, problem: String? = nil
    ) {
        (self.database, self.service, self.address) = (database, service, address)
        (self.mark, self.problem) = (mark, problem)
    }
}

/// A random text that is left in imported databases, so that an instance which finds it there uses these and no others.
struct DatabaseMark: Sendable, Codable {
    /// The text; each database bears it with its own name behind it.
    var text: String
    /// The server that was imported into, for messages.
    var server: String
    /// The databases that bear it.
    var databases: [Database]

    /// A new one, of the migration that a journal is of.
    init(server: String, databases: [Database], journal: MigrationJournal) async {
        (self.server, self.databases) = (server, databases)
        text = await Self.beginning(of: journal) + String(UInt64.random(in: .min ... .max), radix: 36)
    }

    /// What all marks of a journal begin with: its first run has a name of its own.
    static func beginning(of journal: MigrationJournal) async -> String {
        let run = await journal.entries.first?.by.run ?? journal.writer.run
        return prefix + run.lowercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber) }
    }

    private static let prefix = "mi-migrate:"

    /// SQL that leaves a mark: a comment of the database, which is neither in it nor in its dumps.
    static func leaving(_ mark: String, in databases: [Database]) -> String {
        databases.map { database in
            let comment = "Imported by MigrationKit as \(text(of: database, in: mark))".quotedAsLiteral
            return "COMMENT ON DATABASE \(database.importedName.quotedAsIdentifier) IS \(comment)"
        }.joined(separator: ";\n")
    }

    private static func text(of database: Database, in mark: String) -> String { mark + database.rawValue }

    /// SQL for the mark of a row of `pg_database`.
    static let reading = "substring(shobj_description(oid, 'pg_database') FROM '\(prefix)[a-z0-9]+')"

    /// - Throws: ``MigrationError`` if the instance uses other databases, or its own cannot be asked.
    func require(at instance: any InstanceController) async throws {
        let found = try await instance.databases(databases)
        let wrong = found.filter { $0.problem == nil && $0.mark != Self.text(of: $0.database, in: text) }
        if let first = wrong.first {
            throw MigrationError(
                .unmetRequirement,
                "\(instance.name) does not use the imported databases: \(first.service.printable) connects to "
                    + "\(first.address.printable), which is not \(first.database.importedName) on \(server).",
                next: "In the instance's configuration, point its services and its proxy at the databases of "
                    + "\(server). Then run the same command again.",
                details: wrong.dropFirst().map(Self.line))
        }
        let silent = found.filter { $0.problem != nil }
        let unasked = databases.filter { database in !found.contains { $0.database == database } }
        guard silent.isEmpty, unasked.isEmpty else {
            let place = silent.first.map { ": \($0.service.printable) connects to \($0.address.printable)" } ?? ""
            throw MigrationError(
                .failed,
                "Cannot check that \(instance.name) uses the databases imported into \(server)\(place).",
                next: "Check the database settings of its services, and that the machine reaches \(server). Then run "
                    + "the same command again. Whoever has checked it by other means skips it: "
                    + "`mi-migrate run --skip='match=REASON'`.",
                details: silent.map(Self.line)
                    + unasked.map { "\(instance.name) has no settings for \($0.importedName)." })
        }
    }

    private static func line(_ found: InstanceDatabase) -> String {
        let line = "\(found.service), \(found.database.importedName): \(found.address)"
        return (line + (found.problem.map { ": \($0)" } ?? "")).redacted.printable
    }
}
