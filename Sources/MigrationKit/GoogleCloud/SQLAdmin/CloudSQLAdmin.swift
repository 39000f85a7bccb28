public import MigrationKitFoundation
internal import NIOCore
internal import NIOHTTP1

/// One Cloud SQL instance, by the Admin API, version v1. Needs no gcloud.
///
/// Questions are asked again where that may help. What changes something is asked for once: whether an answer that was
/// lost was one of success, only the list of operations can tell. Changes throw `CloudSQLRefusal` where nothing was
/// done and `CloudSQLUnanswered` where that is not known.
public struct CloudSQLAdmin: Sendable {
    /// The project.
    public let project: String
    /// The instance's name.
    public let instance: String
    let client: GoogleClient
    let retry: RetryPolicy
    let onNotice: @Sendable (MigrationNotice) -> Void

    /// Names an instance.
    ///
    /// - Parameters:
    ///   - project: The project.
    ///   - instance: The instance's name.
    ///   - credentials: Whose rights count; nil: those that Google's own programs would use.
    ///   - retry: How long is tried again.
    ///   - environment: `CLOUDSDK_API_ENDPOINT_OVERRIDES_SQL`, the proxy's and certificates' variables count.
    ///   - onNotice: Is told in a sentence of what went wrong and is tried again.
    /// - Throws: ``MigrationError`` with code `usage` if one of these cannot be used.
    public init(
        project: String, instance: String, credentials: GoogleCredentials? = nil, retry: RetryPolicy = RetryPolicy(),
        environment: [String: String] = ProcessInfo.processInfo.environment,
        onNotice: @escaping @Sendable (MigrationNotice) -> Void = { _ in }
    ) throws {
        self.project = project
        self.instance = instance
        self.retry = retry
        self.onNotice = onNotice
        var options = GoogleClient.Options()
        (options.retry, options.onNotice) = (retry, onNotice)
        client = try GoogleClient(
            "sqladmin", override: "CLOUDSDK_API_ENDPOINT_OVERRIDES_SQL",
            // Of the two scopes that the API knows, the other is not enough for imports.
            scopes: ["https://www.googleapis.com/auth/cloud-platform"],
            credentials: try credentials ?? .applicationDefault(environment: environment), options: options,
            environment: environment)
    }

    // MARK: Questions

    /// The instance as it is.
    ///
    /// - Throws: ``MigrationError`` if there is none, or the account may not look at it.
    package func get() async throws -> CloudSQLInstance { try await ask("The instance \(instance)", base) }

    /// All databases, those that every instance has among them.
    package func databases() async throws -> [CloudSQLDatabase] {
        struct Page: Decodable { var items: [CloudSQLDatabase]? }
        let page: Page = try await ask("The databases of \(instance)", "\(base)/databases")
        return page.items ?? []
    }

    /// A database; nil if there is none of that name.
    package func database(_ name: String) async throws -> CloudSQLDatabase? {
        try await databases().first { $0.name == name }
    }

    /// All users.
    package func users() async throws -> [CloudSQLUser] {
        struct Page: Decodable { var items: [CloudSQLUser]? }
        let page: Page = try await ask("The users of \(instance)", "\(base)/users")
        return page.items ?? []
    }

    /// All flags that instances may have.
    package func flags() async throws -> [CloudSQLFlagDescription] {
        struct Page: Decodable { var items: [CloudSQLFlagDescription]? }
        let page: Page = try await ask("The list of flags", "/v1/flags")
        return page.items ?? []
    }

    /// The instance's backups that can be gone back to, the newest first.
    package func backups() async throws -> [CloudSQLBackup] {
        struct Page: Decodable {
            var items: [CloudSQLBackup]?
            var nextPageToken: String?
        }
        var found: [CloudSQLBackup] = []
        var token: String?
        repeat {
            let page: Page = try await ask(
                "The backups of \(instance)", "\(base)/backupRuns",
                [("maxResults", "100")] + (token.map { [("pageToken", $0)] } ?? []))
            found += page.items ?? []
            token = page.nextPageToken == token ? nil : page.nextPageToken
        } while token?.isEmpty == false && found.count < Self.backupLimit
        return found.filter { $0.status == "SUCCESSFUL" }
    }

