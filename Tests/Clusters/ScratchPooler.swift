import Foundation
import SystemPackage

/// A PgBouncer before a server of the tests.
package struct ScratchPooler: Sendable {
    package let port: Int

    /// Nil where it is not installed.
    package static let program: String? =
        (ChildEnvironment.searchPath.split(separator: ":").map(String.init) + ["/usr/sbin"])
        .map { "\($0)/pgbouncer" }.first(where: FileManager.default.isExecutableFile)

    /// Runs `body` with one that has a single session of the server.
    ///
    /// - Parameters:
    ///   - mode: When it gives that to the next client.
    ///   - ignored: What it leaves out of a connection's beginning.
    package static func with<Value: Sendable>(
        _ server: ScratchPostgres.Cluster, mode: String, ignoring ignored: String,
        _ body: @Sendable (ScratchPooler) async throws -> Value
    ) async throws -> Value {
        let script = try await HeldScript(
            FilePath(#filePath).removingLastComponent().appending("scratch-pooler.sh"), [HeldScript.repository.string],
            environment: [
                "PGBOUNCER": program ?? "", "SERVER_PORT": "\(server.port)", "SERVER_PASSWORD": server.password,
                "POOL_MODE": mode, "IGNORED": ignored,
            ], lines: 1)
        let pooler = ScratchPooler(port: Int(script.lines[0]) ?? 0)
        let result: Result<Value, any Error>
        do { result = .success(try await body(pooler)) } catch { result = .failure(error) }
        await script.end()
        return try result.get()
    }
}
