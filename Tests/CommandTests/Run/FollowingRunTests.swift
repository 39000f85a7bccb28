import FakeSourcegraph
import Foundation
import LoopbackServers
import MigrationKit
import NIOCore
import Subprocess
import SystemPackage
import TestClusters
import TestSupport
import Testing

/// `--follow` of a migration whose instance is set: its bucket is filled by `src-snapshot run` meanwhile.
@Suite(.inTurnFirst) struct FollowingRunTests {
    @Test func runFollowsAnUploadToATestedInstance() async throws {
        try await RunPlace.with(machine: "local") { place in
            let rest = try await place.beginUpload()
            let finished = try await place.run("--follow") { _ in
                try await place.waitForSchemas()
                #expect(try await place.journal().state.steps.allSatisfy { $0.name.step.map { $0 <= .load } ?? true })
                try await place.finishUpload(rest)
            }
            try await place.checkIsDone(finished)
            #expect(finished.errors.contains("the snapshot is arriving"), "\(finished.errors)")
            #expect(finished.errors.contains("Following \(AttemptBucket.attempt), "), "\(finished.errors)")
            #expect(finished.errors.contains("\(AttemptBucket.attempt) is complete."), "\(finished.errors)")
            let steps = try await place.journal().state.steps.compactMap(\.name.step)
            let (freeze, reset) = (
                try #require(steps.firstIndex(of: .freeze)), try #require(steps.firstIndex(of: .reset))
            )
            #expect(freeze < reset)
            #expect(steps.count { $0 == .freeze } == 1)
        }
    }

    @Test func runThatIsKilledWhileItFollowsGoesOn() async throws {
        try await RunPlace.with(machine: "local") { place in
            let rest = try await place.beginUpload()
            let killed = try await place.run("--follow") { process in
                try await place.waitForSchemas()
                try process.send(.kill)
            }
            #expect(killed.exit == nil, "\(killed.errors)")
            try await place.finishUpload(rest)
            try await place.checkIsDone(try await place.run("--follow"))
        }
    }

    /// The customer's own command, held in its middle. Killed there, it leaves an attempt that never ends: what was loaded
    /// of that does not count when the next one begins.
    @Test(arguments: [false, true])
    func runFollowsTheCustomersCommand(isKilled: Bool) async throws {
        try await RunPlace.with(machine: "local") { place in
            try await InstanceDatabases.with(version: RunPlace.source) { databases in
                try await databases.sql(ExportPlace.ledger, in: .codeintel)
                try await databases.sql(
                    """
                    ALTER TABLE out_of_band_migrations ADD apply_reverse boolean NOT NULL DEFAULT false;
                    UPDATE out_of_band_migrations SET progress = 1
                    """, in: .primary)
                let relay = try await LoopbackRelay(to: databases.server.port)
                try place.prepareExport(of: databases, over: relay)
                relay.holdOne(after: ExportPlace.midway)
                try await FakeSourcegraph.with(version: RunPlace.source) { customer in
                    async let followed = place.run("--follow", "--follow-wait=10m")
                    let exported = try await place.export(from: customer) { process in
                        try await relay.waitUntilHeld()
                        try await place.waitForSchemas()
                        #expect(try await place.journal().state.steps.allSatisfy { $0.name.step != .prove })
                        if isKilled { try process.send(.kill) }
                        relay.release()
                    }
                    #expect(exported.exit == (isKilled ? nil : 0), "\(exported.errors)")
                    if isKilled {
                        let again = try await place.export(from: customer)
                        #expect(again.exit == 0, "\(again.errors)")
                    }
                    var finished = try await followed
                    if isKilled {
                        #expect(finished.exit == 4, "\(finished.errors)")
                        #expect(finished.errors.contains("Nothing that was loaded counts."), "\(finished.errors)")
                        #expect(try place.migratorRuns().isEmpty)
                        let status = try await place.migrate("status", "--config=migration.yaml")
                        #expect(status.errors.contains("To continue: mi-migrate run"), "\(status.errors)")
                        finished = try await place.run("--follow")
                    }
                    try await place.checkIsDone(finished)
                }
            }
        }
    }

