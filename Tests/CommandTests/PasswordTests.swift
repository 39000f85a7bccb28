import Foundation
import MigrationKit
import TestClusters
import Testing

/// Passwords are in no process's arguments, and in nothing that is printed, whatever is asked for.
@Suite(.inTurn) struct PasswordTests {
    let workplace: Workplace

    init() async throws { workplace = try await Workplace() }

    /// Stays the same however a shell, YAML, JSON or a URI quotes what is around it.
    private let needle = UUID().uuidString

    private static let programs = ["pg_dump", "docker", "kubectl"]
    private static let options = [[], ["-v"], ["--json", "-v"]]

    /// The arguments of all processes of this machine, a line each.
    private func arguments() async throws -> [Substring] {
        try await workplace.shell("ps -A -ww -o args=").output.split(separator: "\n")
    }

    private func writeTargets(_ program: String, dbname: String, username: String, password: String) throws {
        if program != "pg_dump" { try workplace.standIn(program) }
        try workplace.writeTargets { _, lines in
            if program != "pg_dump" { (lines.target, lines.others) = ("pgsql", [:]) }
            (lines.dbname, lines.username, lines.password) = (dbname, username, password)
        }
    }

    private func dump(_ program: String, _ options: [String]) async throws -> Workplace.Finished {
        try await workplace.run(
            BuiltPrograms.path("src-snapshot"),
            ["databases", program, "--targets=targets.yaml", "--only=primary"] + options,
            environment: workplace.container())
    }

    @Test(arguments: programs, options)
    func isSeenNowhereWhileADumpRuns(program: String, options: [String]) async throws {
        let source = workplace.postgres.source
        let name = "reader_\(program)_\(options.count)"
        let password = "it's \"\(needle)\" $HOME \\ %"
        try await source.sql("CREATE ROLE \(name) LOGIN SUPERUSER PASSWORD $password$\(password)$password$")
        try writeTargets(program, dbname: name, username: name, password: password)
        let dumped = try await source.withDatabase(name, "CREATE TABLE slow ()") {
            // pg_dump waits for the lock while the processes are looked at.
            let running = try await source.holding("LOCK TABLE slow", in: name) {
                let running = Task { try await dump(program, options + ["--run"]) }
                try await source.waitForDump(of: name)
                let lines = try await arguments()
                #expect(lines.contains { $0.contains("--username=\(name)") })
                #expect(lines.filter { $0.contains(needle) } == [])
                return running
            }
            return try await running.value
        }
        try await source.sql("DROP ROLE \(name)")
        #expect(dumped.exit == 0, "\(dumped.errors)")
        #expect(!dumped.output.contains(needle))
        #expect(!dumped.errors.contains(needle))
        #expect(dumped.errors.contains("<redacted>") == options.contains("-v"))
        for file in try workplace.folder.list("src-snapshot") {
            #expect(try !workplace.folder.text("src-snapshot/\(file)").contains(needle), "\(file)")
        }
    }

    @Test(arguments: zip(programs, options))
    func isNotToldWhereTheServerRefusesIt(program: String, options: [String]) async throws {
        try writeTargets(program, dbname: "sg", username: "sg", password: "wrong-\(needle)")
        let refused = try await dump(program, options + ["--run"])
        #expect(refused.exit == 3)
        #expect((refused.output + refused.errors).contains("password authentication failed"), "\(refused.errors)")
        #expect(!refused.output.contains(needle))
        #expect(!refused.errors.contains(needle))
    }

    @Test(arguments: programs)
    func isPrintedInTheCommandsAloneThatAreAskedFor(program: String) async throws {
        try writeTargets(program, dbname: "sg", username: "sg", password: needle)
        let printed = try await dump(program, ["-v"])
        #expect(printed.exit == 0, "\(printed.errors)")
        #expect(printed.output.contains(needle))
        #expect(!printed.errors.contains(needle))
    }

    @Test(arguments: [["-v"], ["--json", "-v"]])
    func isSeenNowhereWhileAnImportRuns(options: [String]) async throws {
        let password = workplace.postgres.target.password
        let (imported, lines) = try await watchedImport(into: workplace.into, options)
        #expect(lines.contains { $0.contains(workplace.into) })
        #expect(lines.filter { $0.contains(password) && !$0.contains("mi-migrate import ") } == [])
        #expect(imported.exit == 0, "\(imported.errors)")
        #expect(!imported.output.contains(password))
        #expect(!imported.errors.contains(password))
    }

    @Test func isNotHandedOnFromAURI() async throws {
        let target = workplace.postgres.target
        let into = "postgres://sourcegraph-admin:\(target.password)@127.0.0.1:\(target.port)/postgres"
        let (imported, lines) = try await watchedImport(into: into, ["-v"], password: "")
        // What the user has typed cannot be taken back.
        #expect(lines.filter { $0.contains(target.password) && !$0.contains("mi-migrate import ") } == [])
        #expect(imported.exit == 0, "\(imported.errors)")
        #expect(imported.errors.contains("warning: The password in --into is visible in the process list"))
        #expect(!imported.output.contains(target.password))
        #expect(!imported.errors.contains(target.password))
    }

    /// Imports, and looks at all processes while the load waits.
    private func watchedImport(
        into: String, _ options: [String], password: String? = nil
    ) async throws -> (Workplace.Finished, [Substring]) {
        try await TargetDatabases.withOne { database in
            try await workplace.upload(BigDump.waiting, as: database)
            let all = ["import", "--bucket=./bucket", "--into=\(into)", "--database=\(database.rawValue)", "--yes"]
            let running = Task { [workplace] in
                try await workplace.run(
                    BuiltPrograms.path("mi-migrate"), all + options,
                    environment: ["PGPASSWORD": password ?? workplace.postgres.target.password])
            }
            try await BigDump.isWaiting(database)
            let lines = try await arguments()
            return (try await BigDump.release(database) { try await running.value }, lines)
        }
    }
}
