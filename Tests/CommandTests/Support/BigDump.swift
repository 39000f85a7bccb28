import MigrationKit
import TestClusters

/// A dump that is far larger than all buffers between a bucket and a server, and that can wait in its middle.
enum BigDump {
    private static let schema = """
        CREATE TABLE bulk (id integer PRIMARY KEY, filler text);
        INSERT INTO bulk SELECT n, repeat(md5(n::text), 5) FROM generate_series(1, 20000) AS n;
        CREATE TABLE ahead (id integer);
        INSERT INTO ahead SELECT generate_series(1, 100);
        CREATE FUNCTION wait_for_test() RETURNS void LANGUAGE plpgsql AS $$
        BEGIN
            WHILE NOT EXISTS (SELECT FROM pg_catalog.pg_locks WHERE locktype = 'advisory' AND granted
                AND classid = 4711 AND objid = pg_catalog.length(pg_catalog.current_database())) LOOP
                PERFORM pg_catalog.pg_sleep(0.02);
            END LOOP;
        END $$;
        """

    /// The dump's text: 3 MB.
    static var text: String { get async throws { try await making.value } }

    private static let making = Task {
        let source = try await ScratchPostgres.shared.source
        return try await source.withDatabase("big", schema) { try await SmallDump.dump("big") }
    }

    /// The same, which waits before the rows of the second table until ``release(_:_:)``.
    static var waiting: String { get async throws { try await waiting(before: "\nCOPY \"public\".\"bulk\"") } }

    /// The same, which waits when all of it is on its way.
    static var waitingAtItsEnd: String {
        get async throws { try await waiting(before: "\n--\n-- PostgreSQL database dump complete") }
    }

    private static func waiting(before place: String) async throws -> String {
        let statement =
            "\nCREATE MATERIALIZED VIEW \"public\".\"waiting\" AS SELECT \"public\".\"wait_for_test\"() IS NULL;\n"
        return try await text.replacing(place, with: statement + place)
    }

    /// Returns when a load of ``waiting`` waits.
    static func isWaiting(_ database: Database) async throws {
        try await ScratchPostgres.shared.target.wait(
            until: """
                EXISTS (SELECT FROM pg_stat_activity WHERE datname = '\(database.importedName)' AND state = 'active'
                  AND query LIKE 'CREATE MATERIALIZED VIEW%')
                """)
    }

    /// Lets loads of ``waiting`` go on while `body` runs.
    static func release<Value: Sendable>(
        _ database: Database, _ body: @Sendable () async throws -> Value
    ) async throws -> Value {
        let target = try await ScratchPostgres.shared.target
        return try await target.holding(
            "SELECT pg_advisory_lock(4711, \(database.importedName.count))", in: "postgres", body)
    }
}
