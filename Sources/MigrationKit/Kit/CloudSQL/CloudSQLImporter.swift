internal import NIOCore

/// Loads dumps into Cloud SQL through its Admin API: the instance fetches them from the bucket by itself.
///
/// What SQL has to be run besides goes the same way, as small objects in the bucket's folder `mi-migrate`. A connection
/// to the database is needed for content digests alone.
public struct CloudSQLImporter: DatabaseImporter {
    /// The instance.
    public let admin: CloudSQLAdmin
    /// The bucket; nil: everything goes over `session`.
    private let storage: GoogleCloudStorage?
    /// A way to the databases themselves, for digests and progress.
    let connection: PostgresImporter?
    /// Sessions of `cloudsqlsuperuser` for SQL; nil: SQL goes as small imports.
    let session: PostgresImporter?
    /// What is imported, for whoever finds a backup that was made before.
    let source: String
    /// As whom is imported; nil: as `cloudsqlsuperuser`.
    let importUser: String?
    private(set) var operations: CloudSQLOperations
    let onEvent: MigrationEventHandler

    /// Names an instance and the bucket that it reads.
    ///
    /// - Parameters:
    ///   - admin: The instance.
    ///   - bucket: The bucket. Whoever imports has to be able to create objects in it.
    ///   - journal: Where operations are noted before they are waited for.
    ///   - connection: The instance's PostgreSQL, by its address or through a proxy, for digests and progress; nil: rows
    ///     are counted by the instance itself.
    ///   - importUser: As whom is imported; nil: as `cloudsqlsuperuser`.
    ///   - onEvent: Takes what happens.
    public init(
        admin: CloudSQLAdmin, bucket: GoogleCloudStorage, journal: MigrationJournal, connection: PostgresURI? = nil,
        importUser: String? = nil, onEvent: @escaping MigrationEventHandler = { _ in }
    ) {
        self.admin = admin
        storage = bucket
        source = bucket.location
        self.connection = connection.map { PostgresImporter(uri: $0) }
        session = nil
        self.importUser = importUser
        self.onEvent = onEvent
        operations = CloudSQLOperations(admin: admin, journal: journal, onEvent: onEvent)
    }

    /// How long an operation whose answer was lost may take to show in the list of operations.
    package var settling: Duration {
        get { operations.timing.settling }
        set { operations.timing.settling = newValue }
    }

    /// The same instance, loaded over its connection on several sessions at once.
    ///
    /// - Parameter jobs: How many; nil: as ``PostgresImporter`` would have them.
    /// - Returns: Nil where there is no connection.
    public func overConnection(jobs: Int? = nil) -> (any DatabaseImporter)? {
        guard let connection else { return nil }
        var lanes = CloudSQLLanes(
            admin: admin, source: source, journal: operations.journal, connection: connection.uri, jobs: jobs,
            importUser: importUser, onEvent: onEvent)
        lanes.settling = settling
        return lanes
    }

    /// Names an instance whose dumps come over a connection: it needs no bucket that Google can read.
    ///
    /// - Parameters:
    ///   - source: What is imported.
    ///   - session: Where SQL is run.
    init(
        admin: CloudSQLAdmin, source: String, journal: MigrationJournal, session: PostgresImporter,
        onEvent: @escaping MigrationEventHandler
    ) {
        (self.admin, self.source, self.session, self.onEvent) = (admin, source, session, onEvent)
        (storage, connection, importUser) = (nil, nil, nil)
        operations = CloudSQLOperations(admin: admin, journal: journal, onEvent: onEvent)
    }

    /// The bucket that the instance reads.
    var bucket: GoogleCloudStorage {
        get throws {
            guard let storage else {
                throw MigrationError(.usage, "Cloud SQL can import only from a Google bucket, not from \(source).")
            }
            return storage
        }
    }

    /// The project and the instance's name.
    public var serverName: String { "\(admin.project):\(admin.instance)" }

    /// The instance fetches objects by itself.
    public var fetchesObjects: Bool { true }

    /// The instance's connection name, and when it was made.
    public func identity() async throws -> String {
        let instance = try await admin.get()
        let made = instance.createTime.map { ", made \($0)" } ?? ""
        return "\(instance.connectionName ?? serverName), \(instance.databaseVersion)\(made)"
    }

