import Foundation
import TestClusters
import Testing

/// `mi-migrate config` as it is typed.
@Suite(.inTurn) struct ConfigCommandTests {
    let workplace: Workplace

    init() async throws { workplace = try await Workplace() }

    private let runbook = [
        "TARGET_INSTANCE_PROJECT": "sourcegraph-managed-migration", "TARGET_INSTANCE_DB": "main-47cc60a2",
        "INSTANCE_ADMIN_PASSWORD": "hunter2",
    ]

    private func config(
        _ arguments: String..., environment: [String: String] = [:]
    ) async throws -> Workplace.Finished {
        try await workplace.run(BuiltPrograms.path("mi-migrate"), ["config"] + arguments, environment: environment)
    }

    @Test func settingsAreShownWithTheirOrigins() async throws {
        try workplace.folder.write("migration.yaml", "bucket: acme-snapshot\nproject: other-project\n", mode: 0o644)
        let run = try await config(
            "-bucket-project=acme-migration", "--connection=postgres://a:hunter3@h/d", environment: runbook)
        #expect(run.exit == 0, "\(run.errors)")
        let lines = run.output.split(separator: "\n").map { line in
            line.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
        }
        #expect(
            lines == [
                "setting value from", "project sourcegraph-managed-migration TARGET_INSTANCE_PROJECT",
                "instance main-47cc60a2 TARGET_INSTANCE_DB", "bucket gs://acme-snapshot migration.yaml:1",
                "bucket-project acme-migration flag --bucket-project", "credentials - -",
                "connection postgres://a:<redacted>@h/d flag --connection",
                "through connection default",
                "password <redacted> INSTANCE_ADMIN_PASSWORD",
                "import-user - -", "journal gs://acme-snapshot default",
                "databases primary, codeintel, codeinsights default", "into - -", "machine - -", "ssh-key - -",
                "ssh-config - -", "deployment /deployment/docker-compose default", "endpoint - -", "external-url - -",
                "admin-email - -", "executors - -",
            ])
        #expect(run.errors.contains("warning: The password in --connection is visible in the process list"))
        #expect(!(run.output + run.errors).contains("hunter"))
    }

    @Test func settingsAreToldToPrograms() async throws {
        let run = try await config("--json", environment: runbook)
        #expect(run.exit == 0, "\(run.errors)")
        let line = try #require(run.output.split(separator: "\n").last)
        let result = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        let rows = try #require(result?["result"] as? [[String: String]])
        #expect(
            rows.first == [
                "name": "project", "value": "sourcegraph-managed-migration", "origin": "TARGET_INSTANCE_PROJECT",
            ])
        #expect(rows.contains(["name": "password", "value": "<redacted>", "origin": "INSTANCE_ADMIN_PASSWORD"]))
        #expect(rows.contains(["name": "bucket"]))
        #expect(!run.output.contains("hunter2"))
    }

    @Test func namedFileHasToBeThere() async throws {
        let missing = try await config("--config=acme.yaml")
        #expect(missing.exit == 2)
        #expect(missing.errors.contains("acme.yaml"), "\(missing.errors)")
        #expect(try await config("--config=").exit == 2)
        try workplace.folder.write("acme.yaml", "bukcet: x\n")
        let mistaken = try await config("--config=acme.yaml")
        #expect(mistaken.exit == 2 && mistaken.output == "")
        #expect(
            mistaken.errors.hasPrefix("error: acme.yaml:1: unknown key `bukcet`: did you mean `bucket`?"),
            "\(mistaken.errors)")
    }

    @Test func openFileWithAPasswordIsRefused() async throws {
        try workplace.folder.write("migration.yaml", "password: hunter2\n", mode: 0o644)
        let refused = try await config()
        #expect(refused.exit == 2)
        #expect(refused.errors.contains("migration.yaml:1 contains a password, and others can read the file."))
        #expect(!refused.errors.contains("hunter2"))
    }
}
