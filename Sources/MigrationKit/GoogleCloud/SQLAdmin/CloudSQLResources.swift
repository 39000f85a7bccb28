/// An instance, as far as an import asks for it. Field names are those of the Admin API, version v1.
public struct CloudSQLInstance: Sendable, Decodable {
    /// Its name within the project.
    public var name: String
    /// `RUNNABLE` when it can be worked with.
    public var state: String
    /// Such as `POSTGRES_15`.
    public var databaseVersion: String
    /// `project:region:instance`.
    public var connectionName: String?
    /// Where it runs.
    public var region: String?
    /// The account that reads the bucket.
    public var serviceAccountEmailAddress: String?
    /// When it was made: another instance of the same name has another.
    public var createTime: String?
    /// How it is set up.
    public var settings: Settings?

    /// How an instance is set up.
    public struct Settings: Sendable, Decodable {
        /// Counts up with every change; a patch names the one that it changes.
        public var settingsVersion: String?
        /// `ALLOW_DATA_API` where ``CloudSQLAdmin/executeSQL(_:in:)`` is allowed.
        public var dataApiAccess: String?
        /// All flags that are set: a patch replaces the whole list.
        public var databaseFlags: [CloudSQLFlag]?
    }

    /// PostgreSQL's major version; nil for another kind of server.
    public var postgresMajor: Int? {
        databaseVersion.hasPrefix("POSTGRES_")
            ? Int(databaseVersion.dropFirst("POSTGRES_".count).prefix { $0 != "_" }) : nil
    }

    /// Whether SQL may be sent through the Admin API.
    public var allowsSQL: Bool { settings?.dataApiAccess == "ALLOW_DATA_API" }
}

/// A setting of PostgreSQL on an instance.
public struct CloudSQLFlag: Sendable, Hashable, Codable {
    /// PostgreSQL's name for it.
    public var name: String
    /// Its value.
    public var value: String?

    /// A flag with its value.
    public init(name: String, value: String?) {
        self.name = name
        self.value = value
    }
}

/// A flag that instances may have.
public struct CloudSQLFlagDescription: Sendable, Decodable {
    /// Its name.
    public var name: String
    /// Whether setting it restarts the instance.
    public var requiresRestart: Bool?
    /// For which versions it is: `POSTGRES_15`.
    public var appliesTo: [String]?
}

/// A database of an instance.
public struct CloudSQLDatabase: Sendable, Codable {
    /// Its name.
    public var name: String
    /// Such as `UTF8`.
    public var charset: String?
    /// Such as `en_US.UTF8`.
    public var collation: String?
}

/// A user of an instance.
public struct CloudSQLUser: Sendable, Codable {
    /// Its name.
    public var name: String
    /// `BUILT_IN`, or a kind of IAM user; nil is the first.
    public var type: String?
}

/// Something that an instance does: an import, a backup. A failed one has ended, too, with an error.
public struct CloudSQLOperation: Sendable, Decodable {
    /// Its name, by which it is asked for.
    public var name: String
    /// `PENDING`, `RUNNING` or `DONE`.
    public var status: String
    /// Such as `IMPORT`, `CREATE_DATABASE`, `BACKUP_VOLUME`.
    public var operationType: String?
    /// Who asked for it.
    public var user: String?
    /// The instance.
    public var targetId: String?
    /// When it was asked for, by the server's clock.
    public var insertTime: String?
    /// When it began.
    public var startTime: String?
    /// What is imported.
    public var importContext: ImportContext?
    /// What was backed up.
    public var backupContext: BackupContext?
    /// Why it has failed.
    public var error: Errors?

    /// The backup that an operation has made.
    public struct BackupContext: Sendable, Decodable {
        /// Its number.
        public var backupId: String?
    }

    /// What is imported, and where to.
    public struct ImportContext: Sendable, Decodable {
        /// The object: `gs://bucket/name`.
        public var uri: String?
        /// The database.
        public var database: String?
    }

    /// Why an operation has failed.
    public struct Errors: Sendable, Decodable {
        /// One or more.
        public var errors: [Item]?

        /// One reason.
        public struct Item: Sendable, Decodable {
            /// Google's word for it: `ERROR_RDBMS` is the database's own refusal.
            public var code: String?
            /// What the database said, behind what it did before.
            public var message: String?
        }
    }

    /// Whether it has ended, well or not.
    public var isDone: Bool { status == "DONE" }
    /// What went wrong; nil where nothing did.
    public var failure: Errors.Item? { error.map { $0.errors?.first ?? Errors.Item(code: nil, message: nil) } }
}
