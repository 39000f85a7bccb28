import MigrationKit
import TestClusters
import Testing

/// Before and after an upgrade, the databases that the instance uses are shown to be those that were imported.
@Suite(.inTurnFirst) struct MatchTests {
    /// Has services of the deployment use other databases than those that are imported: copies of them.
    ///
    /// - Parameters:
    ///   - databases: Which are others.
    ///   - service: The service that uses them; nil: all of them.
    private func divert(_ databases: [Database], of service: String? = nil, at place: RunPlace) async throws {
        let file = "vm/deployment/docker-compose.yaml"
        var current = ""
        let lines = try place.workplace.folder.text(file).split(separator: "\n", omittingEmptySubsequences: false)
        let diverted = lines.map { line in
            if line.hasPrefix("  "), !line.hasPrefix("   "), line.hasSuffix(":") {
                current = String(line.dropFirst(2).dropLast())
            }
            guard service == nil || current == service else { return String(line) }
            return databases.reduce(String(line)) {
                $0.replacing("PGDATABASE=\($1.importedName)'", with: "PGDATABASE=\($1.importedName).other'")
            }
        }
        try place.workplace.folder.write(file, diverted.joined(separator: "\n"))
        for database in databases {
            let name = database.importedName
            try await place.workplace.target.sql("CREATE DATABASE \"\(name).other\" TEMPLATE \"\(name)\"")
        }
    }

    private func undo(_ databases: [Database], at place: RunPlace) throws {
        let file = "vm/deployment/docker-compose.yaml"
        try place.workplace.folder.write(file, try place.workplace.folder.text(file).replacing(".other'", with: "'"))
    }

    @Test(arguments: [Database.allCases, [.codeintel]])
    func databasesThatWereNotImportedAreNotChanged(others: [Database]) async throws {
        try await RunPlace.with(machine: "local") { place in
            #expect(try await place.run("--until=analyze").exit == 0)
            try await divert(others, at: place)
            let before = try await place.workplace.target.pgDump("\(others[0].importedName).other")
            for command in [["run", "migration.yaml", "--yes"], ["upgrade", "--config=migration.yaml"]] {
                let refused = try await place.migrate(command)
                #expect(refused.exit == 3, "\(refused.errors)")
                #expect(
                    refused.errors.contains(
                        "this machine does not use the imported databases: migrator connects to "
                            + "cloud-sql-proxy:5432/\(others[0].importedName).other, which is not "
                            + "\(others[0].importedName) on \(place.workplace.serverName)."), "\(refused.errors)")
            }
            #expect(try place.migratorRuns() == [])
            #expect(try await place.workplace.target.pgDump("\(others[0].importedName).other") == before)
            #expect(try await place.journal().state.step("restore-point") == nil)
            let status = try await place.migrate("status", "--config=migration.yaml")
            #expect(status.errors.contains("Next: match."), "\(status.errors)")
            try undo(others, at: place)
            try await place.checkIsDone(try await place.run())
        }
    }

    @Test(arguments: ComposeHost.Compose.allCases)
    func databasesOfEachServiceAreAskedAtTheEnd(compose: ComposeHost.Compose) async throws {
        try await RunPlace.with(machine: "local", compose: [compose]) { place in
            let done = try await place.run("--until=check")
            #expect(done.exit == 0, "\(done.errors)")
            #expect(done.errors.contains("this machine uses the imported pgsql, codeintel-db, codeinsights-db"))
            let mark = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = 'pgsql'"
            #expect(try await place.workplace.target.sql(mark).hasPrefix("Imported by MigrationKit as mi-migrate:"))
            _ = try await place.host.shell("\(compose.command) down")
            try await divert([.primary], of: "sourcegraph-frontend-internal", at: place)
            _ = try await place.host.shell("\(compose.command) up -d")
            let failed = try await place.run()
            #expect(failed.exit == 7, "\(failed.errors)")
            #expect(
                failed.errors.contains(
                    "sourcegraph-frontend-internal connects to cloud-sql-proxy:5432/pgsql.other, which is not pgsql on"),
                "\(failed.errors)")
            try undo([.primary], at: place)
            try await place.checkIsDone(try await place.run())
        }
    }

    @Test func databasesThatCannotBeAskedAreNotChangedUnlessForAReason() async throws {
        try await RunPlace.with(machine: "local") { place in
            #expect(try await place.run("--until=analyze").exit == 0)
            let file = "vm/deployment/docker-compose.yaml"
            let deployment = try place.workplace.folder.text(file)
            try place.workplace.folder.write(
                file, deployment.replacing("CODEINTEL_PGHOST=cloud-sql-proxy", with: "CODEINTEL_PGHOST=no.such.host"))
            let refused = try await place.run()
            #expect(refused.exit == 6, "\(refused.errors)")
            #expect(
                refused.errors.contains("migrator connects to no.such.host:5432/codeintel-db"), "\(refused.errors)")
            #expect(refused.errors.contains(place.workplace.serverName))
            #expect(refused.errors.contains("--skip='match=REASON'"))
            try place.workplace.folder.write(file, deployment)
            let skipped = try await place.run("--skip=match=seen by two of us, ticket 4711")
            #expect(skipped.exit == 0 && skipped.errors.contains("skipped steps: match"), "\(skipped.errors)")
        }
    }

    /// As deployments write it that have a URI for one database, and variables for the others.
    @Test func databasesOfAURIAreAsked() async throws {
        try await RunPlace.with(machine: "local") { place in
            #expect(try await place.run("--until=analyze").exit == 0)
            let file = "vm/deployment/docker-compose.yaml"
            let target = place.workplace.target
            let uri =
                "postgres://sourcegraph-admin:\(target.password)@cloud-sql-proxy:5432/codeinsights-db?sslmode=disable"
            let deployment = try place.workplace.folder.text(file).replacing(
                "    environment:\n", with: "    environment:\n      - 'CODEINSIGHTS_PGDATASOURCE=\(uri)'\n")
            try place.workplace.folder.write(file, deployment)
            let matched = try await place.run("--until=match")
            #expect(matched.exit == 0, "\(matched.errors)")
            // One question: all services mean the same databases.
            #expect(try place.host.invocations().count { $0.contains("--entrypoint") } == 1)
            try place.workplace.folder.write(
                file, deployment.replacing("/codeinsights-db?", with: "/pgsql?"))
            let refused = try await place.run("--from-step=match", "--until=match")
            #expect(refused.exit == 3, "\(refused.errors)")
            #expect(refused.errors.contains("cloud-sql-proxy:5432/pgsql, which is not codeinsights-db"))
            #expect(!refused.errors.contains(target.password))
        }
    }
}
