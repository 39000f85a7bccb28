import Subprocess
import TestClusters
import Testing

/// The VM is reached by a real sshd, whose connections break as they do.
@Suite(.inTurn) struct SSHReachTests {
    private static let run = "run --rm -T --no-deps --name mi-migrate-migrator migrator"

    @Test func sshReachesTheVM() async throws {
        try await ComposeHost.with(hasSSH: true) { host in
            let here = try await host.sshServer.ssh("cd '\(host.deployment)' && docker-compose version --short; exit 7")
            #expect(here.exit == 7)
            #expect(here.output == "1.29.2\n")
            #expect(here.errors == "")
            let script = try await host.sshServer.ssh("sh -s", input: "echo \"$HOME\"\n")
            #expect(script.output == "\(host.folder)/home\n")
            #expect(try host.invocations() == ["docker-compose version --short"])
            #expect(try host.workplace.folder.mode("vm/ssh/client_key") == 0o600)
        }
    }

    @Test func operatorsReachItByTheirPrograms() async throws {
        try await ComposeHost.with(hasSSH: true) { host in
            func run(_ arguments: String...) async throws -> Workplace.Finished {
                try await host.workplace.run("/usr/bin/env", arguments, environment: host.operatorEnvironment)
            }
            #expect(try await run("mi", "--customer", "acme", "ssh-exec", "echo $((6 * 7)); exit 3").exit == 3)
            let gcloud = ["gcloud", "compute", "ssh", "customer-vm", "--project=p", "--zone=z", "--tunnel-through-iap"]
            let reached = try await host.workplace.run(
                "/usr/bin/env", gcloud + ["--quiet", "--command=pwd"], environment: host.operatorEnvironment)
            #expect(reached.output == "\(host.folder)/home\n", "\(reached)")
            #expect(try await run("mi", "--customer", "other", "ssh-exec", "true").exit == 1)
            #expect(try await run("mi", "frob").exit == 1)
            #expect(try await run("mi", "init-instance", "admin@example.com").exit == 1)  // nothing runs there
            #expect(try await run("docker", "ps", "-q").exit == 127)
        }
    }

    @Test(arguments: ComposeHost.Compose.allCases)
    func aCutConnectionLeavesTheContainerRunning(_ compose: ComposeHost.Compose) async throws {
        try await ComposeHost.with(version: "5.3.12303", databasesOf: "5.1.8", compose: [compose], hasSSH: true) {
            host in
            try await host.startProxy(compose)
            try await host.hold("5.3")
            let upgrade = "\(Self.run) upgrade --from=5.1 --to=5.3"
            async let run = host.sshServer.ssh("cd '\(host.deployment)' && \(compose.command) \(upgrade)")
            try await host.reached("5.3")
            try await host.sshServer.cut()
            #expect(try await run.exit == 255)
            #expect(try host.container("mi-migrate-migrator").status == "running")
            let connection = try await host.sshServer.ssh("docker ps -q --filter 'name=^/?mi-migrate-migrator$'")
            #expect(!connection.output.isEmpty)
            async let ended = host.sshServer.ssh("docker wait mi-migrate-migrator")
            try await host.wait(until: "[ -e containers/mi-migrate-migrator/awaited ]")
            try await host.letGo("5.3")
            #expect(try await ended.output == "0\n")
            #expect(try await host.applied() == ["5.2": 1, "5.3": 1])
            // --rm is the client's work in v1, and the client is gone; in v2 it is the daemon's.
            #expect(try host.containers()["mi-migrate-migrator"]?.status == (compose == .v1 ? "exited" : nil))
        }
    }

    @Test func aServerThatRefusesIsBackLater() async throws {
        try await ComposeHost.with(hasSSH: true) { host in
            try await host.hold("proxy")
            _ = try await host.shell("docker-compose up -d cloud-sql-proxy")
            try await host.reached("proxy")
            async let standing = host.sshServer.ssh("docker wait cloud-sql-proxy")
            try await host.wait(until: "[ -e containers/cloud-sql-proxy/awaited ]")
            try await host.sshServer.refuse()
            let refused = try await host.sshServer.ssh("true")
            #expect(refused.exit == 255)
            #expect(refused.errors.contains("Connection refused"), "\(refused.errors)")
            _ = try await host.shell("docker stop -t 1 cloud-sql-proxy")
            #expect(try await standing.output == "143\n")
            try await host.sshServer.start()
            #expect(try await host.sshServer.ssh("echo back").output == "back\n")
        }
    }

    @Test func aConnectionThatSaysNothingMoreIsGivenUp() async throws {
        try await ComposeHost.with(hasSSH: true) { host in
            let options = ["-o", "ServerAliveInterval=1", "-o", "ServerAliveCountMax=1"]
            async let lost = host.sshServer.ssh("touch '\(host.folder)/there'; exec sleep 600", options: options)
            try await host.wait(until: "[ -e there ]")
            try await host.sshServer.freeze()
            #expect(try await lost.exit == 255)
            try await host.sshServer.thaw()
            try await host.sshServer.cut()
            #expect(try await host.sshServer.ssh("echo another").output == "another\n")
        }
    }

    @Test func aStrangeServerAndAStrangeClientAreRefused() async throws {
        try await ComposeHost.with(hasSSH: true) { host in
            try await host.sshServer.lockOut()
            let denied = try await host.sshServer.ssh("true")
            #expect(denied.exit == 255)
            #expect(denied.errors.contains("Permission denied (publickey)"), "\(denied.errors)")
            try await host.sshServer.changeHostKey()
            let strange = try await host.sshServer.ssh("true")
            #expect(strange.exit == 255)
            #expect(strange.errors.contains("Host key verification failed"), "\(strange.errors)")
        }
    }
}
