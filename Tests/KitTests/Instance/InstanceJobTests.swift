import Foundation
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import MigrationKit
@testable import MigrationKitBase

/// A long command on a machine: here it is this one, whose state folder is a scratch one.
@Suite(.timeLimit(.minutes(5))) struct InstanceJobTests {
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    private func job(_ name: String = "upgrade-1") -> InstanceJob {
        var shell = InstanceShell(.local)
        shell.environment = [Command.Variable("XDG_STATE_HOME", Secret(folder.path.string))]
        return InstanceJob(shell: shell, name: name)
    }

    @Test func whatIsPrintedComesInLinesAndTheStatusWithIt() async throws {
        let lines = Mutex<[String]>([])
        let outcome = try await job().run("echo one; printf two; sleep 0.3; echo three >&2; printf end; exit 7") {
            line in
            lines.withLock { $0.append(line) }
        }
        #expect(outcome.status == 7)
        #expect(lines.withLock(\.self) == ["one", "twothree"])
        #expect(outcome.lastLines == ["one", "twothree", "end"])
    }

    @Test func jobOfTheSameNameIsNotDoneTwice() async throws {
        let script = "echo done >>'\(folder.path)/count'"
        for _ in 1...3 { #expect(try await job().run(script).status == 0) }
        #expect(try String(contentsOfFile: "\(folder.path)/count", encoding: .utf8) == "done\n")
    }

    @Test func jobGoesOnWhenWhoeverBeganItStops() async throws {
        let (fifo, count) = ("\(folder.path)/fifo", "\(folder.path)/count")
        #expect(mkfifo(fifo, 0o600) == 0)
        let script = "echo begun; read line <'\(fifo)'; echo \"$line\" >>'\(count)'; echo \"$line\""
        let begun = Mutex(false)
        let first = Task {
            try await job().run(script) { _ in begun.withLock { $0 = true } }
        }
        try await waitUntil("the job's first line") { begun.withLock(\.self) }
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        async let second = job().run(script)
        try Data("on\n".utf8).write(to: URL(filePath: fifo))
        let outcome = try await second
        #expect(outcome.status == 0 && outcome.lastLines == ["begun", "on"])
        #expect(try String(contentsOfFile: count, encoding: .utf8) == "on\n")
    }

    @Test func nameOfAJobIsNoShell() async throws {
        let name = "two 'words'; exit 9 $(exit 9) \u{301}'\u{301}"
        let outcome = try await job(name).run("echo done")
        #expect(outcome.lastLines == ["done"])
        #expect(FileManager.default.fileExists(atPath: "\(folder.path)/mi-migrate/\(name)/output"))
    }

    @Test func jobThatWasKilledIsTold() async throws {
        await #expect {
            try await job().run("echo begun; kill -9 $PPID; sleep 5")
        } throws: { error in
            let error = error as? MigrationError
            let place = "full output: \(folder.path)/mi-migrate/upgrade-1/output on this machine"
            return error?.code == .cutOff && error?.details == ["begun", place]
        }
    }

    @Test func passwordsThatAProgramPrintsAreNotShown() async throws {
        let outcome = try await job().run("echo connecting to postgres://sg:hunter2@db:5432/sg password=hunter2")
        #expect(outcome.lastLines == ["connecting to postgres://<redacted>@db:5432/sg password=<redacted>"])
    }

    @Test func moreThanAnybodyReadsIsLeftOut() async throws {
        let outcome = try await job().run("seq 1 400000")
        #expect(outcome.lastLines.count == 200 && outcome.lastLines.last == "400000")
    }

    @Test func folderIsItsOwnersAlone() async throws {
        _ = try await job().run("true")
        let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder.path)/mi-migrate/upgrade-1/output")
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }
}
