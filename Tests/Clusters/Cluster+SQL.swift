import Subprocess
import SystemPackage
import TestSupport
import Testing

extension ScratchPostgres.Cluster {
    /// Runs SQL, as the superuser if nobody else is named. Several statements without transactions of their own are one.
    ///
    /// - Returns: A line for each row, whose columns are separated by `|`.
    @discardableResult
    package func sql(_ text: String, in database: String = "postgres", as user: String? = nil) async throws -> String {
        try await within("an answer to \(text)") {
            let answer = try await session(in: database, as: user, application: "test", settings: ["TimeZone": "UTC"]) {
                try await $0.query(text)
            }
            if let error = answer.error { throw error }
            return answer.results.flatMap(\.rows).map { row in row.map { $0 ?? "" }.joined(separator: "|") }
                .joined(separator: "\n")
        }
    }

    /// A session of the body's own.
    package func session<Value>(
        in database: String, as user: String? = nil, application: String = "fake", settings: [String: String] = [:],
        _ body: (inout PostgresSession) async throws -> Value
    ) async throws -> Value {
        var session = try await PostgresSession(
            self, database: database, user: user, application: application, settings: settings)
        let result: Result<Value, any Error>
        do { result = .success(try await body(&session)) } catch { result = .failure(error) }
        await session.close()
        return try result.get()
    }

    /// What `pg_dump` prints, without the key that is another one each time.
    package func pgDump(_ database: String, _ arguments: [String] = []) async throws -> String {
        let result = try await Subprocess.run(
            .path(bin.appending("pg_dump")), arguments: Arguments(arguments + ["--", database]),
            environment: login(), output: .text(limit: 256 << 20), error: .text(limit: 1 << 20))
        try #require(result.terminationStatus == .exited(0), "\(result.standardError)")
        return result.standardOutput.split(separator: "\n", omittingEmptySubsequences: false)
            .filter { !$0.hasPrefix("\\restrict ") && !$0.hasPrefix("\\unrestrict ") }.joined(separator: "\n")
    }

    /// Runs `body` while a session is open that has run `text` and holds what it took.
    ///
    /// - Throws: ``WaitedInVain`` if it does not come to hold it, or does not end.
    package func holding<Value: Sendable>(
        _ text: String, in database: String, as user: String? = nil, _ body: @Sendable () async throws -> Value
    ) async throws -> Value {
        let watchdog = Watchdog()
        let result = try await Subprocess.run(
            try psql(database, as: user), input: .inputWriter, output: .sequence, error: .text(limit: 1 << 20)
        ) { execution -> Value? in
            watchdog.watch(execution.processIdentifier)
            _ = try? await execution.standardInputWriter.write("BEGIN;\n\(text);\n\\echo held\n")
            var lines = execution.standardOutput.strings().makeAsyncIterator()
            var isHeld = false
            while !isHeld, let line = try await lines.next() { isHeld = line.hasPrefix("held") }
            guard isHeld else { return nil }
            watchdog.leave()
            let value = try await body()
            watchdog.watch(execution.processIdentifier)
            try? await execution.standardInputWriter.finish()
            return value
        }
        if watchdog.leave() {
            throw WaitedInVain("a session that holds what `\(text)` takes", last: result.standardError)
        }
        return try #require(result.closureResult, "\(text)\n\(result.standardError)")
    }

    /// Returns once a condition holds.
    package func wait(until condition: String, in database: String = "postgres") async throws {
        try await sql(
            """
            DO $wait$ BEGIN
              WHILE clock_timestamp() < now() + interval '100 seconds' LOOP
                PERFORM pg_stat_clear_snapshot();
                IF (\(condition)) THEN RETURN; END IF;
                PERFORM pg_sleep(0.02);
              END LOOP;
              RAISE 'not within 100 seconds: %', $condition$\(condition)$condition$ USING DETAIL = (
                SELECT string_agg(concat_ws(' | ', datname, usename, application_name, state, wait_event, query), E'\n')
                FROM pg_stat_activity WHERE backend_type = 'client backend');
            END $wait$
            """, in: database)
    }

    /// Makes a database for one test, and drops it when `body` is done.
    package func withDatabase<Value: Sendable>(
        _ name: String, _ setup: String, _ body: @Sendable () async throws -> Value
    ) async throws -> Value {
        let quoted =
            "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
        try await sql("CREATE DATABASE \(quoted)")
        let result: Result<Value, any Error>
        do {
            try await sql(setup, in: name)
            result = .success(try await body())
        } catch {
            result = .failure(error)
        }
        try await sql("DROP DATABASE \(quoted) WITH (FORCE)")
        return try result.get()
    }

    private func psql(_ database: String, as user: String?) throws -> Configuration {
        var options = PlatformOptions()
        options.createSession = true
        return try Configuration(
            executable: .path(bin.appending("psql")),
            arguments: ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-f", "-"],
            environment: login(
                as: user, ["PGDATABASE": database, "PGAPPNAME": "test", "PGTZ": "UTC"]), platformOptions: options
        )
    }

    private func login(
        as user: String? = nil, _ others: [String: String] = [:]
    ) throws -> Subprocess.Environment {
        let login = [
            "PGHOST": "127.0.0.1", "PGPORT": "\(port)", "PGUSER": user ?? superuser, "PGPASSWORD": password,
        ]
        return try .only(ChildEnvironment.variables([], login.merging(others) { $1 }))
    }
}
