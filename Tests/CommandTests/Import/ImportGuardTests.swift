import FakeGoogle
import MigrationKit
import TestClusters
import Testing

/// What keeps an import from dropping databases, and what is left where a load fails.
@Suite(.inTurn) struct ImportGuardTests {
    let workplace: Workplace

    init() async throws { workplace = try await Workplace() }

    /// Makes a database with something in it that must not be lost.
    private func prepare(_ database: Database) async throws {
        let name = "\"\(database.importedName)\""
        try await workplace.postgres.target.sql("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
        try await workplace.postgres.target.sql("CREATE DATABASE \(name) OWNER \"sourcegraph-admin\"")
        try await workplace.postgres.target.sql(
            "CREATE TABLE precious AS SELECT 1 AS one; GRANT ALL ON precious TO PUBLIC", in: database.importedName)
    }

    private func isUntouched(_ database: Database) async throws -> Bool {
        try await workplace.postgres.target.sql("SELECT to_regclass('precious')", in: database.importedName)
            == "precious"
    }

    private func migrate(_ database: Database, _ options: String...) async throws -> Workplace.Finished {
        try await workplace.run(
            BuiltPrograms.path("mi-migrate"),
            ["import", "--bucket=./bucket", "--into=\(workplace.into)", "--database=\(database.rawValue)"] + options,
            environment: ["PGPASSWORD": workplace.postgres.target.password])
    }

    // MARK: Before anything is dropped

    @Test func withoutTerminalNothingIsDropped() async throws {
        try await TargetDatabases.withOne { database in
            try await prepare(database)
            try await workplace.upload(SmallDump.text, as: database)
            let refused = try await migrate(database)
            #expect(refused.exit == 2)
            #expect(refused.errors.contains("there is no terminal to confirm that on"), "\(refused.errors)")
            #expect(refused.errors.contains("will be dropped") && refused.errors.contains(database.importedName))
            #expect(try await isUntouched(database))
        }
    }

    @Test func othersWhoAreConnectedAreNamed() async throws {
        try await TargetDatabases.withOne { database in
            try await prepare(database)
            try await workplace.upload(SmallDump.text, as: database)
            let target = workplace.postgres.target
            let refused = try await target.holding("SELECT FROM precious", in: database.importedName, as: "app") {
                try await migrate(database, "--yes")
            }
            #expect(refused.exit == 3)
            #expect(refused.errors.contains("Other sessions are connected to the databases that would be dropped."))
            #expect(refused.errors.contains("\(database.importedName): test as app, from 127.0.0.1"))
            #expect(try await isUntouched(database))

            let imported = try await target.holding("SELECT FROM precious", in: database.importedName, as: "app") {
                try await migrate(database, "--yes", "--terminate-connections")
            }
            #expect(imported.exit == 0, "\(imported.errors)")
            #expect(try await !isUntouched(database))
        }
    }

    @Test func olderServerIsRefused() async throws {
        try await TargetDatabases.withOne { database in
            try await prepare(database)
            let dump = try await SmallDump.text
            let line = "-- Dumped from database version "
            try await workplace.upload(dump.replacing(line, with: line + "99.1 was "), as: database)
            let refused = try await migrate(database, "--yes")
            #expect(refused.exit == 3)
            let sentence = "\(database.dumpName) comes from PostgreSQL 99; \(workplace.serverName) runs "
            #expect(refused.errors.contains(sentence), "\(refused.errors)")
            #expect(try await isUntouched(database))
        }
    }

    @Test func extensionThatTheServerLacksIsNamed() async throws {
        try await TargetDatabases.withOne { database in
            try await prepare(database)
            let dump = try await SmallDump.text.replacing(
                "CREATE SCHEMA \"audit\";",
                with: "CREATE EXTENSION IF NOT EXISTS \"no_such\" WITH SCHEMA \"public\";\nCREATE SCHEMA \"audit\";")
            try await workplace.upload(dump, as: database)
            let refused = try await migrate(database, "--yes")
            #expect(refused.exit == 3)
            let sentence = "\(workplace.serverName) does not offer no_such, which \(database.dumpName) needs."
            #expect(refused.errors.contains(sentence), "\(refused.errors)")
            #expect(try await isUntouched(database))
        }
    }

    private func migrate(_ database: Database, as role: String) async throws -> Workplace.Finished {
        try await workplace.migrate(
            "import", "--bucket=./bucket", "--into=postgres://\(role)@127.0.0.1:\(workplace.target.port)/postgres",
            "--database=\(database.rawValue)", "--yes")
    }

    private func hasScratch(_ database: Database) async throws -> Bool {
        try await workplace.postgres.target.sql(
            "SELECT count(*) FROM pg_database WHERE datname = 'mi_migrate_scratch.\(database.importedName)'") != "0"
    }

    @Test func roleThatMayNotMakeDatabasesIsRefused() async throws {
        try await TargetDatabases.withOne { database in
            try await prepare(database)
            let target = workplace.postgres.target
            try await target.sql("ALTER DATABASE \"\(database.importedName)\" OWNER TO app")
            try await workplace.upload(SmallDump.text, as: database)
            let refused = try await migrate(database, as: "app")
            #expect(refused.exit == 3, "\(refused.errors)")
            #expect(refused.errors.contains("ERROR:  permission denied to create database"), "\(refused.errors)")
            #expect(refused.errors.contains("Nothing was dropped."))
            #expect(refused.errors.contains("ALTER ROLE \"app\" CREATEDB."))
            #expect(try await isUntouched(database))
            // Other tests import into it, too.
            try await target.sql("ALTER DATABASE \"\(database.importedName)\" OWNER TO \"sourcegraph-admin\"")
        }
    }

    @Test func databaseOfAnotherRoleIsRefused() async throws {
        try await TargetDatabases.withOne { database in
            try await prepare(database)
            let target = workplace.postgres.target
            try await target.sql("ALTER DATABASE \"\(database.importedName)\" OWNER TO cloudsqladmin")
            try await workplace.upload(SmallDump.text, as: database)
            let refused = try await migrate(database, "--yes")
            #expect(refused.exit == 3, "\(refused.errors)")
            let remedy = "ALTER DATABASE \"\(database.importedName)\" OWNER TO \"sourcegraph-admin\""
            #expect(
                refused.errors.contains("sourcegraph-admin is not allowed to drop \(database.importedName) on "),
                "\(refused.errors)")
            #expect(refused.errors.contains(remedy), "\(refused.errors)")
            #expect(try await isUntouched(database))

            try await target.sql(remedy)
            let imported = try await migrate(database, "--yes")
            #expect(imported.exit == 0, "\(imported.errors)")
            #expect(try await !hasScratch(database))
        }
    }

