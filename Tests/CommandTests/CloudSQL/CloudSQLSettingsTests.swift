import FakeGoogle
import Foundation
import MigrationKit
import NIOCore
import SystemPackage
import TestClusters
import Testing

/// What an import works on, and that nothing secret is seen of it.
@Suite(.inTurn) struct CloudSQLSettingsTests {
    private func run(
        _ arguments: [String], _ variables: [String: String], in place: CloudSQLPlace
    ) async throws -> Workplace.Finished {
        var all = place.environment.filter { $0.key.hasPrefix("CLOUDSDK_") }
        all.merge(variables) { $1 }
        return try await place.workplace.run(BuiltPrograms.path("mi-migrate"), arguments, environment: all)
    }

    private let database = "--database=primary"

    @Test func runbooksVariablesAreEnough() async throws {
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.small) { place in
            let variables = [
                "TARGET_INSTANCE_PROJECT": "example-project", "TARGET_INSTANCE_DB": "sourcegraph-db",
                "DB_DUMP_BUCKET": "gs://snapshot", "INSTANCE_ADMIN_PASSWORD": place.instance.password,
                "GOOGLE_APPLICATION_CREDENTIALS": place.workplace.folder.file("key.json").string,
            ]
            let imported = try await run(["import", "--yes", database, place.connection], variables, in: place)
            #expect(imported.exit == 0, "\(imported.errors)")
            #expect(imported.errors.contains("holds exactly the rows that were dumped"))
        }
    }

    @Test func fileIsEnoughAndFlagsComeBeforeAll() async throws {
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.small) { place in
            let file = """
                project: example-project
                instance: sourcegraph-db
                bucket: gs://snapshot
                credentials: key.json
                import-user: sourcegraph-admin
                databases: [primary]

                """
            try place.workplace.folder.write("migration.yaml", file)
            let imported = try await run(["import", "--yes"], [:], in: place)
            #expect(imported.exit == 0, "\(imported.errors)")
            #expect(place.dropped == ["pgsql"])
            #expect(
                try await place.instance.sql("SELECT tableowner FROM pg_tables WHERE tablename = 'people'")
                    == "sourcegraph-admin")

            let others = ["TARGET_INSTANCE_PROJECT": "other-project", "DB_DUMP_BUCKET": "gs://other"]
            let byVariables = try await run(["status"], others, in: place)
            #expect(byVariables.exit == 4 && byVariables.errors.contains("gs://other"), "\(byVariables.errors)")
            let byFlags = try await run(
                ["status", "--project=example-project", "--bucket=gs://snapshot"], others, in: place)
            #expect(byFlags.exit == 0, "\(byFlags.errors)")
            #expect(byFlags.errors.contains("The import into example-project:sourcegraph-db was completed"))
        }
    }

    @Test func whatIsMissingIsNamed() async throws {
        try await CloudSQLPlace.with([:]) { place in
            let nothing = try await run(["import"], [:], in: place)
            #expect(nothing.exit == 2 && nothing.errors.contains("error: No bucket is set."), "\(nothing.errors)")
            let noTarget = try await run(
                ["import", "--bucket=snapshot", "--credentials=key.json"], [:], in: place)
            #expect(noTarget.exit == 2 && noTarget.errors.contains("error: No destination is set."))
            let folder = try await run(
                ["import", "--bucket=./snapshot", "--project=example-project", "--instance=sourcegraph-db"], [:],
                in: place)
            #expect(folder.exit == 2)
            #expect(folder.errors.contains("Cloud SQL can import only from a Google bucket"), "\(folder.errors)")
        }
    }

    @Test func nothingSecretIsSeen() async throws {
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.small) { place in
            // What psql is started with.
            let psql = place.workplace.postgres.bin.appending("psql")
            try place.workplace.standIn(
                "psql", script: "printf '%s\\n' \"$0\" \"$@\" >> \"$HOME/arguments\"\nexec \(psql) \"$@\"")
            var variables = place.environment
            variables["PGPASSWORD"] = nil
            variables["INSTANCE_ADMIN_PASSWORD"] = place.instance.password
            variables["GOOGLE_APPLICATION_CREDENTIALS"] = "key.json"
            place.instance.fault(.status(503), on: "instances.import", skip: 2)
            place.instance.fault(
                operation: .fails(code: "ERROR_RDBMS", message: "stderr: ERROR: no"),
                of: CloudSQLPlace.uri("codeintel.sql"))
            let arguments = ["import", "--yes", "-v", "--settle=0", place.connection, "--through=api"]
            let failed = try await run(arguments, variables, in: place)
            #expect(failed.exit == 5)
            let imported = try await run(arguments + ["--json"], variables, in: place)
            #expect(imported.exit == 0, "\(imported.output)")
            #expect(try place.workplace.folder.text("arguments").contains("--no-psqlrc"))

            let pem = try FakeServiceAccount.shared.get().privateKey.split(separator: "\n").map(String.init)
            let secrets = [place.instance.password, pem[3], "PRIVATE KEY"] + place.storage.grants.map(\.token)
            #expect(secrets.count > 3)
            let objects = place.storage.objectNames(in: CloudSQLPlace.bucket).filter { $0.hasPrefix("mi-migrate/") }
            #expect(objects.count > 20)
            let stored = objects.compactMap {
                place.storage.object(CloudSQLPlace.bucket, $0).map { String(buffer: $0.bytes) }
            }
            let seen =
                [failed.output, failed.errors, imported.output, imported.errors]
                + [try place.workplace.folder.text("arguments")] + stored
            for secret in secrets {
                #expect(!seen.contains { $0.contains(secret) })
            }
        }
    }
}
