import Foundation
import MigrationKit
import TestClusters
import TestSupport
import Testing

/// `mi-migrate report` as it is typed.
@Suite(.inTurn) struct ReportCommandTests {
    let workplace: Workplace

    init() async throws { workplace = try await Workplace() }

    private func migrate(_ arguments: String...) async throws -> Workplace.Finished {
        try await workplace.run(
            BuiltPrograms.path("mi-migrate"), arguments + ["--bucket=./bucket", "--into=\(workplace.into)"],
            environment: ["PGPASSWORD": workplace.postgres.target.password])
    }

    private func json() throws -> [String: Any] {
        let problems = try JSONSchema("report").problems(of: workplace.folder.text("report.json"))
        #expect(problems == [], "\(problems)")
        return try #require(
            try JSONSerialization.jsonObject(with: workplace.folder.bytes("report.json")) as? [String: Any])
    }

    /// An import whose database somebody changes meanwhile.
    private func failToImport(_ database: Database) async throws {
        let target = workplace.postgres.target
        let importer = HookedImporter(
            base: try workplace.importer,
            afterLoad: { database in
                try await target.sql(
                    "DELETE FROM visits WHERE \"when\" = (SELECT min(\"when\") FROM visits)",
                    in: database.importedName, as: "sourcegraph-admin")
            })
        let journal = MigrationJournal(
            store: try workplace.store.folder("mi-migrate").folder(workplace.serverName))
        let flow = ImportSnapshot(
            store: workplace.store, importer: importer, journal: journal, databases: [database],
            confirm: { _ in true })
        let error = try await #require(throws: MigrationError.self) { _ = try await flow.run() }
        #expect(error.code == .proofFailed)
    }

    @Test func importIsReportedBeforeItAndWhenItHasFailed() async throws {
        try await TargetDatabases.withOne { database in
            try await workplace.upload(SmallDump.text, as: database)
            let before = try await migrate("report")
            #expect(
                before.exit == 0 && before.output == "Not finished. The migration has not started.\n",
                "\(before.errors)")
            #expect(before.errors.hasSuffix("\nWrote the report to report.html.\n"), "\(before.errors)")
            #expect(try workplace.folder.mode("report.html") == 0o600)

            try await failToImport(database)
            let failed = try await migrate("report", "-o", "report.json")
            #expect(failed.exit == 0, "\(failed.errors)")
            let step = "prove \(database.importedName)"
            #expect(
                failed.output.hasPrefix(
                    "Failed. Failed in step `\(step)`. visits has 49 rows; 50 were dumped. Do not hand the instance over."
                ))
            let verdict = try #require(try json()["verdict"] as? [String: String])
            #expect(verdict["kind"] == "failed" && verdict["step"] == step)

            let again = try await migrate("report", "--output=again.html", "--title=A <new> home")
            #expect(again.exit == 0)
            let page = try workplace.folder.text("again.html")
            #expect(page.contains("<h1>A &lt;new&gt; home</h1>"))
            #expect(page.contains("1 table differing from the dump:") && page.contains("<code>audit.notes</code>"))
        }
    }

    @Test func resultIsALineOfJSON() async throws {
        try await workplace.upload(SmallDump.text, as: .primary)
        let run = try await migrate("report", "--json")
        #expect(run.exit == 0 && run.errors == "", "\(run.errors)")
        let line = try #require(run.output.split(separator: "\n").last)
        let result = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: [String: Any]]
        #expect(result?["result"]?["format"] as? Int == 1)
        #expect(workplace.folder.exists("report.html"))
    }

    @Test(arguments: ["report.pdf", "report", "report.html.gz"])
    func fileOfAnotherFormIsRefused(name: String) async throws {
        let refused = try await migrate("report", "-o", name)
        #expect(refused.exit == 2 && refused.output == "")
        #expect(refused.errors.contains("Use a name that ends in .html or .json."), "\(refused.errors)")
        #expect(!workplace.folder.exists(name))
    }

    @Test func folderThatIsNotThereIsAnError() async throws {
        try await workplace.upload(SmallDump.text, as: .primary)
        let refused = try await migrate("report", "-o", "nowhere/report.html")
        #expect(refused.exit == 1 && refused.errors.contains("cannot be written"), "\(refused.errors)")
    }
}