    @Test func extensionThatTheRoleMayNotMakeIsToldBeforeAnythingIsDropped() async throws {
        let cluster = try await CloudSQLCluster(language: "de")
        let result: Result<Void, any Error>
        do { result = .success(try await refuseExtensions(on: cluster.server)) } catch { result = .failure(error) }
        await cluster.stop()
        try result.get()
    }

    /// Follows the remedy, too.
    private func refuseExtensions(on server: ScratchPostgres.Cluster) async throws {
        let workplace = try await Workplace(target: server)
        let made = ["pgrowlocks", "pageinspect"].map { "CREATE EXTENSION IF NOT EXISTS \"\($0)\"" }.sorted()
        let dump = try await SmallDump.text.replacing(
            "CREATE SCHEMA \"audit\";",
            with: made.map { "\($0) WITH SCHEMA \"public\";\n" }.joined() + "CREATE SCHEMA \"audit\";")
        try await workplace.upload(dump, as: .primary)
        try await server.sql("DROP DATABASE IF EXISTS pgsql")
        try await server.sql("CREATE DATABASE pgsql OWNER \"sourcegraph-admin\"")
        try await server.sql("CREATE TABLE precious ()", in: "pgsql")

        let command = ["import", "--bucket=./bucket", "--into=\(workplace.into)", "--database=primary", "--yes"]
        let variables = ["PGPASSWORD": server.password]
        let refused = try await workplace.run(BuiltPrograms.path("mi-migrate"), command, environment: variables)
        #expect(refused.exit == 3, "\(refused.errors)")
        let words = await #expect(throws: PostgresNotice.self) {
            try await server.sql(made[0], as: "sourcegraph-admin")
        }
        #expect(words?.code == "42501" && refused.errors.contains(":  \(words?.message ?? "")\n"), "\(refused.errors)")
        let remedy = made.joined(separator: "; ")
        #expect(refused.errors.contains("in the database template1 of \(workplace.serverName)"), "\(refused.errors)")
        #expect(refused.errors.contains(remedy), "\(refused.errors)")
        #expect(try await server.sql("SELECT to_regclass('precious')", in: "pgsql") == "precious")
        #expect(
            try await server.sql("SELECT count(*) FROM pg_database WHERE datname = 'mi_migrate_scratch.pgsql'") == "0")

        try await server.sql(remedy, in: "template1")
        let imported = try await workplace.run(BuiltPrograms.path("mi-migrate"), command, environment: variables)
        #expect(imported.exit == 0, "\(imported.errors)")
    }

    @Test func damagedBucketIsRefused() async throws {
        try await TargetDatabases.withOne { database in
            try await prepare(database)
            try await workplace.upload(SmallDump.text, as: database)
            let name = "bucket/\(database.dumpName)"
            try workplace.folder.write(name, try workplace.folder.text(name).replacing("Grace", with: "Gracf"))
            let refused = try await migrate(database, "--yes")
            #expect(refused.exit == 4)
            #expect(refused.errors.contains("\(database.dumpName) is not what was uploaded: its checksums differ."))
            #expect(try await isUntouched(database))
        }
    }

    @Test func wrongPasswordIsToldAsWhatItIs() async throws {
        try await TargetDatabases.withOne { database in
            try await workplace.upload(SmallDump.text, as: database)
            let refused = try await workplace.migrate(
                "import", "--bucket=./bucket", "--into=\(workplace.into)", "--database=\(database.rawValue)", "--yes",
                environment: ["PGPASSWORD": "wrong-\(database)"])
            #expect(refused.exit == 3)
            #expect(refused.errors.contains("\(workplace.serverName) refused the connection."))
            #expect(refused.errors.contains("password authentication failed for user \"sourcegraph-admin\""))
            #expect(!refused.errors.contains("wrong-"))
        }
    }

    // MARK: A load that fails

    @Test(arguments: [
        ("Grace", "Gracf"), ("SET row_security = off;\n", "SET row_security = off;\n\n"), ("Ada\t", "\t"),
    ])
    func objectThatChangesAfterItWasVerifiedIsNotLoaded(old: String, new: String) async throws {
        try await TargetDatabases.withOne { database in
            try await workplace.upload(SmallDump.text, as: database)
            let name = "bucket/\(database.dumpName)"
            let error = try await #require(throws: MigrationError.self) {
                _ = try await workplace.importSnapshot(
                    of: database,
                    afterReset: {
                        let text = try workplace.folder.text(name)
                        try #require(text.contains(old))
                        try workplace.folder.write(name, text.replacing(old, with: new))
                    },
                    afterLoad: { Issue.record("was loaded") })
            }
            #expect(error.message == "\(database.dumpName) changed in the bucket after it was verified.")
            #expect(try await workplace.relations(in: database) == "0")
        }
    }

    @Test func objectThatIsCutAfterItWasVerifiedIsNotLoaded() async throws {
        try await TargetDatabases.withOne { database in
            try await workplace.upload(SmallDump.text, as: database)
            let name = "bucket/\(database.dumpName)"
            let error = try await #require(throws: MigrationError.self) {
                _ = try await workplace.importSnapshot(
                    of: database,
                    afterReset: {
                        let text = try workplace.folder.text(name)
                        try workplace.folder.write(name, String(text.prefix(text.count * 3 / 4)))
                    })
            }
            #expect(error.code == .tornDump)
            #expect(try await workplace.relations(in: database) == "0")
        }
    }

    @Test func errorOfTheServerIsToldWithStatementAndLine() async throws {
        try await TargetDatabases.withOne { database in
            let call = "CREATE VIEW public.broken AS SELECT pg_catalog.no_such_function(1);"
            let dump = try await BigDump.text.replacing("\nCOPY ", with: "\n\(call)\n\nCOPY ", maxReplacements: 1)
            try await workplace.upload(dump, as: database)
            let line = dump.split(separator: "\n", omittingEmptySubsequences: false).firstIndex { $0 == call }
            let failed = try await migrate(database, "--yes")
            #expect(failed.exit == 5)
            let place = "\(database.dumpName):\((line ?? 0) + 1)"
            let cause = "ERROR:  function pg_catalog.no_such_function(integer) does not"
            #expect(
                failed.errors.contains("error: \(workplace.serverName) refused \(place): \(cause)"), "\(failed.errors)")
            #expect(failed.errors.contains("STATEMENT:  \(call)"), "\(failed.errors)")
            #expect(failed.errors.contains("The database \(database.importedName) is empty, as after the reset."))
            #expect(try await workplace.relations(in: database) == "0")
        }
    }

    @Test func rowThatTheServerRefusesIsToldWithItsLine() async throws {
        try await TargetDatabases.withOne { database in
            let dump = try await SmallDump.text.replacing("1906-12-09", with: "1906-02-30")
            try await workplace.upload(dump, as: database)
            let failed = try await migrate(database, "--yes")
            #expect(failed.exit == 5)
            #expect(failed.errors.contains("date/time field value out of range: \"1906-02-30\""))
            #expect(failed.errors.contains("CONTEXT:  COPY people, line 2, column born"), "\(failed.errors)")
            #expect(try await workplace.relations(in: database) == "0")
        }
    }
}