    /// Nothing that only a complete snapshot tells is asked for before it is complete.
    @Test func importFollowsBesideAnInstanceThatIsSet() async throws {
        try await RunPlace.with(machine: "local") { place in
            let rest = try await place.beginUpload()
            let finished = try await place.migrate("import", "--follow", "--yes", "--journal=./bucket") { _ in
                try await place.waitForSchemas()
                try await place.finishUpload(rest)
            }
            #expect(finished.exit == 0, "\(finished.errors)")
            #expect(finished.errors.contains("holds exactly the rows that were dumped."), "\(finished.errors)")
        }
    }

    @Test func releaseThatSomebodyHasSetStaysWhereNoManifestTellsIt() async throws {
        let folder = try TestFolder()
        var flow = UpgradeInstance(
            instance: StandInInstance(marked: { _ in [] }),
            importer: PostgresImporter(uri: try PostgresURI("postgres://nobody@127.0.0.1:1/x")),
            journal: MigrationJournal(store: nil))
        flow.dumpedRelease = "5.1.8"
        try await flow.readRelease(from: DirectoryStore(path: folder.path))
        #expect(flow.dumpedRelease == "5.1.8")
    }

    @Test func uploadThatNeverEndsLeavesAnInstanceThatIsNotUpgraded() async throws {
        try await RunPlace.with(machine: "local") { place in
            _ = try await place.beginUpload()
            let stopped = try await place.run("--follow", "--follow-wait=1s")
            #expect(stopped.exit == 4, "\(stopped.errors)")
            #expect(stopped.errors.contains("Nothing that was loaded counts."), "\(stopped.errors)")
            #expect(try place.migratorRuns().isEmpty)
        }
    }
}

extension RunPlace {
    /// Leaves in the bucket what `src-snapshot run` sends before any row.
    ///
    /// - Returns: What comes then.
    fileprivate func beginUpload() async throws -> [String: Data] {
        try await takeDumps()
        try workplace.folder.remove("bucket")
        let uploaded = try await workplace.snapshot("upload", "-bucket=./bucket", "--split=16MiB")
        #expect(uploaded.exit == 0, "\(uploaded.errors)")
        let all = try AttemptBucket(CloudSQLSnapshot.objects(of: workplace.folder.file("bucket"))).objects
        try workplace.folder.remove("bucket")
        let first = all.filter { $0.key.contains(/00-extensions|10-schema/) }
        try await put(first)
        return all.filter { first[$0.key] == nil }
    }

    /// An empty bucket, and targets for `src-snapshot run` with codeintel behind a relay.
    fileprivate func prepareExport(of databases: InstanceDatabases, over relay: LoopbackRelay) throws {
        try workplace.folder.remove("bucket")
        try FileManager.default.createDirectory(
            atPath: workplace.folder.file("bucket").string, withIntermediateDirectories: true)
        try workplace.writeTargets { database, lines in
            lines.dbname = databases.names[database] ?? ""
            if database == .codeintel { lines.others["port"] = "\(relay.port)" }
        }
    }

    fileprivate func export(
        from customer: FakeSourcegraph, whileRunning: @Sendable (ProcessIdentifier) async throws -> Void = { _ in }
    ) async throws -> Workplace.Finished {
        try await workplace.run(
            BuiltPrograms.path("src-snapshot"),
            ["run", "pg_dump", "--targets=targets.yaml", "-bucket=./bucket", "--part-size=16MiB", "--jobs=3"],
            environment: ["SRC_ENDPOINT": customer.endpoint, "SRC_ACCESS_TOKEN": customer.token],
            whileRunning: whileRunning)
    }

    fileprivate func finishUpload(_ rest: [String: Data]) async throws {
        try await put(rest.filter { $0.key != SnapshotManifest.name })
        try await put(rest.filter { $0.key == SnapshotManifest.name })
    }

    private func put(_ objects: [String: Data]) async throws {
        let store = DirectoryStore(path: workplace.folder.file("bucket"))
        for (name, bytes) in objects { try await store.put(name, .once(ByteBuffer(bytes: bytes))) }
    }

    /// Until the schema of each database is loaded.
    fileprivate func waitForSchemas() async throws {
        try await waitUntil("the schemas", last: "\((try? await journal().state.steps.map(\.name)) ?? [])") {
            // An entry that is being written may be missing.
            guard let state = try? await journal().state else { return false }
            return state.steps.count { $0.name.step == .load && $0.finishedAt != nil } >= Database.allCases.count
        }
    }
}
