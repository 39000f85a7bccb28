import Foundation
import NIOCore
import Synchronization
import SystemPackage

/// A Cloud SQL instance on this machine, as far as its Admin API (v1) goes, with a real PostgreSQL behind it: what is
/// imported is there.
///
/// It is as strict as the real one and stricter, and keeps account of what a client did that a client must not do: a
/// test is good if ``violations`` is empty at its end. What it is to do wrong is told by ``fault(_:on:skip:times:)`` and
/// ``fault(operation:type:of:skip:times:)``. Where an answer's text or status is assumed, it says so in the code.
final class FakeCloudSQL: Sendable {
    struct Options: Sendable {
        var instance = Instance()
        /// The databases that there are, and who owns each.
        var databases = [
            "pgsql": "cloudsqlsuperuser", "codeintel-db": "cloudsqlsuperuser", "codeinsights-db": "cloudsqlsuperuser",
        ]
        /// Which accounts may read a bucket's objects; nil: all may. Later changed by ``allow(_:toRead:)``.
        var readers: [String: Set<String>]?
        /// Whether requests need a token that the storage fake has handed out, or ``FakeCloudSQL/token(scopes:)``.
        var requiresToken = true
        /// How often an operation that has done its work is still said to be running.
        var looks = 0
        /// At most so many operations in one page of their list.
        var pageSize = 100
        /// The role that a caller of `executeSql` is in the database, with `autoIamAuthn`.
        var iamUser = "sourcegraph-admin"
        /// How long `executeSql` may take.
        var executeSQLLimit: Duration = .seconds(30)
        /// What `executeSql` answers with at most.
        var executeSQLBytes = 10 << 20
    }

    struct State: Sendable {
        var instance: Instance
        var readers: [String: Set<String>]?
        var record = Record()
        var rules: [FaultRule] = []
        var operationRules: [OperationRule] = []
        /// What operations do in the background.
        var work: [Task<Void, Never>] = []
        /// Counts `releaseStalls`.
        var releases = 0
        /// Stalled requests whose connection is closed.
        var gone: Set<Int> = []
        var isStopping = false
    }

    let options: Options
    let storage: FakeGoogleStorage
    let cluster: CloudSQLCluster
    let state: Watched<State>
    private let http = Mutex<HTTPServer?>(nil)
    private let httpPort = Atomic<Int>(0)

    /// `http://127.0.0.1:PORT`; what gcloud is given as `CLOUDSDK_API_ENDPOINT_OVERRIDES_SQL` has a slash behind it.
    var endpoint: String { "http://127.0.0.1:\(httpPort.load(ordering: .relaxed))" }

    /// - Parameter storage: Has the objects that are imported, and hands out the tokens.
    init(_ options: Options = Options(), storage: FakeGoogleStorage) async throws {
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
    func stop() async {
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
    static func running<Value: Sendable>(
        _ options: Options = Options(), storage: FakeGoogleStorage, _ body: (FakeCloudSQL) async throws -> Value
    ) async throws -> Value {
        let fake = try await FakeCloudSQL(options, storage: storage)
        let result: Result<Value, any Error>
        do { result = .success(try await body(fake)) } catch { result = .failure(error) }
        await fake.stop()
        return try result.get()
    }

    /// A fake and its storage for as long as the body runs.
    static func with<Value: Sendable>(
        _ options: Options = Options(), storage: FakeGoogleStorage.Options = .init(),
        _ body: (FakeCloudSQL, FakeGoogleStorage) async throws -> Value
    ) async throws -> Value {
        try await FakeGoogleStorage.running(storage) { storage in
            try await running(options, storage: storage) { fake in try await body(fake, storage) }
        }
    }

    // MARK: The database

    /// The folder of the database's socket, which lets everybody in that can open it.
    var socket: String { cluster.server.socket.string }

    /// The database's, on 127.0.0.1.
    var port: Int { cluster.server.port }

    /// Of all logins, such as `sourcegraph-admin`.
    var password: String { cluster.server.password }

    /// Where the administrator's role finds a database; the password goes into `PGPASSWORD`.
    func uri(_ database: String) -> String { "postgres://sourcegraph-admin@127.0.0.1:\(port)/\(database)" }

    /// Runs SQL with psql, as the superuser if nobody else is named.
    ///
    /// - Returns: What psql prints, without the last line end; columns are separated by `|`.
    @discardableResult
    func sql(_ text: String, database: String = "pgsql", as user: String? = nil) async throws -> String {
        try await cluster.server.sql(text, in: database, as: user)
    }

    /// What `pg_dump` prints, without the key that is another one each time.
    func pgDump(_ database: String, _ arguments: String...) async throws -> String {
        try await cluster.pgDump(database, arguments)
    }

    static func quoted(_ name: String) -> String { "\"\(name.replacing("\"", with: "\"\""))\"" }

    static func literal(_ text: String) -> String {
        "E'\(text.replacing("\\", with: "\\\\").replacing("'", with: "''"))'"
    }

    // MARK: What is told

    /// A token as the storage fake hands them out.
    func token(scopes: [String] = ["https://www.googleapis.com/auth/cloud-platform"]) -> String {
        let token = "ya29.\(UUID().uuidString)"
        storage.change {
            $0.tokens[token] = FakeGoogleStorage.Token(expires: .now + .seconds(3600), scopes: scopes)
        }
        return token
    }

    /// What the instance is now.
    var instance: Instance { state.change { $0.instance } }

    /// Changes what the instance is, also while it runs.
    func change(_ body: @Sendable (inout Instance) -> Void) { state.change { body(&$0.instance) } }

    /// Lets an account read a bucket's objects; the instance's if nobody is named.
    func allow(_ account: String? = nil, toRead bucket: String) {
        state.change { state in
            let account = account ?? state.instance.serviceAccountEmailAddress
            if state.readers == nil { state.readers = [:] }
            state.readers?[bucket, default: []].insert(account)
        }
    }
}
