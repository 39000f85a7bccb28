import MigrationKit
import SystemPackage
import TestClusters
import Testing

/// What has to hold before the first byte is dumped; where it does not, nothing is written.
@Suite(.inTurn) struct PreflightTests {
    let workplace: Workplace

    init() async throws {
        workplace = try await Workplace()
        try workplace.writeTargets()
    }

    private func dump(
        _ program: String = "pg_dump", _ options: String..., environment: [String: String] = [:]
    ) async throws -> Workplace.Finished {
        try await workplace.run(
            BuiltPrograms.path("src-snapshot"), ["databases", program, "--targets=targets.yaml", "--run"] + options,
            environment: environment)
    }

    private func expectNothingWritten() {
        #expect(!workplace.folder.exists("src-snapshot"))
    }

    @Test(arguments: ["pg_dump", "docker", "kubectl"])
    func missingProgramIsNamed(program: String) async throws {
        let dumped = try await dump(program, environment: ["PATH": "\(workplace.folder.file("bin"))"])
        #expect(dumped.exit == 3)
        #expect(
            dumped.errors.contains("error: The program `\(program)` is not installed, or not in PATH."),
            "\(dumped.errors)")
        expectNothingWritten()
    }

    @Test func programMissingInTheContainerIsToldByItsShell() async throws {
        try workplace.standIn("docker")
        try workplace.writeContainerTargets()
        var environment = workplace.container()
        // The inner PATH has a shell and no PostgreSQL.
        _ = try await workplace.shell("mkdir inner && ln -s /bin/sh inner/sh")
        environment["STANDIN_PATH"] = workplace.folder.file("inner").string
        let dumped = try await dump("docker", environment: environment)
        #expect(dumped.exit == 3)
        #expect(dumped.errors.contains("`docker` exited with status 127."), "\(dumped.errors)")
        #expect(dumped.errors.contains("pg_dump: not found") || dumped.errors.contains("pg_dump: command not found"))
        expectNothingWritten()
    }

    @Test func unreachableServerIsNamed() async throws {
        // Nobody listens on the port that a tool for tracing ports reserves.
        try workplace.writeTargets { database, lines in if database == .codeintel { lines.others["port"] = "1" } }
        let dumped = try await dump()
        #expect(dumped.exit == 3)
        #expect(dumped.errors.contains("error: Connecting to codeintel failed: the program exited with status 2."))
        #expect(dumped.errors.contains("Connection refused"), "\(dumped.errors)")
        expectNothingWritten()
    }

    @Test(arguments: ["pg_dump", "docker", "kubectl"])
    func wrongPasswordIsToldAndNotShown(program: String) async throws {
        try workplace.standIn("docker", "kubectl")
        try workplace.writeTargets { database, lines in
            if program != "pg_dump" { lines.others = [:] }
            if database == .primary { lines.password = "wrong-and-secret" }
        }
        let dumped = try await dump(program, environment: workplace.container())
        #expect(dumped.exit == 3)
        #expect(dumped.errors.contains("error: Connecting to primary failed"), "\(dumped.errors)")
        #expect(dumped.errors.contains("password authentication failed for user \"sg\""))
        #expect(!dumped.errors.contains("wrong-and-secret"))
        expectNothingWritten()
    }

    @Test func missingDatabaseIsNamed() async throws {
        try workplace.writeTargets { database, lines in if database == .primary { lines.dbname = "nowhere" } }
        let dumped = try await dump()
        #expect(dumped.exit == 3)
        #expect(dumped.errors.contains("database \"nowhere\" does not exist"))
        expectNothingWritten()
    }

    @Test func pgDumpOlderThanTheServerIsRefused() async throws {
        try workplace.standIn("pg_dump", script: "echo 'pg_dump (PostgreSQL) 9.6.24'")
        let dumped = try await dump()
        #expect(dumped.exit == 3)
        #expect(
            dumped.errors.contains("error: pg_dump (`pg_dump (PostgreSQL) 9.6.24`) is older than the server of "),
            "\(dumped.errors)")
        #expect(dumped.errors.contains("Install postgresql-client-"))
        expectNothingWritten()
    }

    /// A psql that gives the setting of its connection back, as a server does, then this version and size. What has no
    /// such setting goes to the server.
    private func psql(_ answer: String) -> String {
        """
        case "$*" in
        *src_snapshot.probe=*)
            printf '%s|%s|f\\n' "$(printf '%s' "$*" | sed 's/.*src_snapshot.probe=\\([0-9]*\\).*/\\1/')" '\(answer)' ;;
        *) exec "\(workplace.postgres.bin)/psql" "$@" ;;
        esac
        """
    }

    @Test func psqlThatDoesNotGiveTheSettingBackIsNoServers() async throws {
        try workplace.standIn("psql", script: "echo '|150018|1000|f'")
        let dumped = try await dump()
        #expect(dumped.exit == 3)
        #expect(dumped.errors.contains(" is a connection pooler such as PgBouncer, not PostgreSQL itself."))
        #expect(dumped.errors.contains("to the PostgreSQL server, on the pooler's machine."), "\(dumped.errors)")
        expectNothingWritten()
    }

    @Test func oldServerIsRefused() async throws {
        try workplace.standIn("psql", script: psql("100023|1000"))
        let dumped = try await dump()
        #expect(dumped.exit == 3)
        #expect(dumped.errors.contains(" is PostgreSQL 10; version 11 or later is required."), "\(dumped.errors)")
        expectNothingWritten()
    }

    @Test func oldestServerIsTaken() async throws {
        try workplace.standIn("psql", script: psql("110022|1000"))
        let dumped = try await dump()
        #expect(dumped.exit == 0, "\(dumped.errors)")
    }

    @Test(arguments: ["", "nothing to see", "150018", "|", "150018|many", "150018|-1", "150018|4000000000000000000"])
    func strangeAnswerIsAnError(answer: String) async throws {
        try workplace.standIn("psql", script: psql(answer))
        let dumped = try await dump()
        #expect(dumped.exit == 1)
        #expect(dumped.errors.contains("` to a query for its version."), "\(dumped.errors)")
        expectNothingWritten()
    }

    @Test func diskTooSmallIsRefused() async throws {
        // An exabyte.
        try workplace.standIn("psql", script: psql("150018|1000000000000000000"))
        let refused = try await dump("pg_dump", "--only=codeinsights")
        #expect(refused.exit == 3)
        #expect(refused.errors.contains(" free; the databases need 1000000 TB."), "\(refused.errors)")
        #expect(refused.errors.contains("--ignore-free-space"))
        #expect(try workplace.folder.list("src-snapshot") == [])

        let dumped = try await dump("pg_dump", "--only=codeinsights", "--ignore-free-space")
        #expect(dumped.exit == 0, "\(dumped.errors)")
    }

    @Test func psqlThatHangsIsStopped() async throws {
        try workplace.standIn("psql", script: "exec sleep 600")
        let refused = try await dump("pg_dump", "--stall-timeout=10")
        #expect(refused.exit == 1)
        #expect(refused.errors.contains("`psql` has printed nothing for"), "\(refused.errors)")
        expectNothingWritten()
    }
}
