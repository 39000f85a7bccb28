/// What `mi-migrate` can be told about a migration: by flags, by the environment, and by a file.
package enum SettingName: String, Sendable, CaseIterable {
    /// The Google project that the Cloud SQL instance is in.
    case project
    /// The Cloud SQL instance.
    case instance
    /// The bucket with the snapshot.
    case bucket
    /// The Google project that owns the bucket.
    case bucketProject = "bucket-project"
    /// A file with Google credentials.
    case credentials
    /// The instance's PostgreSQL, for import, proof and progress, as a `postgres://` URI.
    case connection
    /// How dumps get into a Cloud SQL instance.
    case through
    /// The password of the instance's administrator.
    case password
    /// The role that imports.
    case importUser = "import-user"
    /// Where the journal is kept, if not in the bucket.
    case journal
    /// Which databases are moved.
    case databases
    /// Any PostgreSQL in place of a Cloud SQL instance, as a `postgres://` URI.
    case into
    /// The machine that the instance runs on.
    case machine
    /// A key for ssh.
    case sshKey = "ssh-key"
    /// Another configuration of ssh's than the user's.
    case sshConfig = "ssh-config"
    /// The folder with `docker-compose.yaml` on that machine.
    case deployment
    /// The address of the instance.
    case endpoint
    /// The address that the instance's users know, where it is asked at another one.
    case externalURL = "external-url"
    /// The address of the customer's administrator.
    case adminEmail = "admin-email"
    /// The machines of the instance's executors.
    case executors

    /// The variable that a runbook exports for it.
    ///
    /// Source: sourcegraph/handbook, "MI v1.1 on-prem data migration", "Import databases".
    package var variable: String? {
        switch self {
        case .project: "TARGET_INSTANCE_PROJECT"
        case .instance: "TARGET_INSTANCE_DB"
        case .bucket: "DB_DUMP_BUCKET"
        case .password: "INSTANCE_ADMIN_PASSWORD"
        case .endpoint: "SRC_ENDPOINT"
        case .bucketProject, .credentials, .connection, .through, .importUser, .journal, .databases, .into, .machine,
            .sshKey, .sshConfig, .deployment, .externalURL, .adminEmail, .executors:
            nil
        }
    }
}

extension SettingName {
    /// Whether a password is no surprise in it: whoever reads it keeps it to itself.
    var mayHoldPassword: Bool { [.password, .connection, .into].contains(self) }
}

/// What has said how a setting is.
package enum SettingOrigin: Sendable, Hashable, CustomStringConvertible {
    /// A flag on the command line.
    case flag(SettingName)
    /// A variable of the environment.
    case environment(String)
    /// A line of a file.
    case file(String, line: Int)
    /// Nobody: it is so unless somebody says otherwise.
    case standard

    /// `flag --project`, `TARGET_INSTANCE_PROJECT`, `migration.yaml:3` or `default`.
    package var description: String {
        switch self {
        case .flag(let name): "flag --\(name.rawValue)"
        case .environment(let name): name
        case .file(let name, let line): "\(name):\(line)".printable
        case .standard: "default"
        }
    }
}

/// A setting, and what has said so.
package struct Setting<Value: Sendable>: Sendable {
    /// How it is.
    package var value: Value
    /// What has said so.
    package var origin: SettingOrigin

    /// Makes a setting.
    package init(_ value: Value, from origin: SettingOrigin) {
        self.value = value
        self.origin = origin
    }
}

extension Setting: Equatable where Value: Equatable {}
