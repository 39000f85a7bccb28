import Foundation
import SystemPackage

/// A server, and one that follows it.
package struct ScratchReplica: Sendable {
    package let primary: ScratchPostgres.Cluster
    package let replica: ScratchPostgres.Cluster

    /// Runs `body` with two of its own.
    package static func with<Value: Sendable>(_ body: @Sendable (ScratchReplica) async throws -> Value) async throws
        -> Value
    {
        let bin = try await ScratchPostgres.shared.bin
        let password = "replica-\(UUID().uuidString)"
        let script = try await HeldScript(
            FilePath(#filePath).removingLastComponent().appending("scratch-replica.sh"), [HeldScript.repository.string],
            environment: ["PGPASSWORD": password], lines: 3)
        let servers = script.lines[1...].map { port in
            ScratchPostgres.Cluster(
                bin: bin, port: Int(port) ?? 0, password: password, socket: FilePath(script.lines[0]), superuser: "sg")
        }
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(ScratchReplica(primary: servers[0], replica: servers[1])))
        } catch {
            result = .failure(error)
        }
        await script.end()
        return try result.get()
    }

    /// Returns when the replica has applied all that was written so far.
    package func catchUp() async throws {
        let position = try await primary.sql("SELECT pg_current_wal_lsn()")
        try await replica.wait(until: "pg_last_wal_replay_lsn() >= '\(position)'")
    }
}
