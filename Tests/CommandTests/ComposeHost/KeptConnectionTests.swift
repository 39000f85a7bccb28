import Foundation
import Subprocess
import SystemPackage
import TestClusters
import TestSupport
import Testing

@testable import MigrationKit
@testable import MigrationKitBase

/// Scripts go over one connection by ssh, as long as it stands.
@Suite(.inTurn) struct KeptConnectionTests {
    private func shell(_ host: ComposeHost) throws -> InstanceShell {
        var shell = InstanceShell(try InstanceAddress(ScratchSSHServer.host))
        shell.configuration = host.sshServer.config
        shell.retry.firstDelay = .milliseconds(20)
        shell.retry.patience = .seconds(100)
        return shell
    }

    @Test func scriptsGoOverOneConnection() async throws {
        try await ComposeHost.with(hasSSH: true) { host in
            let shell = try shell(host)
            for number in 1...5 {
                let reply = try await shell.run("echo \(number); echo wrong >&2; exit \(number)")
                #expect(reply.output == "\(number)\n" && reply.status == Int32(number))
                #expect(reply.errors == ["wrong"])
            }
            #expect(try host.sshServer.connections() == 1)
        }
    }

    @Test func connectionThatIsCutIsMadeAnew() async throws {
        try await ComposeHost.with(hasSSH: true) { host in
            let shell = try shell(host)
            #expect(try await shell.run("echo one").output == "one\n")
            try await host.sshServer.cut()
            // This one may have made a connection of its own.
            #expect(try await shell.run("echo two").output == "two\n")
            #expect(try await shell.run("echo three").output == "three\n")
            let connections = try host.sshServer.connections()
            #expect(2...3 ~= connections)
            for _ in 1...3 { #expect(try await shell.run("echo more").output == "more\n") }
            #expect(try host.sshServer.connections() == connections)
        }
    }

    @Test func connectionThatIsCutUnderAScriptIsMadeAnew() async throws {
        try await ComposeHost.with(hasSSH: true) { host in
            let shell = try shell(host)
            let there = host.folder.appending("there")
            // The first one waits for ever; the second time it is answered.
            async let reply = shell.run("[ ! -e '\(there)' ] || { echo again; exit 0; }; : >'\(there)'; sleep 600")
            try await host.wait(until: "[ -e there ]")
            try await host.sshServer.cut()
            #expect(try await reply.output == "again\n")
            #expect(try host.sshServer.connections() == 2)
        }
    }

    @Test func connectionThatSaysNothingMoreIsGivenUp() async throws {
        try await ComposeHost.with(hasSSH: true) { host in
            var shell = try shell(host)
            shell.signsOfLife = (1, 1)
            #expect(try await shell.run("echo one").output == "one\n")
            try await host.sshServer.freeze()
            // Connections that are made from now on are answered: the frozen ones are of the old one's processes.
            #expect(try await shell.run("echo two").output == "two\n")
            #expect(try host.sshServer.connections() == 2)
        }
    }

    @Test func serverThatComesBackIsReachedAgain() async throws {
        try await ComposeHost.with(hasSSH: true) { host in
            let notices = Watched<[String]>([])
            var shell = try shell(host)
            shell.onNotice = { notice in notices.change { $0.append(notice.text) } }
            #expect(try await shell.run("echo one").output == "one\n")
            try await host.sshServer.refuse()
            // What stands goes on.
            #expect(try await shell.run("echo two").output == "two\n")
            try await host.sshServer.cut()
            async let reply = shell.run("echo three")
            let isRefused = await notices.wait { $0.count { $0.contains("Connection refused") } >= 3 }
            #expect(isRefused, "\(notices.change { $0 })")
            try await host.sshServer.start()
            #expect(try await reply.output == "three\n")
        }
    }

    /// Whoever is asked for a code at each login has made a connection by hand, and says so in the configuration.
    @Test func connectionsThatTheUserKeepsAreTheUsers() async throws {
        try await ComposeHost.with(hasSSH: true) { host in
            let path = "/tmp/\(UUID().uuidString)"  // short, as names of sockets have to be
            let config = try String(contentsOfFile: host.sshServer.config.string, encoding: .utf8)
            try host.workplace.folder.write("config", config + "    ControlPath \"\(path)\"\n")
            var shell = try shell(host)
            shell.configuration = host.workplace.folder.file("config")
            async let theirs = host.workplace.run(
                "/usr/bin/env",
                [
                    "ssh", "-F", "\(host.workplace.folder.file("config"))", "-M", ScratchSSHServer.host,
                    "until [ -e over ]; do sleep 0.05; done",
                ])
            try await host.wait(until: "[ -S '\(path)' ]")
            for _ in 1...3 { #expect(try await shell.run("true").status == 0) }
            #expect(try await shell.run(": >over").status == 0)
            #expect(try await theirs.exit == 0)
            #expect(try host.sshServer.connections() == 1)
        }
    }

    /// A process that is killed leaves no ssh and no socket.
    @Test func nothingIsLeftOfAKilledProcess() async throws {
        try await RunPlace.with { place in
            let config = place.host.sshServer.config
            let processes = "ps -A -ww -o args= | grep -F '\(config)' | grep -v grep"
            let sockets = Watched<[String]>([])
            try await place.host.hold("5.2")
            let killed = try await place.run { process in
                try await place.host.reached("5.2")
                let words = try await place.workplace.shell(processes).output.split { $0.isWhitespace }
                let found = words.compactMap { $0.wholeMatch(of: /ControlPath=(.*)/).map { "\($0.1)" } }
                sockets.change { $0 = found.filter { FileManager.default.fileExists(atPath: $0) } }
                try process.send(.kill)
            }
            #expect(killed.status == .signaled(Signal.kill.rawValue))
            let socket = try #require(sockets.change { $0.first })
            // The script that was on its way sees that something has happened.
            try await place.host.letGo("5.2")
            try await place.host.wait(until: "! \(processes) >&2")
            let folder = URL(filePath: socket).deletingLastPathComponent().path
            try await place.host.wait(until: "[ ! -e '\(folder)' ]")
        }
    }
}
