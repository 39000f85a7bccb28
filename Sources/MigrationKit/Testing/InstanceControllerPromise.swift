public import MigrationKit

/// One thing that every `InstanceController` owes, and how to see that a controller does it.
///
/// ```swift
/// let command = MigratorCommand(version: SourcegraphVersion(6, 0, 0), arguments: ["validate"])
/// for promise in InstanceControllerPromise.all { try await promise.check(MyController(), running: command) }
/// ```
public struct InstanceControllerPromise: Promise {
    /// The promise in a few words, such as `runs the migrator once for a job`.
    public let description: String
    private let body: @Sendable (any InstanceController, MigratorCommand) async throws -> Void

    private init(
        _ description: String,
        _ body: @escaping @Sendable (any InstanceController, MigratorCommand) async throws -> Void
    ) {
        self.description = description
        self.body = body
    }

    /// Checks that a controller keeps the promise.
    ///
    /// - Parameters:
    ///   - instance: One that may be stopped and started.
    ///   - command: What its migrator may run. What it prints has to differ from run to run: by that a second run shows.
    /// - Throws: ``BrokenPromise``, or what the controller throws where it should not.
    public func check(_ instance: any InstanceController, running command: MigratorCommand) async throws {
        try await body(instance, command)
    }

    /// What is owed by each controller, in the order of a migration.
    public static let all = [
        InstanceControllerPromise("tells what it is set up to run") { instance, _ in
            try require(!instance.name.isEmpty, "It has no name.")
            let (first, second) = (try await instance.configuration(), try await instance.configuration())
            try require(!first.services.isEmpty, "It has no services.")
            try require(first == second, "It is set up another way when it is asked again: \(first), \(second).")
        },
        InstanceControllerPromise("stops what is stopped") { instance, _ in
            for job in ["promise-freeze", "promise-freeze", "promise-freeze-again"] {
                _ = try await instance.freeze(job: job)
            }
        },
        InstanceControllerPromise("opens its way to each of the databases") { instance, _ in
            for job in ["promise-proxy", "promise-proxy", "promise-proxy-again"] {
                _ = try await instance.startProxy(job: job)
            }
            let told = try await instance.databases(Database.allCases).map(\.database)
            try require(Set(told) == Set(Database.allCases), "It tells of \(told).")
            let one = try await instance.databases([.codeintel]).map(\.database)
            try require(Set(one) == [.codeintel], "Asked for one, it tells of \(one).")
        },
        InstanceControllerPromise("runs the migrator once for a job") { instance, command in
            let job = "promise-\(UInt32.random(in: .min ... .max))"
            let first = try await instance.migrate(command, job: job)
            let second = try await instance.migrate(command, job: job)
            try require(first == second, "The job was begun a second time: \(first), \(second).")
        },
        InstanceControllerPromise("runs when it has been started") { instance, _ in
            for job in ["promise-start", "promise-start", "promise-start-again"] {
                _ = try await instance.start(job: job)
            }
            let failed = try await instance.check().filter { $0.verdict == .fail }
            try require(failed.isEmpty, "It does not run: \(failed).")
        },
    ]
}
