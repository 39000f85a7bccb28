import FakeGoogle
import FakeSourcegraph
import Foundation
import MigrationKit
import NIOCore
import Subprocess
import SystemPackage
import TestClusters
import Testing

/// A whole migration: a bucket with three small dumps and a summary, a server for them, a VM that is reached by ssh, and
/// the API of the instance that runs there.
struct RunPlace: Sendable {
    let host: ComposeHost
    let instance: FakeSourcegraph
    var workplace: Workplace { host.workplace }

    /// The release of the dumps.
    static let source = "5.1.8"
    /// The release of most instances: two minor releases further, with a stop on the way.
    static let target = "5.3.12303"
    /// The last one that does without PostgreSQL 16: ten minor releases further.
    static let lastForOldServers = "5.11.6271"

    /// The release of this instance.
    var target: String { instance.instance.version }

    /// Runs `body` with a place of its own.
    ///
    /// - Parameters:
    ///   - machine: As `migration.yaml` names it.
    ///   - compose: The forms of compose that the VM has.
    ///   - preparing: Whether the customer's commands make the bucket of this place; else it is a copy of one that they
    ///     have made.
    static func with<Value: Sendable>(
        machine: String = ScratchSSHServer.host, target: String = Self.target,
        compose: Set<ComposeHost.Compose> = [.v1], preparing: Bool = false,
        _ body: @Sendable (RunPlace) async throws -> Value
    ) async throws -> Value {
        let cluster = try await CloudSQLCluster()
        let result: Result<Value, any Error>
        do { result = .success(try await with(machine, target, compose, preparing, cluster, body)) } catch {
            result = .failure(error)
        }
        await cluster.stop()
        return try result.get()
    }

    private static func with<Value: Sendable>(
        _ machine: String, _ target: String, _ compose: Set<ComposeHost.Compose>, _ preparing: Bool,
        _ cluster: CloudSQLCluster, _ body: @Sendable (RunPlace) async throws -> Value
    ) async throws -> Value {
        let host = try await ComposeHost(
            version: target, databases: .imported(cluster.server, as: "sourcegraph-admin"), compose: compose,
            hasSSH: machine == ScratchSSHServer.host)
        let result: Result<Value, any Error>
        do {
            for delay in ["step_delay", "start_delay", "health_delay"] { try host.set(delay, 0) }
            try host.set("restart_delay", 0.1)
            result = .success(
                try await FakeSourcegraph.with(version: target) { instance in
                    let place = RunPlace(host: host, instance: instance)
                    if preparing {
                        try await Self.makeBucket(in: host.workplace, place.access)
                    } else {
                        try await place.takeBucket(target)
                    }
                    try place.writeSettings(machine)
                    return try await body(place)
                })
        } catch {
            result = .failure(error)
        }
        await host.stop()
        return try result.get()
    }

    /// - Parameter withBucket: Whether it is said what is migrated; else only where the instance is.
    func writeSettings(_ machine: String, withBucket: Bool = true) throws {
        try workplace.folder.write(
            "migration.yaml",
            """
            \(withBucket ? "bucket: ./bucket\ninto: \(workplace.into)" : "")
            machine: \(machine)
            ssh-config: \(host.sshServer.config)
            deployment: \(host.deployment)
            """)
    }

    // MARK: The bucket

    /// Makes `bucket` as the customer does.
    private static func makeBucket(in workplace: Workplace, _ access: [String: String]) async throws {
        for (database, dump) in try await Self.dumps() {
            try workplace.folder.write("src-snapshot/\(database.dumpName)", dump)
        }
        // As the customer's instance was: then it had no notice, which the dumps have brought.
        let summary = try await workplace.snapshot("summary", environment: access)
        try #require(summary.exit == 0, "\(summary.errors)")
        let notice = try await workplace.snapshot("notice", "add", environment: access)
        try #require(notice.exit == 0, "\(notice.errors)")
        let uploaded = try await workplace.snapshot("upload", "-bucket=./bucket")
        try #require(uploaded.exit == 0, "\(uploaded.errors)")
    }

    /// A copy of one that was made before, and the notice, which the dumps have brought.
    private func takeBucket(_ target: String) async throws {
        let made = try await Self.buckets.bucket(for: target)
        try workplace.folder.copy(made.folder.file("bucket"), to: "bucket")
        #expect(try await SiteNotice(try await instance.connected()).add().hasChanged)
    }

    /// Makes the bucket anew, as a customer does whose instance lacks a database.
    func uploadAgain(without database: Database) async throws {
        let made = try await Self.buckets.bucket(for: Self.target)
        try workplace.folder.copy(made.folder.file("src-snapshot"), to: "src-snapshot")
        for name in ["bucket", "src-snapshot/\(database.dumpName)"] { try workplace.folder.remove(name) }
        let uploaded = try await workplace.snapshot("upload", "-bucket=./bucket", "--without-database=\(database)")
        #expect(uploaded.exit == 0, "\(uploaded.errors)")
    }

