extension SettingsFile {
    /// A settings file to begin with: what is known, and a comment for everything else that can be set.
    ///
    /// - Parameter known: What is known.
    package static func template(_ known: [SettingName: String]) -> String {
        var lines = [
            "# The settings of a migration, for `mi-migrate run` and the other commands. Every line is optional."
        ]
        for (title, names) in groups {
            lines += ["", "# \(title)"]
            for name in names {
                let (example, meaning) = name.example
                let line =
                    known[name].map { "\(name.rawValue): \($0.quotedAsYAML)" } ?? "# \(name.rawValue): \(example)"
                lines.append("\(line)  # \(meaning)")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static let groups: [(String, [SettingName])] = [
        ("Where to: a Cloud SQL instance", [.project, .instance, .connection, .through, .importUser]),
        ("Where to: any PostgreSQL instead", [.into]),
        ("From where", [.bucket, .bucketProject, .credentials, .journal, .databases]),
        (
            "The instance",
            [.machine, .sshKey, .sshConfig, .deployment, .endpoint, .externalURL, .adminEmail, .executors]
        ),
    ]
}

extension SettingName {
    /// A value, and what it is. The password has none: it is better in INSTANCE_ADMIN_PASSWORD.
    fileprivate var example: (value: String, meaning: String) {
        switch self {
        case .project: ("sourcegraph-managed-acme", "the Google project of the Cloud SQL instance")
        case .instance: ("main-47cc60a2", "or project:region:name")
        case .bucket: ("gs://acme-snapshot", "or a folder, relative to this file")
        case .bucketProject: ("acme-migration", "the Google project that owns the bucket, for `audit`")
        case .credentials: ("operator.json", "relative to this file (default: Application Default Credentials)")
        case .connection: ("postgres://sourcegraph-admin@localhost:5433/postgres", "for several sessions and the proof")
        case .through: ("api", "or connection (default: connection, if one is set)")
        case .password: ("", "")
        case .importUser: ("sourcegraph-admin", "the database role that runs the import")
        case .journal: ("gs://acme-journal", "if not in the bucket")
        case .databases: ("[primary, codeintel, codeinsights]", "which databases are migrated")
        case .into: ("postgres://admin@db.example.com/postgres", "with PGPASSWORD or ~/.pgpass")
        case .machine: ("ssh://sre@10.0.0.4", "or local, gcloud://project/zone/name, mi://customer")
        case .sshKey: ("~/.ssh/id_ed25519", "default: from your ssh configuration")
        case .sshConfig: ("~/.ssh/config", "default: yours")
        case .deployment: (ComposeInstance.standardFolder, "the folder with docker-compose.yaml")
        case .endpoint: ("https://acme.sourcegraphcloud.com", "the instance's URL")
        case .externalURL: ("https://sourcegraph.acme.com", "the URL users open, if it is another one")
        case .adminEmail: ("ada@example.com", "gets an account as the customer's administrator")
        case .executors: ("gcloud://acme-prod/us-central1-f/executors", "the instance group of the executors")
        }
    }
}
