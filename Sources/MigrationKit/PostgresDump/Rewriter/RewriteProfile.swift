/// What the destination of a dump cannot take, and so what is done to the dump.
public enum RewriteProfile: String, Sendable, Codable, CaseIterable {
    /// Cloud SQL for PostgreSQL, where the importing role is no superuser and does not own the `public` schema.
    case cloudSQL = "cloud-sql"
    /// Nothing is changed.
    case none
}

/// One change to a dump: a statement that was commented out, line by line.
public struct Rewrite: Sendable, Hashable, Codable {
    /// Why a statement is taken out.
    public enum Rule: String, Sendable, Codable, CaseIterable {
        /// `CREATE`, `DROP`, `ALTER` and `COMMENT ON EXTENSION`: the importer makes the extensions that the manifest names.
        case `extension`
        /// Statements about a whole database, and `\connect`: the importer has made the database.
        case database
        /// `CREATE`, `DROP` and `COMMENT ON SCHEMA public`: it is there and is not the importing role's.
        case publicSchema = "public-schema"
        /// A setting that the destination may not know or allow: `transaction_timeout`, `default_tablespace`.
        case setting
        /// psql's `\restrict` and `\unrestrict`, which older versions of psql do not know.
        case restrict
        /// `OWNER TO` and `SET SESSION AUTHORIZATION`: the roles of the source do not exist.
        case owner
        /// `GRANT`, `REVOKE`, `ALTER DEFAULT PRIVILEGES`, user mappings without options: the same.
        case privileges
        /// Publications and subscriptions, which belong to the source.
        case replication
        /// Planner statistics (pg_dump 18): `ANALYZE` makes them again.
        case statistics
    }

    /// Why.
    public var rule: Rule
    /// Where the statement begins in the dump as it was written.
    public var position: DumpPosition
    /// How many bytes of the dump the statement has.
    public var length: Int
    /// The statement, cut after ``statementTextLimit`` characters.
    public var statement: String
    /// A line end was added after it, because more stood on its last line.
    public var addsLineEnd = false

    /// How much of a statement's text a manifest carries.
    public static let statementTextLimit = 300
}

/// Something in a dump that the destination would not import, or that a dump by pg_dump never holds.
public struct Refusal: Sendable, Hashable, Codable {
    /// Why it cannot be imported, and what to do about it.
    public var reason: String
    /// Where it stands.
    public var position: DumpPosition
    /// The statement, cut after ``Rewrite/statementTextLimit`` characters.
    public var statement: String
}

extension Refusal {
    /// The refusal for a person: file, line, reason; then the statement's first line.
    package func lines(in file: String) -> [String] {
        let firstLine = statement.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        return ["\(file):\(position.line): \(reason)", "  \(firstLine.printable)"]
    }

    /// What stops a dump that cannot be imported.
    package static func error(_ refusals: [Refusal], in file: String) -> MigrationError {
        let more = refusals.count > 10 ? ["… and \(refusals.count - 10) more."] : []
        return MigrationError(
            .damagedSnapshot,
            "\(file) has \(refusals.count == 1 ? "a statement" : "\(refusals.count) statements") that cannot be imported.",
            next: "Fix each of them as described above, then run the same command again.",
            details: refusals.prefix(10).flatMap { $0.lines(in: file) } + more
        )
    }
}

/// What a profile says of one statement.
package enum Verdict: Equatable {
    case keep
    /// Rows of COPY data follow.
    case copyData
    case takeOut(Rewrite.Rule)
    case refuse(String)
}
