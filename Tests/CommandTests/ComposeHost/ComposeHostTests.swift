import Foundation
import Subprocess
import SystemPackage
import TestClusters
import TestSupport
import Testing

/// The stand-ins of docker and compose behave as those do.
@Suite(.inTurn) struct ComposeHostTests {
    private static let template =
        #"{{index .Config.Labels "com.docker.compose.service"}}|{{.State.Status}}|"#
        + #"{{if .State.Health}}{{.State.Health.Status}}{{end}}|{{.RestartCount}}|{{.State.ExitCode}}"#
    private static let run = "run --rm -T --no-deps --name mi-migrate-migrator migrator"

    @Test(arguments: ComposeHost.Compose.allCases)
    func aDeploymentIsBroughtUpAndDown(_ compose: ComposeHost.Compose) async throws {
        try await ComposeHost.with(compose: [compose]) { host in
            let up = try await host.shell("\(compose.command) up -d")
            #expect(up.exit == 0, "\(up.errors)")
            try await host.wait(until: "grep -qx healthy containers/sourcegraph-frontend-0/health")
            try await host.wait(until: "grep -qx healthy containers/worker/health")
            try await host.wait(until: "grep -qx exited containers/migrator/status")
            let inspected = try await host.shell(
                "docker inspect --format '\(Self.template)' $(\(compose.command) ps -aq)")
            #expect(
                Set(inspected.output.split(separator: "\n")).isSuperset(of: [
                    "cloud-sql-proxy|running||0|0", "migrator|exited||0|0",
                    "sourcegraph-frontend-0|running|healthy|0|0",
                    "gitserver-0|running||0|0", "worker|running|healthy|0|0",
                ]), "\(inspected)")
            let check = try await host.workplace.run(
                "/usr/bin/env", ["mi", "check", "--executors"], environment: host.operatorEnvironment)
            #expect(check.exit == 0, "\(check)")
            #expect(try await host.shell("\(compose.command) down").exit == 0)
            #expect(try host.containers().isEmpty)
            #expect(try host.removedContainers().count == 6)
        }
    }

    @Test func onlyTheFormsOfComposeThatAreWantedAreThere() async throws {
        try await ComposeHost.with(compose: [.v1]) { host in
            #expect(try await host.shell("docker-compose version --short").output == "1.29.2\n")
            let plugin = try await host.shell("docker compose version")
            #expect(plugin.exit == 1)
            #expect(plugin.errors.hasPrefix("docker: 'compose' is not a docker command."))
        }
        try await ComposeHost.with(compose: [.v2]) { host in
            let plugin = try await host.shell("docker compose version")
            #expect(plugin.output == "Docker Compose version v2.20.2\n")
            #expect(try await host.shell("docker-compose version").exit == 127)
        }
    }

    @Test func configTellsImagesAndEnvironment() async throws {
        try await ComposeHost.with(compose: [.v1, .v2]) { host in
            try host.workplace.folder.write(
                "vm/deployment/later.yaml",
                "services:\n  migrator:\n    image: \"index.docker.io/sourcegraph/migrator:5.4.7765\"\n")
            for compose in ComposeHost.Compose.allCases {
                let config = try await host.shell(
                    "COMPOSE_FILE=docker-compose.yaml:later.yaml \(compose.command) config")
                #expect(config.exit == 0, "\(config.errors)")
                #expect(config.output.contains("image: index.docker.io/sourcegraph/migrator:5.4.7765\n"))
                #expect(config.output.contains("image: index.docker.io/sourcegraph/frontend:5.1.8@sha256:"))
                #expect(config.output.contains("PGPASSWORD: \(host.databases.password)\n"))
            }
            let strange = "services: {migrator: {image: x}}\n"
            try host.workplace.folder.write("vm/deployment/strange.yaml", strange)
            let refused = try await host.shell("docker-compose -f strange.yaml config")
            #expect(refused.exit == 1)
        }
    }

    @Test func unknownFormsAreRefused() async throws {
        let commands = [
            "docker frob", "docker --help", "docker ps", "docker ps -aq --no-such", "docker wait", "docker logs",
            "docker inspect --format '{{.Name}}' x", "docker rm nothing", "docker stop nothing", "docker logs nothing",
            "docker-compose frob", "docker-compose up", "docker-compose up -d nothing", "docker-compose down --volumes",
            "docker-compose ps", "docker-compose logs --follow worker", "docker-compose run --rm migrator up",
            "docker-compose run --rm -T --entrypoint=sh migrator", "docker-compose --verbose ps -q",
            "docker compose run -T --name 'no name' migrator up", "cd / && docker-compose config",
        ]
        try await ComposeHost.with(compose: [.v1, .v2]) { host in
            for command in commands {
                let finished = try await host.shell(command)
                #expect([1, 125].contains(finished.exit), "\(command): \(finished)")
                #expect(!finished.errors.isEmpty, "\(command)")
            }
            #expect(try host.containers().isEmpty)
            try await host.fault(.dockerDown)
            let down = try await host.shell("docker ps -aq")
            #expect(down.exit == 1)
            #expect(down.errors.hasPrefix("Cannot connect to the Docker daemon"))
            try await host.heal(.dockerDown)
            try await host.fault(.pullFails, "5.1.8")
            let missing = try await host.shell("docker-compose run -T --no-deps migrator up")
            #expect(missing.exit == 1)
            #expect(missing.errors.contains("manifest unknown"))
        }
    }

    @Test func aFailingMigratorIsStartedAgainAndAgainByCompose() async throws {
        try await ComposeHost.with { host in
            try await host.fault(.dirty)
            #expect(try await host.shell("docker-compose up -d").exit == 0)  // v1 does not wait for it
            try await host.wait(until: "[ \"$(cat containers/migrator/restarts)\" -ge 3 ]")
            try await host.heal(.dirty)
            try await host.wait(until: "grep -qx exited containers/migrator/status")
            let migrator = try host.container("migrator")
            #expect(migrator.exitCode == 0)
            #expect(migrator.restarts ?? 0 >= 3)
            let logs = try await host.shell("docker-compose logs --no-color --tail=1000 migrator")
            #expect(logs.output.split(separator: "\n").filter { $0.contains("dirty database: schema") }.count >= 3)
        }
    }

    @Test func theNewerComposeWaitsForAMigratorAndTellsOfOneThatFailed() async throws {
        try await ComposeHost.with(compose: [.v2], migratorRestart: "on-failure:2") { host in
            try await host.fault(.dirty)
            let up = try await host.shell("docker compose up -d")
            #expect(up.exit == 1)
            #expect(up.errors.contains(#"service "migrator" didn't complete successfully: exit 1"#))
            #expect(try host.container("migrator").restarts == 2)
            #expect(try host.containers()["sourcegraph-frontend-0"] == nil)
        }
    }

    @Test func aNameThatIsTakenIsRefused() async throws {
        try await ComposeHost.with(compose: [.v1, .v2]) { host in
            for compose in ComposeHost.Compose.allCases {
                // Without a proxy it fails; without --rm it stays.
                let first = try await host.shell(
                    "\(compose.command) run -T --no-deps --name mi-migrate-migrator migrator up")
                #expect(first.exit == 1)
                let id = try host.container("mi-migrate-migrator").id
                let second = try await host.shell("\(compose.command) \(Self.run) up")
                #expect(second.exit == 1)
                #expect(
                    second.errors.contains(
                        #"Conflict. The container name "/mi-migrate-migrator" is already in use by container "\#(id)"."#
                    ),
                    "\(second.errors)")
                let found = try await host.shell("docker ps -aq --filter 'name=^/?mi-migrate-migrator$'")
                #expect(found.output == "\(id.prefix(12))\n")
                #expect(try await host.shell("docker rm -f mi-migrate-migrator").output == "mi-migrate-migrator\n")
                #expect(try await host.shell("docker ps -aq --filter 'name=^/?mi-migrate-migrator$'").output == "")
            }
        }
    }

    @Test func theEndOfAContainerCanBeAwaited() async throws {
        try await ComposeHost.with { host in
            try await host.startProxy()
            let before = try await host.shell("docker-compose run -T --no-deps --name one migrator up -nothing")
            #expect(before.exit == 1)
            #expect(try await host.shell("docker wait one").output == "1\n")
            let logs = try await host.shell("docker logs one")
            #expect(logs.output.contains("flag provided but not defined: -nothing"))
            #expect(logs.errors.contains(#""SeverityText":"FATAL""#))
            #expect(try await host.shell("docker logs --tail=1 one").output.isEmpty)
            let stopped = try await host.shell("docker-compose stop cloud-sql-proxy")
            #expect(stopped.exit == 0)
            #expect(try host.container("cloud-sql-proxy").exitCode == 143)
        }
    }

    @Test func whatRunsBesideTheServicesIsBroughtDownToo() async throws {
        try await ComposeHost.with { host in
            try await host.startProxy()
            try await host.hold("5.2")
            try await host.deploy("5.2.7")
            async let run = host.shell("docker-compose \(Self.run) up")
            try await host.reached("5.2")
            #expect(try await host.shell("docker-compose down").exit == 0)
            #expect(try await run.exit == 143)
            #expect(try host.containers().isEmpty)
        }
    }

    @Test func standardInputIsEatenByARun() async throws {
        try await ComposeHost.with { host in
            let run = try await host.shell(
                "{ docker-compose \(Self.run) up >/dev/null 2>&1; cat; }", input: "not eaten\n")
            #expect(run.output == "", "\(run)")
        }
    }

    @Test func nothingIsLeftBehind() async throws {
        let folder = try await ComposeHost.with { host in
            try await host.startProxy()
            try await host.fault(.dirty)
            _ = try await host.shell("docker-compose up -d")
            try await host.hold("5.2")
            try await host.deploy("5.2.7")
            // A client that nobody waits for.
            _ = try await host.shell("(docker wait cloud-sql-proxy &) >/dev/null 2>&1")
            return host.folder
        }
        #expect(!FileManager.default.fileExists(atPath: folder.string))
        let processes = try await Subprocess.run(
            .name("ps"), arguments: ["-A", "-ww", "-o", "args"], environment: .only(ChildEnvironment.variables()),
            output: .text(limit: 16 << 20))
        #expect(!processes.standardOutput.contains(folder.string))
    }
}
