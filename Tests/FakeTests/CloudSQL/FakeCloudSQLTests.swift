import FakeGoogle
import Foundation
import NIOCore
import NIOHTTP1
import TestClusters
import TestSupport
import Testing

/// What the fake instance is relied on for.
@Suite(.inTurn) struct FakeCloudSQLTests {
    @Test func importedObjectsAreOwnedByTheDefaultUser() async throws {
        try await CloudSQLClient.with { fake, _, client in
            let started = try await client.startImport("CREATE EXTENSION citext;\nCREATE TABLE t (a citext);\n")
            #expect(started.status == 200 && started.json["status"] == "PENDING")
            #expect(started.json["operationType"] == "IMPORT" && started.json["targetId"] == "sourcegraph-db")
            let done = try await client.done(started)
            #expect(done["status"] == "DONE" && done["error"] == nil && done["endTime"] != nil)
            #expect(done["importContext"]?["uri"] == "gs://bucket/a.sql")
            let owner = "SELECT tableowner FROM pg_tables WHERE tablename = 't'"
            #expect(try await fake.sql(owner) == "cloudsqlsuperuser")

            #expect(try await client.importError("CREATE TABLE u ();", as: "sourcegraph-admin") == "")
            #expect(
                try await fake.sql("SELECT tableowner FROM pg_tables WHERE tablename = 'u'") == "sourcegraph-admin")
            #expect(try await fake.sql("SELECT current_user", as: "sourcegraph-admin") == "sourcegraph-admin")
            #expect(try await fake.pgDump("pgsql").contains("CREATE TABLE public.t"))
            #expect(fake.imports(of: "gs://bucket/a.sql").count == 2)
            #expect(fake.violations == [])
        }
    }

    @Test func failedImportKeepsWhatCameBefore() async throws {
        try await CloudSQLClient.with { fake, _, client in
            let error = try await client.importError("CREATE TABLE t ();\nSELECT 1/0;\nCREATE TABLE u ();\n")
            #expect(
                error
                    == "exit status 3\nstdout(capped at 100k bytes):\nCREATE TABLE\nstderr:\nERROR:  division by zero\n"
            )
            #expect(try await fake.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'") == "t")
            let long = String(repeating: "SET work_mem = '8MB';\n", count: 30_000) + "SELECT 1/0;"
            let capped = try await client.importError(long)
            #expect(capped.utf8.count < 101_000 && capped.hasSuffix("stderr:\nERROR:  division by zero\n"))
        }
    }

    @Test func packedDumpIsUnpacked() async throws {
        try await CloudSQLClient.with { fake, storage, client in
            let packed = try #require(Data(base64Encoded: Self.packed))
            storage.add("bucket", "a.sql.gz", ByteBuffer(bytes: packed))
            let done = try await client.done(client.send(.POST, "import", CloudSQLClient.importBody("a.sql.gz")))
            #expect(done["error"] == nil, "\(done)")
            #expect(try await fake.sql("SELECT count(*) FROM t") == "0")
        }
    }

    /// `CREATE TABLE t ();`
    private static let packed = "H4sIAAAAAAACA3MOcnUMcVUIcXTycVUoUdDQtAYA69GNQRIAAAA="

    @Test func importThatMayNotBeginIsRefusedAtOnce() async throws {
        var options = FakeCloudSQL.Options()
        options.readers = [:]
        try await CloudSQLClient.with(options) { fake, storage, client in
            storage.add("bucket", "a.sql", ByteBuffer(string: "SELECT 1;"))
            let body = CloudSQLClient.importBody("a.sql")
            let denied = try await client.refusal(.POST, "import", body)
            #expect(
                denied
                    == "412 notAuthorized: The service account does not have the required permissions for the bucket.")
            fake.allow(toRead: "bucket")
            #expect(try await client.refusal(.POST, "import", CloudSQLClient.importBody("b")).hasPrefix("404 notFound"))
            #expect(
                try await client.refusal(.POST, "import", CloudSQLClient.importBody("a.sql", "none"))
                    .hasPrefix("400 invalid"))
            #expect(fake.operations.isEmpty && fake.violations.isEmpty)
            let wrong: AnyJSON = ["importContext": ["fileType": "sql", "uri": "gs://bucket/a.sql", "db": "pgsql"]]
            #expect(try await client.refusal(.POST, "import", wrong).hasPrefix("400 invalid"))
            #expect(fake.violations.count == 2, "\(fake.violations)")

            let narrow = CloudSQLClient(fake, scopes: ["https://www.googleapis.com/auth/sqlservice.admin"])
            #expect(try await narrow.send(.GET, "databases").status == 200)
            #expect(try await narrow.send(.POST, "import", body).status == 403)
            storage.expireAllTokens()
            #expect(try await client.send(.GET, "databases").status == 401)
        }
    }

    @Test func oneOperationAtATime() async throws {
        try await CloudSQLClient.with { fake, _, client in
            fake.fault(operation: .held())
            let held = try await client.startImport("CREATE TABLE t ();")
            try await fake.waitUntil { $0.operations.contains { $0.status == .running } }
            let busy = try await client.refusal(.POST, "databases", ["name": "x"])
            #expect(busy.hasPrefix("409 operationInProgress: Operation failed because another operation was already"))
            #expect(try await client.send(.POST, "import", CloudSQLClient.importBody("a.sql")).status == 409)
            fake.releaseOperations()
            #expect(try await client.done(held)["error"] == nil)

            fake.startForeignOperation("BACKUP_VOLUME", looks: 2)
            #expect(try await client.send(.DELETE, "databases/codeintel-db").status == 409)
            let list = try await client.send(.GET, "/operations?instance=sourcegraph-db&maxResults=1").json
            #expect(list["items"]?.array?.first?["operationType"] == "BACKUP_VOLUME")
            let rest = try await client.send(.GET, "/operations?pageToken=\(list["nextPageToken"]?.string ?? "")").json
            #expect(rest["items"]?.array?.map { $0["name"] } == [held.json["name"]])
            #expect(try await client.send(.DELETE, "databases/codeintel-db").status == 200)
            #expect(fake.violations == [])
        }
    }

    @Test func operationIsSaidToRunForAsLongAsWanted() async throws {
        var options = FakeCloudSQL.Options()
        options.looks = 1
        try await CloudSQLClient.with(options) { fake, _, client in
            let started = try await client.send(.POST, "databases", ["name": "x"])
            #expect(started.status == 200 && started.json["status"] == "PENDING")
            let path = "/operations/\(started.json["name"]?.string ?? "")"
            #expect(try await client.send(.GET, path).json["status"] == "RUNNING")
            #expect(try await client.send(.GET, path).json["status"] == "DONE")
            #expect(try await client.send(.DELETE, "databases/x").status == 200)
            #expect(fake.violations == [])
        }
    }

    @Test func databasesComeAndGoAsTheirOwnerAllows() async throws {
        var options = FakeCloudSQL.Options()
        options.databases["codeintel-db"] = "sourcegraph-admin"
        try await CloudSQLClient.with(options) { fake, _, client in
            #expect(
                try await client.refusal(.POST, "databases", ["name": "pgsql"])
                    == "400 invalid: Invalid request: failed to create database pgsql."
                    + " Detail: pq: database \"pgsql\" already exists\n.")
            let hint = " (Please use psql client to delete database that is not owned by \"cloudsqlsuperuser\")."
            #expect(
                try await client.refusal(.DELETE, "databases/codeintel-db")
                    == "400 invalid: Invalid request: failed to delete database \"codeintel-db\"."
                    + " Detail: pq: must be owner of database codeintel-db.\(hint)")
            try await fake.cluster.server.holding("SELECT 1", in: "pgsql") {
                let refusal = try await client.refusal(.DELETE, "databases/pgsql")
                #expect(
                    refusal == "400 invalid: Invalid request: failed to delete database \"pgsql\"."
                        + " Detail: pq: database \"pgsql\" is being accessed by other users.\(hint)")
            }
            #expect(try await client.done(client.send(.DELETE, "databases/pgsql"))["error"] == nil)
            #expect(try await client.send(.GET, "databases/pgsql").status == 404)
            let made = try await client.done(
                client.send(.POST, "databases", ["name": "pgsql", "charset": "UTF8", "collation": "en_US.UTF8"]))
            #expect(made["operationType"] == "CREATE_DATABASE" && made["error"] == nil)
            let database = try await client.send(.GET, "databases/pgsql").json
            #expect(database["collation"] == "en_US.UTF8" && database["charset"] == "UTF8")
            #expect(
                try await fake.sql("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'pgsql'")
                    == "cloudsqlsuperuser")
            #expect(fake.violations == [])
        }
    }

    @Test func statementsRunAsOneTransaction() async throws {
        var options = FakeCloudSQL.Options()
        options.instance.allowsDataAPI = true
        try await CloudSQLClient.with(options) { fake, _, client in
            func run(_ sql: String) async throws -> AnyJSON {
                try await client.send(
                    .POST, "executeSql",
                    ["sqlStatement": .string(sql), "database": "pgsql", "autoIamAuthn": true, "rowLimit": "2"]
                ).json
            }
            let answer = try await run("SELECT 1 AS a, NULL::text AS b; SELECT i FROM generate_series(1, 9) i")
            let results = answer["results"]?.array ?? []
            #expect(results.first?["columns"] == [["name": "a", "type": "INT4"], ["name": "b", "type": "TEXT"]])
            #expect(results.first?["rows"] == [["values": [["value": "1"], ["nullValue": true]]]])
            #expect(results.last?["rows"]?.array?.count == 2)
            let failed = try await run("CREATE TABLE t (); SELECT 1/0")
            #expect(failed["status"] == ["code": 3, "message": "ERROR: division by zero (SQLSTATE 22012)"])
            #expect(try await fake.sql("SELECT to_regclass('t')") == "")
            #expect(
                try await run("CREATE DATABASE x")["status"]?["message"]
                    == "ERROR: CREATE DATABASE cannot run inside a transaction block (SQLSTATE 25001)")
            let notice = try await run("SET ROLE cloudsqlsuperuser; DO $$ BEGIN RAISE NOTICE 'hello'; END $$")
            #expect(notice["messages"] == [["severity": "NOTICE", "message": "NOTICE: hello"]])
            let slow = try await run("SET LOCAL statement_timeout = '10ms'; SELECT pg_sleep(60)")
            #expect(slow["error"]?["message"]?.string?.contains("timed out due to a limit of 30 seconds") == true)
            fake.change { $0.allowsDataAPI = false }
            #expect(try await run("SELECT 1")["error"]?["code"] == 400)
            #expect(fake.violations == [])
        }
    }

    @Test func patchReplacesFlagsAndRefusesStaleSettings() async throws {
        try await CloudSQLClient.with { fake, _, client in
            let flags: AnyJSON = [["name": "max_wal_size", "value": "20480"]]
            let path = "/instances/sourcegraph-db"
            let patch: AnyJSON = ["settings": ["settingsVersion": "7", "databaseFlags": flags]]
            #expect(try await client.send(.PATCH, path, patch).status == 200)
            let settings = try await client.send(.GET, path).json["settings"]
            #expect(settings?["databaseFlags"] == flags && settings?["settingsVersion"] == "8")
            #expect(settings?["backupConfiguration"]?["enabled"] == true)
            #expect(try await client.send(.PATCH, path, patch).status == 412)
            #expect(try await client.send(.POST, "backupRuns", ["description": "before"]).status == 200)
            let user: AnyJSON = ["name": "new", "password": "secret"]
            #expect(try await client.send(.POST, "users", user).status == 200)
            #expect(try await client.send(.PUT, "users?name=new&databaseRoles=app", [:]).status == 200)
            let users = try await client.send(.GET, "users").json["items"]?.array ?? []
            #expect(
                users.first { $0["name"] == "new" }?["databaseRoles"]?.array?.count == 2, "\(users.map(\.text))")
            #expect(fake.operations.map(\.type) == ["UPDATE", "BACKUP_VOLUME", "CREATE_USER", "UPDATE_USER"])
            #expect(fake.violations == [] && fake.record.backups.count == 1)
        }
    }
}