    /// More than anybody keeps.
    private static let backupLimit = 10_000

    /// An operation as it is now; nil if the server does not know it.
    package func operation(_ name: String) async throws -> CloudSQLOperation? {
        do {
            return try await fetch("The operation \(name)", "\(operations)/\(GoogleClient.encoded(name))")
        } catch let refusal as CloudSQLRefusal {
            if refusal.saysThereIsNone { return nil }
            throw refusal.error
        }
    }

    /// The instance's operations, the newest first.
    ///
    /// - Parameter limit: At most so many.
    package func operations(limit: Int = 100) async throws -> [CloudSQLOperation] {
        struct Page: Decodable {
            var items: [CloudSQLOperation]?
            var nextPageToken: String?
        }
        var found: [CloudSQLOperation] = []
        var token: String?
        repeat {
            let query = [("instance", instance), ("maxResults", "\(min(limit, 100))")]
            let page: Page = try await ask(
                "The operations of \(instance)", operations, query + (token.map { [("pageToken", $0)] } ?? []))
            found += page.items ?? []
            // The same page again and again would have no end.
            token = page.nextPageToken == token ? nil : page.nextPageToken
        } while token?.isEmpty == false && found.count < limit
        return Array(found.prefix(limit))
    }

    /// Runs SQL where the instance's `dataApiAccess` allows it: as one transaction, of at most 30 seconds.
    ///
    /// - Parameters:
    ///   - sql: One statement or more; the first value of the first row of the last that has rows is returned.
    ///   - database: In which database.
    /// - Throws: ``MigrationError`` with the server's own words.
    public func executeSQL(_ sql: String, in database: String) async throws -> String? {
        struct Payload: Encodable {
            var sqlStatement: String
            var database: String
            var autoIamAuthn = true
            var application = "mi-migrate"
        }
        struct Answer: Decodable {
            struct Status: Decodable {
                var code: Int?
                var message: String?
            }
            struct Result: Decodable { var rows: [Row]? }
            struct Row: Decodable { var values: [Value]? }
            struct Value: Decodable { var value: String? }
            var status: Status?
            var results: [Result]?
        }
        let answer: Answer = try await change(
            "SQL", .POST, "\(base)/executeSql", Payload(sqlStatement: sql, database: database))
        if let status = answer.status, status.code ?? 0 != 0 {
            throw MigrationError(
                .failed, "\(instance) refuses: \((status.message ?? "code \(status.code ?? 0)").printable)")
        }
        return answer.results?.last { $0.rows?.isEmpty == false }?.rows?.first?.values?.first?.value
    }

    // MARK: Changes

    /// Imports an object. Whether it went well is known when the operation has ended.
    ///
    /// - Parameters:
    ///   - uri: The object: `gs://bucket/name`; one that ends in `.gz` is unpacked.
    ///   - database: Where to.
    ///   - user: As whom; nil: as `cloudsqlsuperuser`, which then owns what is made.
    package func importSQL(_ uri: String, into database: String, as user: String? = nil) async throws
        -> CloudSQLOperation
    {
        struct Request: Encodable {
            struct Context: Encodable {
                var kind = "sql#importContext"
                var fileType = "SQL"
                var uri: String
                var database: String
                var importUser: String?
            }
            var importContext: Context
        }
        let context = Request.Context(uri: uri, database: database, importUser: user)
        return try await change("The import of \(uri)", .POST, "\(base)/import", Request(importContext: context))
    }

    /// Makes a database that `cloudsqlsuperuser` owns.
    package func insertDatabase(_ name: String) async throws -> CloudSQLOperation {
        try await change(
            "Creating the database \(name)", .POST, "\(base)/databases",
            CloudSQLDatabase(name: name, charset: "UTF8", collation: "en_US.UTF8"))
    }

    /// Drops a database, if `cloudsqlsuperuser` owns it and nobody is connected.
    package func deleteDatabase(_ name: String) async throws -> CloudSQLOperation {
        try await change(
            "Dropping the database \(name)", .DELETE, "\(base)/databases/\(GoogleClient.encoded(name))", nothing)
    }

