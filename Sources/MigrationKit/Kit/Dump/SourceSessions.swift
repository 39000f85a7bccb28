/// How many connections a source's server has left for a role, and who holds the others.
struct SourceSessions: Sendable {
    private let database: Database
    private let counts: Counts

    /// Limits below 0 are none.
    private struct Counts: Decodable, Sendable {
        var limit: Int
        var reserved: Int
        var used: Int
        var databaseLimit: Int
        var databaseUsed: Int
        var roleLimit: Int
        var roleUsed: Int
        var holders: [Holder]
    }

    private struct Holder: Decodable, Sendable {
        var role: String
        var application: String
        var count: Int
    }

    /// Nil where the server does not tell.
    ///
    /// - Throws: `CancellationError`.
    init?(_ dumper: PgDump) async throws {
        database = dumper.database
        do {
            counts = try await DatabaseQuestions(dumper: dumper).answer(to: Self.question, "Counting the connections")
        } catch is MigrationError {
            return nil
        }
    }

    /// Without the right to look at a session its kind is not told; that somebody has logged in is. Superusers are not
    /// held to the limits of databases and roles.
    private static let question = """
        WITH clients AS (
            SELECT datname, usename, application_name FROM pg_stat_activity
            WHERE pid <> pg_backend_pid() AND usesysid IS NOT NULL
                AND coalesce(backend_type, 'client backend') = 'client backend')
        SELECT json_build_object(
            'limit', current_setting('max_connections')::int,
            'reserved', current_setting('superuser_reserved_connections')::int
                + coalesce(nullif(current_setting('reserved_connections', true), '')::int, 0),
            'used', (SELECT count(*) FROM clients),
            'database_limit', (SELECT CASE WHEN rolsuper THEN -1 ELSE datconnlimit END
                FROM pg_database, pg_roles WHERE datname = current_database() AND rolname = session_user),
            'database_used', (SELECT count(*) FROM clients WHERE datname = current_database()),
            'role_limit', (SELECT CASE WHEN rolsuper THEN -1 ELSE rolconnlimit END
                FROM pg_roles WHERE rolname = session_user),
            'role_used', (SELECT count(*) FROM clients WHERE usename = session_user),
            'holders', coalesce((SELECT json_agg(h) FROM (
                SELECT usename AS role, application_name AS application, count(*) AS count
                FROM clients GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT 5) AS h), '[]'))
        """

    /// What limits them, and how many more there may be.
    private var rooms: [(free: Int, reason: String)] {
        let all = (
            free: counts.limit - counts.reserved - counts.used,
            reason: "max_connections is \(counts.limit), \(counts.reserved) are reserved for administrators, "
                + "\(counts.used) are in use"
        )
        let own = [
            ("the database's CONNECTION LIMIT", counts.databaseLimit, counts.databaseUsed),
            ("the role's CONNECTION LIMIT", counts.roleLimit, counts.roleUsed),
        ]
        return [all]
            + own.filter { $0.1 >= 0 }.map { (free: $0.1 - $0.2, reason: "\($0.0) is \($0.1), \($0.2) are in use") }
    }

    /// How many more connections the role may open. Those that are reserved are left to administrators, whoever asks.
    var free: Int { max(0, rooms.map(\.free).min() ?? 0) }

    /// - Throws: ``MigrationError`` if fewer are free than are needed.
    func require(_ needed: Int) throws {
        guard free < needed, let least = rooms.min(by: { $0.free < $1.free }) else { return }
        let holders = counts.holders.map { holder in
            let application = holder.application.isEmpty ? "no application name" : holder.application.printable
            return "\(holder.count) held by role \(holder.role.printable), \(application)"
        }
        throw MigrationError(
            .unmetRequirement,
            "The server of \(database.rawValue) has too few free connections: \(needed) needed, \(free) free "
                + "(\(least.reason)).",
            next: Self.remedy, details: holders)
    }

    private static let remedy =
        "End sessions that are not needed or raise the limit, then run the same command again."

    // MARK: No connection at all

    /// What it means that a connection was refused because there are too many.
    static func noneIsFree(of database: Database, said line: String?) -> MigrationError {
        MigrationError(
            .unmetRequirement, "The server of \(database.rawValue) has no free connection.", next: remedy,
            details: line.map { [$0] } ?? [])
    }
}
