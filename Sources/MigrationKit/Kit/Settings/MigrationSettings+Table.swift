internal import SystemPackage

extension MigrationSettings {
    /// One setting for a person or a program to read.
    package struct Row: Sendable, Hashable, Encodable {
        /// Its name.
        package var name: String
        /// How it is, without secrets; nil: nobody has said.
        package var value: String?
        /// What has said so.
        package var origin: String?
    }

    /// All settings, also those that nobody has named; passwords as `<redacted>`.
    package var rows: [Row] { SettingName.allCases.map(row) }

    /// All settings as a table.
    package var table: String {
        var table = TextTable(["setting", "value", "from"])
        for row in rows { table.add([row.name, row.value ?? "-", row.origin ?? "-"]) }
        return table.text
    }

    private func row(_ name: SettingName) -> Row {
        func row<Value>(_ setting: Setting<Value>?, _ text: (Value) -> String) -> Row {
            Row(
                name: name.rawValue, value: setting.map { text($0.value).redacted }, origin: setting?.origin.description
            )
        }
        return switch name {
        case .project: row(project, \.self)
        case .instance: row(instance, \.self)
        case .bucket: row(bucket, \.text)
        case .bucketProject: row(bucketProject, \.self)
        case .credentials: row(credentials, \.string)
        case .connection: row(connection, \.redacted)
        case .through: row(through, \.rawValue)
        case .password: row(password, \.description)
        case .importUser: row(importUser, \.self)
        case .journal: row(journal, \.text)
        case .databases: row(databases) { $0.map(\.rawValue).joined(separator: ", ") }
        case .into: row(into, \.redacted)
        case .machine: row(machine, \.description)
        case .sshKey: row(sshKey, \.string)
        case .sshConfig: row(sshConfig, \.string)
        case .deployment: row(deployment, \.self)
        case .endpoint: row(endpoint, \.self)
        case .externalURL: row(externalURL, \.self)
        case .adminEmail: row(adminEmail, \.self)
        case .executors: row(executors, \.description)
        }
    }
}

extension BucketLocation {
    /// As it may be written after `-bucket=`.
    var text: String {
        switch self {
        case .folder(let path): path.string
        case .googleCloudStorage(let bucket, let prefix): "gs://\(bucket)" + (prefix.isEmpty ? "" : "/\(prefix)")
        }
    }
}

extension PostgresURI {
    /// The URI for people to read: `<redacted>` for the password, parameters as the variables that they become.
    var redacted: String {
        let account = (user ?? "") + (password.map { ":\($0)" } ?? "")
        let place = host.contains(":") ? "[\(host)]" : host.contains("/") ? "" : host
        var text = "postgres://" + (account.isEmpty ? "" : "\(account)@") + place
        if let port { text += ":\(port)" }
        text += "/\(database)"
        var settings = parameters
        if host.contains("/") { settings["PGHOST"] = host }
        if settings.isEmpty { return text }
        return text + " (" + settings.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }.joined(separator: " ") + ")"
    }
}