    /// Backs the whole instance up.
    package func backUp(_ description: String) async throws -> CloudSQLOperation {
        try await change("The backup", .POST, "\(base)/backupRuns", ["description": description])
    }

    /// Deletes a backup.
    package func delete(backup: String) async throws -> CloudSQLOperation {
        try await change(
            "Deleting backup \(backup)", .DELETE, "\(base)/backupRuns/\(GoogleClient.encoded(backup))", nothing)
    }

    /// Brings the whole instance back to a backup of it. It cannot be reached meanwhile.
    ///
    /// - Parameter backup: The number of the backup run.
    package func restore(backup: String) async throws -> CloudSQLOperation {
        struct Request: Encodable {
            struct Context: Encodable {
                var kind = "sql#restoreBackupContext"
                var backupRunId: String
                var instanceId: String
                var project: String
            }
            var restoreBackupContext: Context
        }
        let context = Request.Context(backupRunId: backup, instanceId: instance, project: project)
        return try await change(
            "Restoring backup \(backup)", .POST, "\(base)/restoreBackup", Request(restoreBackupContext: context))
    }

    /// Sets the instance's flags, all of them: those that are not named go.
    ///
    /// - Parameter settingsVersion: The version that is changed; a newer one is refused.
    package func patch(flags: [CloudSQLFlag], settingsVersion: String?) async throws -> CloudSQLOperation {
        struct Patch: Encodable {
            struct Settings: Encodable {
                var settingsVersion: String?
                var databaseFlags: [CloudSQLFlag]
            }
            var settings: Settings
        }
        let settings = Patch.Settings(settingsVersion: settingsVersion, databaseFlags: flags)
        return try await change("The change of flags", .PATCH, base, Patch(settings: settings))
    }

    /// Asks for the end of an import. What it has done so far may stay.
    public func cancel(_ operation: String) async throws {
        struct Empty: Decodable {}
        let _: Empty = try await change(
            "The end of \(operation)", .POST, "\(operations)/\(GoogleClient.encoded(operation))/cancel", nothing)
    }

    // MARK: Requests

    private var base: String {
        "/v1/projects/\(GoogleClient.encoded(project))/instances/\(GoogleClient.encoded(instance))"
    }
    private var operations: String { "/v1/projects/\(GoogleClient.encoded(project))/operations" }
    private let nothing: [String: String]? = nil

    private func ask<Value: Decodable & Sendable>(
        _ what: String, _ path: String, _ query: [(String, String?)] = []
    ) async throws -> Value {
        do { return try await fetch(what, path, query) } catch let refusal as CloudSQLRefusal { throw refusal.error }
    }

    private func fetch<Value: Decodable & Sendable>(
        _ what: String, _ path: String, _ query: [(String, String?)] = []
    ) async throws -> Value {
        do {
            return try await Retry(retry, onNotice: onNotice)(what) {
                try await client.send { client.request(.GET, try client.url(path, query)) }.expecting(200).json()
            }
        } catch let error as GoogleAPIError {
            throw CloudSQLRefusal(error, what: what, admin: self)
        }
    }

    /// - Throws: ``CloudSQLUnanswered`` where nobody knows whether it was done; ``CloudSQLRefusal`` where it was not.
    private func change<Value: Decodable>(
        _ what: String, _ method: HTTPMethod, _ path: String, _ body: (some Encodable)?
    ) async throws -> Value {
        do {
            let reply = try await client.send {
                guard let body else { return client.request(method, try client.url(path)) }
                let text = try JSONText.encode(body, pretty: false)
                return client.request(
                    method, try client.url(path), headers: ["Content-Type": "application/json; charset=utf-8"],
                    body: .bytes(ByteBuffer(string: text)))
            }
            return try reply.expecting(200).json()
        } catch let error as GoogleAPIError {
            throw CloudSQLRefusal(error, what: what, admin: self)
        } catch let failure as TransientFailure {
            throw CloudSQLUnanswered(what: what, reason: failure.reason, retryAfter: failure.retryAfter)
        }
    }
}