    /// The customer's folder, as it was before the upload.
    func takeDumps(_ alter: (String) -> String = { $0 }) async throws {
        let made = try await Self.buckets.bucket(for: target)
        try workplace.folder.copy(made.folder.file("src-snapshot"), to: "src-snapshot")
        let name = "src-snapshot/\(Database.primary.dumpName)"
        try workplace.folder.write(name, alter(try workplace.folder.text(name)))
    }

    private static let buckets = Buckets()

    /// One for each release of an instance, which the summary tells of, in a place that stays.
    private actor Buckets {
        private var made: [String: Task<Workplace, any Error>] = [:]

        func bucket(for release: String) async throws -> Workplace {
            let making =
                made[release]
                ?? Task {
                    let workplace = try await Workplace()
                    try await FakeSourcegraph.with(version: release) { instance in
                        try await makeBucket(in: workplace, RunPlace.access(to: instance))
                    }
                    return workplace
                }
            made[release] = making
            return try await making.value
        }
    }

    /// Of databases as small as the migrator takes them, made once.
    private static let dumping = Task {
        try await InstanceDatabases.with(version: source) { databases in
            var dumps: [Database: String] = [:]
            for (database, name) in databases.names { dumps[database] = try await SmallDump.dump(name) }
            return dumps
        }
    }

    private static func dumps() async throws -> [Database: String] { try await dumping.value }

    // MARK: Running

    private var access: [String: String] { Self.access(to: instance) }

    private static func access(to instance: FakeSourcegraph) -> [String: String] {
        ["SRC_ENDPOINT": instance.endpoint, "SRC_ACCESS_TOKEN": instance.token]
    }

    /// Runs `mi-migrate` as an operator: on a machine that has no docker, unless the VM is this one.
    func migrate(
        _ arguments: String..., whileRunning: @Sendable (ProcessIdentifier) async throws -> Void = { _ in }
    ) async throws -> Workplace.Finished {
        try await migrate(arguments, whileRunning: whileRunning)
    }

    func migrate(
        _ arguments: [String], environment others: [String: String] = [:],
        whileRunning: @Sendable (ProcessIdentifier) async throws -> Void = { _ in }
    ) async throws -> Workplace.Finished {
        let environment =
            try workplace.folder.text("migration.yaml").contains("machine: local")
            ? host.environment : host.operatorEnvironment
        let variables = environment.merging(access) { $1 }
            .merging(["PGPASSWORD": workplace.target.password]) { $1 }.merging(others) { $1 }
        return try await workplace.run(
            BuiltPrograms.path("mi-migrate"), arguments, environment: variables, whileRunning: whileRunning)
    }

    /// Goes the whole way, without waiting whether the instance stays well.
    func run(
        _ arguments: String..., whileRunning: @Sendable (ProcessIdentifier) async throws -> Void = { _ in }
    ) async throws -> Workplace.Finished {
        try await run(arguments, whileRunning: whileRunning)
    }

    func run(
        _ arguments: [String], environment: [String: String] = [:],
        whileRunning: @Sendable (ProcessIdentifier) async throws -> Void = { _ in }
    ) async throws -> Workplace.Finished {
        try await migrate(
            ["run", "migration.yaml", "--yes", "--wait=0s"] + arguments, environment: environment,
            whileRunning: whileRunning)
    }

    // MARK: Looking

    /// The journal's folder, within the workplace's.
    var journalFolder: String { "bucket/mi-migrate/\(workplace.serverName)" }

    func journal() async throws -> MigrationJournal {
        let journal = MigrationJournal(store: DirectoryStore(path: workplace.folder.file(journalFolder)))
        try await journal.read()
        return journal
    }

    /// How often the VM was asked for a run of the migrator with this command.
    func migrations(_ command: String) throws -> Int {
        try migratorRuns().count { $0.contains(" migrator \(command)") }
    }

    /// What the VM was asked for runs of the migrator, and not of another program with its settings.
    func migratorRuns() throws -> [String] {
        try host.invocations().filter { $0.contains("compose run") && !$0.contains("--entrypoint") }
    }

    /// What the migrator has applied to each database when all is done, and how often.
    var applied: [String: Int] {
        get throws {
            let minors = try UpgradePath(from: Self.source, to: target).minors.dropFirst().map(\.minorName)
            return Dictionary(uniqueKeysWithValues: minors.map { ($0, 1) })
        }
    }

    /// All of it is done, and was done once.
    func checkIsDone(_ finished: Workplace.Finished, _ comment: Comment = "") async throws {
        #expect(finished.exit == 0, "\(comment) \(finished.errors)")
        for database in Database.allCases {
            #expect(try await host.applied(database) == applied, comment)
        }
        #expect(instance.instance.latestSettings?.contents.contains("migration is underway") == false, comment)
        let state = try await journal().state
        #expect(state.steps.allSatisfy { $0.finishedAt != nil || $0.isUndone }, comment)
        #expect(state.completedAt != nil && state.holder == nil, comment)
        #expect(try host.containers()["sourcegraph-frontend-0"]?.status == "running", comment)
    }
}
