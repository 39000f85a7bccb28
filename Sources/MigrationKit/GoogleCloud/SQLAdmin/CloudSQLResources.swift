/// An instance, as far as an import asks for it. Field names are those of the Admin API, version v1.
package struct CloudSQLInstance: Sendable, Decodable {
    /// Its name within the project.
    package var name: String
    /// `RUNNABLE` when it can be worked with.
    package var state: String
    /// Such as `POSTGRES_15`.
    package var databaseVersion: String
    /// `project:region:instance`.
    package var connectionName: String?
    /// Where it runs.
    package var region: String?
    /// The account that reads the bucket.
    package var serviceAccountEmailAddress: String?
    /// When it was made: another instance of the same name has another.
    package var createTime: String?
    /// How it is set up.
    package var settings: Settings?

    /// How an instance is set up.
    package struct Settings: Sendable, Decodable {
        /// Counts up with every change; a patch names the one that it changes.
        package var settingsVersion: String?
        /// `ALLOW_DATA_API` where ``CloudSQLAdmin/executeSQL(_:in:)`` is allowed.
        package var dataApiAccess: String?
        /// The machine that it runs on, such as `db-custom-4-15360`.
        package var tier: String?
        /// All flags that are set: a patch replaces the whole list.
        package var databaseFlags: [CloudSQLFlag]?
    }

    /// PostgreSQL's major version; nil for another kind of server.
    package var postgresMajor: Int? {
        databaseVersion.hasPrefix("POSTGRES_")
            ? Int(databaseVersion.dropFirst("POSTGRES_".count).prefix { $0 != "_" }) : nil
    }

    /// The cores of its machine: 4 of `db-custom-4-15360`, 8 of `db-perf-optimized-N-8`; nil where the tier's name does
    /// not tell, as with `db-g1-small`.
    package var cores: Int? {
        let words = settings?.tier?.split(separator: "-") ?? []
        let word = words.starts(with: ["db", "custom"]) ? words.dropFirst(2).first : words.last
        return word.flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
    }

    /// Whether SQL may be sent through the Admin API.
    package var allowsSQL: Bool { settings?.dataApiAccess == "ALLOW_DATA_API" }
}

/// A setting of PostgreSQL on an instance.
package struct CloudSQLFlag: Sendable, Hashable, Codable {
    /// PostgreSQL's name for it.
    package var name: String
    /// Its value.
    package var value: String?

    /// A flag with its value.
    package init(name: String, value: String?) {
        self.name = name
        self.value = value
    }
}

/// A flag that instances may have.
package struct CloudSQLFlagDescription: Sendable, Decodable {
    /// Its name.
    package var name: String
    /// Whether setting it restarts the instance.
    package var requiresRestart: Bool?
    /// For which versions it is: `POSTGRES_15`.
    package var appliesTo: [String]?
}

/// A database of an instance.
package struct CloudSQLDatabase: Sendable, Codable {
    /// Its name.
    package var name: String
    /// Such as `UTF8`.
    package var charset: String?
    /// Such as `en_US.UTF8`.
    package var collation: String?
}

/// A backup of an instance.
package struct CloudSQLBackup: Sendable, Decodable {
    /// The number that it is asked for by.
    package var id: String
    /// What it was asked for with; nil of those that Google takes by itself.
    package var description: String?
    /// Such as `SUCCESSFUL`.
    package var status: String?
    /// When it was complete.
    package var endTime: String?
    /// Bytes that it takes at most.
    package var maxChargeableBytes: String?
}

/// A user of an instance.
package struct CloudSQLUser: Sendable, Codable {
    /// Its name.
    package var name: String
    /// `BUILT_IN`, or a kind of IAM user; nil is the first.
    package var type: String?
}

/// Something that an instance does: an import, a backup. A failed one has ended, too, with an error.
package struct CloudSQLOperation: Sendable, Decodable {
    /// Its name, by which it is asked for.
    package var name: String
    /// `PENDING`, `RUNNING` or `DONE`.
    package var status: String
    /// Such as `IMPORT`, `CREATE_DATABASE`, `BACKUP_VOLUME`.
    package var operationType: String?
    /// Who asked for it.
    package var user: String?
    /// The instance.
    package var targetId: String?
    /// When it was asked for, by the server's clock.
    package var insertTime: String?
    /// When it began.
    package var startTime: String?
    /// What is imported.
    package var importContext: ImportContext?
    /// What was backed up.
    package var backupContext: BackupContext?
    /// Why it has failed.
    package var error: Errors?

    /// The backup that an operation has made.
    package struct BackupContext: Sendable, Decodable {
        /// Its number.
        package var backupId: String?
    }

    /// What is imported, and where to.
    package struct ImportContext: Sendable, Decodable {
        /// The object: `gs://bucket/name`.
        package var uri: String?
        /// The database.
        package var database: String?
    }

    /// Why an operation has failed.
    package struct Errors: Sendable, Decodable {
        /// One or more.
        package var errors: [Item]?

        /// One reason.
        package struct Item: Sendable, Decodable {
            /// Google's word for it: `ERROR_RDBMS` is the database's own refusal.
            package var code: String?
            /// What the database said, behind what it did before.
            package var message: String?
        }
    }

    /// Whether it has ended, well or not.
    package var isDone: Bool { status == "DONE" }
    /// What went wrong; nil where nothing did.
    package var failure: Errors.Item? { error.map { $0.errors?.first ?? Errors.Item(code: nil, message: nil) } }
}