    // MARK: Steps

    /// Makes extensions by a small import of their own.
    public func create(
        _ extensions: [RequiredExtension], in database: Database, for step: JournaledStep
    ) async throws {
        try await run(
            Self.making(extensions), in: database.importedName, key: .init(step, "import"), as: importUser)
    }

    /// Leaves a mark in the databases' comments, by a small import.
    public func mark(_ databases: [Database], with mark: String, for step: JournaledStep) async throws {
        try await run("\(DatabaseMark.leaving(mark, in: databases));\n", in: "postgres", key: .init(step, "import"))
    }

    /// Gathers planner statistics.
    public func analyze(_ database: Database, for step: JournaledStep) async throws {
        try await run(
            "SET statement_timeout = 0; ANALYZE;\n", in: database.importedName, key: .init(step, "import"),
            as: importUser)
    }

    static func making(_ extensions: [RequiredExtension]) -> String {
        extensions.map { "\($0.creation);\n" }.joined()
    }

    // MARK: Operations

    /// Asks for the end of the operation that the journal knows of and that has not ended.
    ///
    /// - Returns: Its name; nil if there is none.
    /// - Throws: ``MigrationError`` if it cannot be asked for.
    public func cancelRunningOperation() async throws -> String? {
        for name in await operations.journal.state.operationsAtWork {
            guard try await admin.operation(name)?.isDone == false else { continue }
            do { try await admin.cancel(name) } catch let refusal as CloudSQLRefusal { throw refusal.error } catch let
                lost as CloudSQLUnanswered
            {
                throw MigrationError(
                    .failed, "\(lost.what): \(lost.reason).", next: "Run the same command again.")
            }
            return name
        }
        return nil
    }

    /// Has an operation done that nothing is to be said about but whether it went well.
    func perform(_ request: CloudSQLOperations.OperationRequest) async throws -> CloudSQLOperation {
        do {
            let operation = try await operations.perform(request)
            guard let failure = operation.failure.map({ CloudSQLFailure($0) }) else { return operation }
            throw failure.error(request.what, operation)
        } catch let refusal as CloudSQLRefusal {
            throw refusal.error
        }
    }

    /// Runs SQL in a database.
    func run(_ sql: String, in database: String, key: JournaledOperation? = nil, as user: String? = nil) async throws {
        if let session { return try await session.execute(sql, database: database, doing: "SQL in \(database)") }
        _ = try await perform(request(for: sql, in: database, key: key, as: user))
    }

    /// The import of a small file of SQL, which is put in the bucket for it.
    func request(
        for sql: String, in database: String, key: JournaledOperation? = nil, as user: String? = nil
    ) async throws -> CloudSQLOperations.OperationRequest {
        let folder = try bucket.below(Self.folder)
        // By its content: the same file is there once, and another never takes its place.
        let name = "\(JournalReader.hash(sql.utf8).prefix(20)).sql"
        guard try await folder.create(name, ByteBuffer(string: sql)) else {
            throw MigrationError(
                .damagedSnapshot, "\(name) in \(folder.location) is not what mi-migrate wrote.",
                next: "Find out who writes to the bucket.")
        }
        let uri = try folder.uri(of: name)
        return .init(
            key: key, what: "SQL in \(database)", type: "IMPORT", uri: uri, database: database,
            send: { try await admin.importSQL(uri, into: database, as: user) })
    }

    /// The folder of the bucket for what mi-migrate puts there.
    public static let folder = "mi-migrate"
}

extension CloudSQLFailure {
    /// The failure for a person.
    func error(_ what: String, _ operation: CloudSQLOperation) -> MigrationError {
        MigrationError(
            .failed, "\(what.capitalizedFirst) failed: \(message)", next: advice,
            details: details + ["operation \(operation.name), \(code)"])
    }

    private var advice: String? {
        if message.contains("permission denied to create extension") || message.contains("must be owner of") {
            return
                "The database, or something in it, belongs to another role than the one that imports: see --import-user."
        }
        if message.contains("is not available") { return "Cloud SQL does not offer that extension." }
        return isTransient ? "Run the same command again." : nil
    }
}
