import FakeGoogle
import NIOHTTP1
import TestClusters
import TestSupport
import Testing

/// Backups of the fake instance, and the ways back to them.
@Suite(.inTurn) struct CloudSQLBackupTests {
    private static func restoring(_ id: String, of instance: String = "sourcegraph-db") -> AnyJSON {
        [
            "restoreBackupContext": [
                "kind": "sql#restoreBackupContext", "backupRunId": .string(id), "instanceId": .string(instance),
            ]
        ]
    }

    private func backUp(_ client: CloudSQLClient) async throws -> String {
        let done = try await client.done(client.send(.POST, "backupRuns", ["description": "before"]))
        #expect(done["operationType"] == "BACKUP_VOLUME" && done["error"] == nil)
        return try #require(done["backupContext"]?["backupId"]?.string, "\(done.text)")
    }

    @Test func restoreBringsAllDatabasesBackAsTheyWere() async throws {
        try await CloudSQLClient.with { fake, _, client in
            try await fake.sql("CREATE TABLE t AS SELECT generate_series(1, 1000) AS a")
            let (before, others) = (try await fake.pgDump("pgsql"), try await fake.pgDump("codeintel-db"))
            // Somebody who is at work is no hindrance, and what is not committed is not in it.
            let id = try await fake.cluster.server.holding("DELETE FROM t", in: "pgsql") { try await backUp(client) }
            try await fake.sql("DROP TABLE t; CREATE TABLE u ()")
            try await fake.sql("CREATE TABLE v ()", database: "codeintel-db")
            #expect(try await client.done(client.send(.DELETE, "databases/codeinsights-db"))["error"] == nil)
            #expect(try await client.done(client.send(.POST, "databases", ["name": "x"]))["error"] == nil)
            for _ in 1...2 {
                let done = try await client.done(client.send(.POST, "restoreBackup", Self.restoring(id)))
                #expect(done["operationType"] == "RESTORE_VOLUME" && done["error"] == nil, "\(done.text)")
                #expect(try await fake.pgDump("pgsql") == before)
                #expect(try await fake.pgDump("codeintel-db") == others)
                let names = try await client.send(.GET, "databases").json["items"]?.array?.map { $0["name"] }
                #expect(names == ["codeinsights-db", "codeintel-db", "pgsql", "postgres"])
                // It stays, and can be gone back to again.
                try await fake.sql("DELETE FROM t")
            }
            #expect(try await client.importError("CREATE TABLE w ();") == "")
            #expect(fake.record.backups.map(\.description) == ["before"])
            #expect(fake.violations == [])
        }
    }

    @Test func restoreEndsAllSessionsAndLetsNobodyInMeanwhile() async throws {
        try await CloudSQLClient.with { fake, _, client in
            let id = try await backUp(client)
            fake.fault(operation: .held(), type: "RESTORE_VOLUME")
            try await fake.cluster.server.holding("SELECT 1", in: "pgsql") {
                let started = try await client.send(.POST, "restoreBackup", Self.restoring(id))
                #expect(started.status == 200 && started.json["status"] == "PENDING")
                try await fake.waitUntil { $0.operations.contains { $0.status == .running } }
                #expect(try await client.refusal(.POST, "databases", ["name": "x"]).hasPrefix("409 "))
                fake.releaseOperations()
                #expect(try await client.done(started)["error"] == nil)
                let sessions = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'test'"
                #expect(try await fake.sql("\(sessions) AND pid <> pg_backend_pid()") == "0")
            }
            #expect(fake.instance.state == "RUNNABLE" && fake.violations == [])
        }
    }

    @Test func backupThatIsNotThereIsRefused() async throws {
        try await CloudSQLClient.with { fake, _, client in
            let id = try await backUp(client)
            for body in [Self.restoring("1"), Self.restoring(id, of: "other-db")] {
                #expect(
                    try await client.refusal(.POST, "restoreBackup", body)
                        == "404 backupRunDoesNotExist: The backup run does not exist.")
            }
            #expect(fake.operations.map(\.type) == ["BACKUP_VOLUME"] && fake.violations == [])
            #expect(try await client.send(.POST, "restoreBackup", Self.restoring("no number")).status == 400)
            #expect(fake.violations.count == 1)
        }
    }

    @Test func backupAndRestoreFailWhenTheyAreTold() async throws {
        try await CloudSQLClient.with { fake, _, client in
            let id = try await backUp(client)
            fake.fault(operation: .fails(), type: "BACKUP_VOLUME")
            fake.fault(operation: .fails(code: "RESTORE_FAILED"), type: "RESTORE_VOLUME")
            let backup = try await client.done(client.send(.POST, "backupRuns", [:]))
            #expect(backup["error"] != nil && backup["backupContext"] == nil)
            try await fake.sql("CREATE TABLE t ()")
            let restore = try await client.done(client.send(.POST, "restoreBackup", Self.restoring(id)))
            #expect(restore["error"]?["errors"]?.array?.first?["code"] == "RESTORE_FAILED")
            #expect(try await fake.sql("SELECT count(*) FROM t") == "0" && fake.record.backups.count == 1)
            #expect(fake.violations == [])
        }
    }
}
