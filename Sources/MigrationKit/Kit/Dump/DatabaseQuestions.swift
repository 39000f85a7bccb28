internal import MigrationKitFoundation

/// Asks one database, through the programs that dump it.
///
/// Every answer is one JSON document, because names may hold whatever a separator could be. A question is one
/// transaction that may only read. In it no name is looked up but in `pg_catalog`, and row-level security is off as it
/// is for pg_dump: where it would hide rows, the server refuses instead.
struct DatabaseQuestions: Sendable {
    let dumper: PgDump

    /// The server takes no longer timeout: some 24 days.
    private static let longest: Int64 = 2_147_483

    /// Its name in sentences.
    var name: String { dumper.database.rawValue }

    /// Asks for one JSON document.
    ///
    /// - Parameters:
    ///   - type: What the document is.
    ///   - sql: One query with one row of one column.
    ///   - what: What is done, for errors: `Reading the extensions`.
    ///   - isQuick: Whether the catalogue alone is read, and the answer has to come soon.
    /// - Throws: ``MigrationError`` if the server refuses, does not answer, or answers something else.
    func answer<Value: Decodable & Sendable>(
        _ type: Value.Type = Value.self, to sql: String, _ what: String, isQuick: Bool = true
    ) async throws -> Value {
        let patience = isQuick ? DumpPreflight.patience(dumper) : dumper.stallLimit
        // The server gives up by itself, a moment before we do: a query nobody waits for would go on there.
        let limit = max(1, min(patience.components.seconds, Self.longest) * 1000 - 500)
        let query = """
            BEGIN READ ONLY; SET LOCAL search_path = pg_catalog; SET LOCAL row_security = off;
            SET LOCAL client_encoding = 'UTF8'; SET LOCAL statement_timeout = \(limit);
            \(sql)
            """
        let (text, outcome) = try await dumper.command.query(query).collect(stallLimit: patience)
        try dumper.command.check(
            outcome, doing: "\(what) of \(name)", next: "Fix the errors above, then check again.")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            return try decoder.decode(type, from: Data(text.utf8))
        } catch {
            throw MigrationError(
                .failed,
                "\(what) of \(name) failed: the server answered `\(String(text.prefix(200)).printable)`.",
                next:
                    "Check that the target is Sourcegraph's database server itself, not a proxy for it."
            )
        }
    }
}

/// SQL that several questions share.
enum CatalogueSQL {
    /// Whether the schema `n` is one that a dump takes: neither the server's own nor a temporary one.
    static let isDumpedSchema = "n.nspname <> 'information_schema' AND left(n.nspname, 3) <> 'pg_'"

    /// Whether an object came with an extension, and is created again by it.
    static func isMember(_ catalogue: String, _ oid: String) -> String {
        """
        EXISTS (SELECT FROM pg_depend AS m
            WHERE m.classid = '\(catalogue)'::regclass AND m.objid = \(oid) AND m.deptype = 'e')
        """
    }

    /// The rows of a query with one column, `name`, as a ``NamedObjects``.
    static func namedObjects(_ query: String) -> String {
        """
        (SELECT json_build_object('count', count(*), 'names',
            coalesce(json_agg(name ORDER BY name) FILTER (WHERE number <= \(NamedObjects.limit)), '[]'::json))
        FROM (SELECT name, row_number() OVER (ORDER BY name) AS number FROM (\(query)) AS a) AS b)
        """
    }
}

/// How many objects there are of a kind, and the names of the first few.
struct NamedObjects: Decodable, Sendable, CustomStringConvertible {
    var count: Int
    var names: [String]

    static let limit = 5

    /// `a, b and 7 more`.
    var description: String { Self.list(names, of: count) }

    /// The first few names, and how many more there are; cut where a name is longer than a line.
    static func list(_ names: [String], of count: Int? = nil) -> String {
        let shown = names.prefix(limit).map { name in
            let text = name.printable
            return text.count > 200 ? text.prefix(200) + "…" : text
        }
        let more = (count ?? names.count) - shown.count
        return shown.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
    }
}
