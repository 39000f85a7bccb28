package import FakeServer
import TestClusters
import TestSupport

/// Databases come and go at once; what the operation then shows is how Google tells of it.
extension FakeCloudSQL {
    /// What works on the instance when a request names no user: a member of `cloudsqlsuperuser` that acts as it.
    package static let systemUser = "cloudsqlimportexport"
    package static let systemRole = "cloudsqlsuperuser"

    private static let collation = "en_US.UTF8"

    private func json(_ name: String) -> AnyJSON {
        let instance = instance
        let place = "https://sqladmin.googleapis.com/v1/projects/\(instance.project)/instances/\(instance.name)"
        return [
            "kind": "sql#database", "name": .string(name), "charset": "UTF8", "collation": .string(Self.collation),
            "instance": .string(instance.name), "project": .string(instance.project),
            "selfLink": .string("\(place)/databases/\(name)"),
        ]
    }

    private func names() async throws -> [String] {
        let list = "SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY datname COLLATE \"C\""
        return try await cluster.run(list).get().flatMap(\.rows).compactMap { $0.first ?? nil }
    }

    package func hasDatabase(_ name: String) async throws -> Bool { try await names().contains(name) }

    package func listDatabases() async -> FakeResponse {
        await answering {
            .json(body: ["kind": "sql#databasesList", "items": .array(try await self.names().map { self.json($0) })])
        }
    }

    package func getDatabase(_ request: Request) async -> FakeResponse {
        let name = request.pieces.last ?? ""
        return await answering {
            try await self.hasDatabase(name) ? .json(body: self.json(name)) : Self.noDatabase
        }
    }

    /// Status and text are assumed.
    private static var noDatabase: FakeResponse { failure(404, "databaseDoesNotExist", "Database does not exist.") }

    package func insertDatabase(_ request: Request) async -> FakeResponse {
        let body = request.body ?? [:]
        guard let database = body["name"]?.string, Self.isName(database) else {
            // The text is assumed.
            return Self.failure(400, "invalid", "Invalid request: Invalid database name.")
        }
        for (field, own) in [("project", instance.project), ("instance", instance.name)] {
            guard body[field] ?? .string(own) == .string(own) else {
                return Self.failure(400, "invalid", "Invalid request: \(field) is not that of the path.")
            }
        }
        guard let name = reserve("CREATE_DATABASE", request, database: database) else { return Self.isBusy }
        guard plannedFailure(of: name) == nil else { return acceptDone(name, request) }
        var statement = "CREATE DATABASE \(Self.quoted(database))"
        let collation = body["collation"]?.string ?? Self.collation
        if body["charset"] ?? "UTF8" != "UTF8" || collation != Self.collation {
            // Which others Cloud SQL takes is not known: whatever the server does.
            statement += " ENCODING \(Self.literal(body["charset"]?.string ?? "UTF8"))"
            statement += " LOCALE \(Self.literal(collation)) TEMPLATE template0"
        }
        let error = await run(statement)
        guard let error else { return acceptDone(name, request) }
        withdraw(name)
        let message = "Invalid request: failed to create database \(database). Detail: pq: \(error)\n."
        return Self.failure(400, "invalid", message)
    }

    package func deleteDatabase(_ request: Request) async -> FakeResponse {
        let database = request.pieces.last ?? ""
        guard !["postgres", "template0", "template1"].contains(database) else {
            // The text is assumed.
            return Self.failure(400, "invalid", "Invalid request: system databases cannot be deleted.")
        }
        guard let name = reserve("DELETE_DATABASE", request, database: database) else { return Self.isBusy }
        guard (try? await hasDatabase(database)) == true else {
            withdraw(name)
            return Self.noDatabase
        }
        guard plannedFailure(of: name) == nil else { return acceptDone(name, request) }
        let error = await drop(database)
        guard let error else { return acceptDone(name, request) }
        withdraw(name)
        let message =
            "Invalid request: failed to delete database \"\(database)\". Detail: pq: \(error)."
            + " (Please use psql client to delete database that is not owned by \"cloudsqlsuperuser\")."
        return Self.failure(400, "invalid", message)
    }

    /// - Returns: The error's message.
    private func drop(_ database: String) async -> String? {
        // The server looks for five seconds whether all sessions have ended.
        await waitForSessions("datname = \(Self.literal(database))")
        let isInUse = """
            SELECT FROM pg_database WHERE datname = \(Self.literal(database))
            AND pg_has_role('\(Self.systemRole)', datdba, 'USAGE')
            AND EXISTS (SELECT FROM pg_stat_activity WHERE datid = pg_database.oid)
            """
        if let rows = try? await cluster.run(isInUse).get().first?.rows, !rows.isEmpty {
            return "database \"\(database)\" is being accessed by other users"
        }
        return await run("DROP DATABASE \(Self.quoted(database))")
    }

    /// What is left of sessions that are about to end is gone when this returns.
    package func waitForSessions(_ condition: String, seconds: Int = 5) async {
        _ = try? await cluster.run(
            """
            DO $$ BEGIN
              WHILE clock_timestamp() < now() + interval '\(seconds) seconds' LOOP
                PERFORM pg_stat_clear_snapshot();
                EXIT WHEN NOT EXISTS (SELECT FROM pg_stat_activity WHERE \(condition) AND pid <> pg_backend_pid());
                PERFORM pg_sleep(0.02);
              END LOOP;
            END $$
            """)
    }

    /// Runs one statement as Google does.
    ///
    /// - Returns: The error's message.
    private func run(_ statement: String) async -> String? {
        do {
            return try await cluster.run(statement, as: Self.systemUser, role: Self.systemRole).error?.message
        } catch {
            return "\(error)"
        }
    }

    package func answering(_ body: () async throws -> FakeResponse) async -> FakeResponse {
        do {
            return try await body()
        } catch {
            violate("the fake's own database: \(error)")
            return Self.failure(500, "internalError", "\(error)")
        }
    }

    private static func isName(_ name: String) -> Bool {
        (1...63).contains(name.utf8.count) && !["template0", "template1", "cloudsqladmin"].contains(name)
            && !name.hasPrefix("pg_") && !name.unicodeScalars.contains { $0.value < 32 || $0 == "/" || $0.value == 127 }
    }
}
