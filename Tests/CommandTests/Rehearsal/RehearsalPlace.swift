import Foundation
import MigrationKit
import Subprocess
import SystemPackage
import TestClusters
import TestSupport
import Testing

/// A workplace, and a folder for the scratch servers of rehearsals: one that a server's user gets into, with a path that
/// is short enough for a socket.
struct RehearsalPlace: Sendable {
    let workplace: Workplace
    let scratch: ScratchFolder

    init() async throws {
        workplace = try await Workplace()
        let memory = FilePath("/dev/shm")
        scratch = try ScratchFolder(in: access(memory.string, W_OK) == 0 ? memory : "/tmp")
        try scratch.remove("bin")
    }

    /// Rehearses what is in the bucket.
    func rehearse(
        _ options: String..., environment: [String: String] = [:],
        whileRunning: @Sendable (ProcessIdentifier) async throws -> Void = { _ in }
    ) async throws -> Workplace.Finished {
        try await workplace.run(
            BuiltPrograms.path("mi-migrate"), ["rehearse", "--bucket=./bucket", "--scratch=\(scratch.path)"] + options,
            environment: environment, whileRunning: whileRunning)
    }

    /// Writes a dump into the bucket, as another program would.
    func put(_ dump: String, as database: Database) throws {
        try workplace.folder.write("bucket/\(database.dumpName)", dump)
    }

    /// Makes a dump of a database that is made for it.
    func dump(_ name: String, _ schema: String) async throws -> String {
        try await workplace.postgres.source.withDatabase(name, schema) { try await SmallDump.dump(name) }
    }

    /// Returns when a load on the scratch server is at work on a materialized view: what a dump of ``BigDump`` waits in.
    func waitForLoad(of process: ProcessIdentifier) async throws {
        let look = """
            pid=$(head -n 1 "$SCRATCH"/rehearsal.*/data/postmaster.pid 2>/dev/null) &&
                ps -axo ppid=,args= | grep -q "^ *$pid .*CREATE MATERIALIZED" && exit
            case $(ps -o state= -p "$PROCESS") in Z* | '') exit 1 ;; *) exit 2 ;; esac
            """
        let variables = ["SCRATCH": scratch.path.string, "PROCESS": "\(process.value)"]
        try await waitUntil("a load on the scratch server", last: await left()) {
            let looked = try await workplace.shell(look, environment: variables)
            try #require(looked.exit != 1, "the rehearsal has ended before")
            return looked.exit == 0
        }
    }

    /// Whether nothing is in the scratch folder, and no process names it.
    func isClean() async throws -> Bool {
        try await others() == ""
    }

    /// Returns when that is so.
    func waitUntilClean() async throws {
        try await waitUntil("nothing in \(scratch.path), and no process of it", last: await left()) {
            try await isClean()
        }
    }

    /// What is left.
    private func others() async throws -> String {
        let others = try await workplace.shell(
            #"ls -A "$SCRATCH"; ps -axo pid=,args= | awk 'index($0, ENVIRON["SCRATCH"])'"#,
            environment: ["SCRATCH": scratch.path.string])
        try #require(others.exit == 0, "\(others.errors)")
        return others.output
    }

    private func left() async -> String { (try? await others()) ?? "" }
}
