import Testing

@testable import MigrationKit
@testable import MigrationKitBase
@testable import MigrationKitSourcegraphAPI

@Suite struct DockerFailureTests {
    @Test(arguments: [
        (
            #"Error response from daemon: Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io: "#
                + "no such host", DockerFailure.Kind.registryUnreachable
        ),
        (
            #"ERROR: Head "https://gcr.io/v2/x/manifests/1": dial tcp 1.2.3.4:443: connect: connection refused"#,
            .registryUnreachable
        ),
        ("toomanyrequests: You have reached your pull rate limit.", .registryUnreachable),
        ("ERROR: manifest for sourcegraph/migrator:5.3.1 not found: manifest unknown: manifest unknown", .imageRefused),
        ("pull access denied for x, repository does not exist or may require 'docker login'", .imageRefused),
        (
            "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
            .noDaemon
        ),
    ])
    func reasonIsTold(line: String, kind: DockerFailure.Kind) {
        #expect(DockerFailure.last(of: ["Pulling migrator (x)...", line, ""])?.kind == kind)
    }

    @Test(arguments: [
        "failed to connect to `host=pgsql user=sg`: dial error (dial tcp 172.18.0.2:5432: connect: connection refused)",
        "FATAL: password authentication failed for user \"sg\"", "unauthorized", "the manifest of a snapshot",
    ])
    func databasesAreNoneOfDockersBusiness(line: String) { #expect(DockerFailure(line) == nil) }

    @Test func statusOfASignalIsTold() {
        #expect("\(ExitStatus(137))" == "was killed (SIGKILL, exit status 137)")
        #expect("\(ExitStatus(143))" == "was terminated (SIGTERM, exit status 143)")
        #expect("\(ExitStatus(139))" == "was ended by a signal (SIGSEGV, exit status 139)")
        #expect("\(ExitStatus(1))" == "failed with exit status 1")
        #expect(ExitStatus(128).signal == nil && ExitStatus(255).signal == nil)
    }

    private static let command = MigratorCommand(
        version: SourcegraphVersion(5, 3, 12303), arguments: ["upgrade", "--from=5.1.8", "--to=5.3.12303"])

    @Test func signalCountsUnlessTheMigratorSaysWhy() {
        let lines = ["👉 Migrating to v5.2", "dial tcp: connection refused", "137"]
        let killed = MigratorFailure(lines, of: Self.command, status: 137)
        #expect(killed.kind == .killed && killed.mayClear)
        #expect(killed.details == ["👉 Migrating to v5.2", "dial tcp: connection refused"])
        let fatal = #"{"SeverityText":"FATAL","Body":"database drift detected"}"#
        #expect(MigratorFailure([fatal, "137"], of: Self.command, status: 137).kind == .drift)
        #expect(MigratorFailure(["out of luck", "1"], of: Self.command, status: 1).sentence == "out of luck")
    }

    @Test func markedLinesAreTold() {
        let lines = ["❌ Missing index x", "noise", "💡 Suggested action: define the index."]
        let fatal = #"{"SeverityText":"FATAL","Body":"database drift detected"}"#
        let failure = MigratorFailure(lines + [fatal], of: Self.command, status: 1)
        #expect(failure.details == [lines[0], lines[2]])
        #expect(failure.next.contains("`mi-migrate drift --release=5.1.8`"))
        let many = (1...50).map { "❌ Missing index \($0)" }
        #expect(
            MigratorFailure(many + [fatal], of: Self.command).details.last == "and 30 more lines in the full output")
    }
}
