import FakeServer
import Foundation
import NIOCore
import Synchronization
import SystemPackage
import TestClusters
package import TestSupport

/// A Cloud SQL instance on this machine, as far as its Admin API (v1) goes, with a real PostgreSQL behind it: what is
/// imported is there.
///
/// It is as strict as the real one and stricter, and keeps account of what a client did that a client must not do: a
/// test is good if ``violations`` is empty at its end. What it is to do wrong is told by ``fault(_:on:skip:times:)`` and
/// ``fault(operation:type:of:skip:times:)``. Where an answer's text or status is assumed, it says so in the code.
package final class FakeCloudSQL: Sendable {
    package struct Options: Sendable {
        package var instance = Instance()
        /// The databases that there are, and who owns each.
        package var databases = [
            "pgsql": "cloudsqlsuperuser", "codeintel-db": "cloudsqlsuperuser", "codeinsights-db": "cloudsqlsuperuser",
        ]
        /// Which accounts may read a bucket's objects; nil: all may. Later changed by ``allow(_:toRead:)``.
        package var readers: [String: Set<String>]?
        /// Whether requests need a token that the storage fake has handed out, or ``FakeCloudSQL/token(scopes:)``.
        package var requiresToken = true
        /// How often an operation that has done its work is still said to be running.
        package var looks = 0
        /// At most so many operations in one page of their list.
        package var pageSize = 100
        /// The role that a caller of `executeSql` is in the database, with `autoIamAuthn`.
        package var iamUser = "sourcegraph-admin"
        /// How long `executeSql` may take.
        package var executeSQLLimit: Duration = .seconds(30)
        /// What `executeSql` answers with at most.
        package var executeSQLBytes = 10 << 20

        package init(
            instance: Instance = Instance(),
            databases: [String: String] = [
                "pgsql": "cloudsqlsuperuser", "codeintel-db": "cloudsqlsuperuser",
                "codeinsights-db": "cloudsqlsuperuser",
            ], readers: [String: Set<String>]? = nil, requiresToken: Bool = true, looks: Int = 0, pageSize: Int = 100,
            iamUser: String = "sourcegraph-admin", executeSQLLimit: Duration = .seconds(30),
            executeSQLBytes: Int = 10 << 20
        ) {
            self.instance = instance
            self.databases = databases
            self.readers = readers
            self.requiresToken = requiresToken
            self.looks = looks
            self.pageSize = pageSize
            self.iamUser = iamUser
            self.executeSQLLimit = executeSQLLimit
            self.executeSQLBytes = executeSQLBytes
        }
    }

    package struct State: Sendable {
        package var instance: Instance
        package var readers: [String: Set<String>]?
        package var record = Record()
        package var rules: [FaultRule] = []
        package var operationRules: [OperationRule] = []
        /// What operations do in the background.
        package var work: [Task<Void, Never>] = []
        /// Counts `releaseStalls`.
        package var releases = 0
        /// Stalled requests whose connection is closed.
        package var gone: Set<Int> = []
        package var isStopping = false
    }

    package let options: Options
    package let storage: FakeGoogleStorage
    package let cluster: CloudSQLCluster
    package let state: Watched<State>
    private let http = Mutex<HTTPServer?>(nil)
    private let httpPort = Atomic<Int>(0)

    /// `http://127.0.0.1:PORT`; what gcloud is given as `CLOUDSDK_API_ENDPOINT_OVERRIDES_SQL` has a slash behind it.
    package var endpoint: String { "http://127.0.0.1:\(httpPort.load(ordering: .relaxed))" }

    /// - Parameter storage: Has the objects that are imported, and hands out the tokens.
    package init(_ options: Options = Options(), storage: FakeGoogleStorage) async throws {
        (self.options, self.storage) = (options, storage)
        state = Watched(State(instance: options.instance, readers: options.readers))
        cluster = try await CloudSQLCluster()
        do {
            try await prepareDatabases()
            let server = try await HTTPServer { [weak self] connection in await self?.serve(connection) }
            httpPort.store(server.port, ordering: .relaxed)
            http.withLock { $0 = server }
        } catch {
            await cluster.stop()
            throw error
        }
    }

    private func prepareDatabases() async throws {
        let usual = Options().databases
        for name in usual.keys where options.databases[name] == nil {
            _ = try await cluster.run("DROP DATABASE \(Self.quoted(name))").get()
        }
        for (name, owner) in options.databases where usual[name] != owner {
            let verb = usual[name] == nil ? "CREATE DATABASE \(Self.quoted(name)) OWNER" : nil
            _ = try await cluster.run(
                "\(verb ?? "ALTER DATABASE \(Self.quoted(name)) OWNER TO") \(Self.quoted(owner))"
            ).get()
        }
    }

    /// Closes all connections, ends what runs, and removes the cluster. The record stays.
    package func stop() async {
        let server = http.withLock { server in
            defer { server = nil }
            return server
        }
        state.change { $0.isStopping = true }
        await server?.stop()
        for task in state.change({ $0.work }) { await task.value }
        await cluster.stop()
    }

    /// A fake for as long as the body runs.
    package static func running<Value: Sendable>(
        _ options: Options = Options(), storage: FakeGoogleStorage, _ body: (FakeCloudSQL) async throws -> Value
    ) async throws -> Value {
        let fake = try await FakeCloudSQL(options, storage: storage)
        let result: Result<Value, any Error>
        do { result = .success(try await body(fake)) } catch { result = .failure(error) }
        await fake.stop()
        return try result.get()
    }

    /// A fake and its storage for as long as the body runs.
    package static func with<Value: Sendable>(
        _ options: Options = Options(), storage: FakeGoogleStorage.Options = .init(),
        _ body: (FakeCloudSQL, FakeGoogleStorage) async throws -> Value
    ) async throws -> Value {
        try await FakeGoogleStorage.running(storage) { storage in
            try await running(options, storage: storage) { fake in try await body(fake, storage) }
        }
    }

    // MARK: The database

    /// The folder of the database's socket, which lets everybody in that can open it.
    package var socket: String { cluster.server.socket.string }

    /// The database's, on 127.0.0.1.
    package var port: Int { cluster.server.port }

    /// Of all logins, such as `sourcegraph-admin`.
    package var password: String { cluster.server.password }

    /// Where the administrator's role finds a database; the password goes into `PGPASSWORD`.
    package func uri(_ database: String) -> String { "postgres://sourcegraph-admin@127.0.0.1:\(port)/\(database)" }

    /// Runs SQL with psql, as the superuser if nobody else is named.
    ///
    /// - Returns: What psql prints, without the last line end; columns are separated by `|`.
    @discardableResult
    package func sql(_ text: String, database: String = "pgsql", as user: String? = nil) async throws -> String {
        try await cluster.server.sql(text, in: database, as: user)
    }

    /// What `pg_dump` prints, without the key that is another one each time.
    package func pgDump(_ database: String, _ arguments: String...) async throws -> String {
        try await cluster.pgDump(database, arguments)
    }

    package static func quoted(_ name: String) -> String { "\"\(name.replacing("\"", with: "\"\""))\"" }

    package static func literal(_ text: String) -> String {
        "E'\(text.replacing("\\", with: "\\\\").replacing("'", with: "''"))'"
    }

    // MARK: What is told

    /// A token as the storage fake hands them out.
    package func token(scopes: [String] = ["https://www.googleapis.com/auth/cloud-platform"]) -> String {
        let token = "ya29.\(UUID().uuidString)"
        storage.change {
            $0.tokens[token] = FakeGoogleStorage.Token(expires: .now + .seconds(3600), scopes: scopes)
        }
        return token
    }

    /// What the instance is now.
    package var instance: Instance { state.change { $0.instance } }

    /// Changes what the instance is, also while it runs.
    package func change(_ body: @Sendable (inout Instance) -> Void) { state.change { body(&$0.instance) } }

    /// Lets an account read a bucket's objects; the instance's if nobody is named.
    package func allow(_ account: String? = nil, toRead bucket: String) {
        state.change { state in
            let account = account ?? state.instance.serviceAccountEmailAddress
            if state.readers == nil { state.readers = [:] }
            state.readers?[bucket, default: []].insert(account)
        }
    }
}
