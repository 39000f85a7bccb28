internal import MigrationKitFoundation
internal import SystemPackage

extension MigrationSettings {
    /// What somebody has set, as flags could say it again from any folder. Passwords are not among them.
    package var portable: [SettingName: String] {
        var texts: [SettingName: String] = [:]
        func note<Value>(_ name: SettingName, _ setting: Setting<Value>?, _ text: (Value) -> String) {
            if let setting, setting.origin != .standard { texts[name] = text(setting.value) }
        }
        note(.project, project, \.self)
        note(.instance, instance, \.self)
        note(.bucket, bucket, \.absoluteText)
        note(.bucketProject, bucketProject, \.self)
        note(.credentials, credentials, \.absolute)
        note(.connection, connection, \.withoutPassword)
        note(.through, through, \.rawValue)
        note(.importUser, importUser, \.self)
        note(.journal, journal, \.absoluteText)
        note(.databases, databases) { $0.map(\.rawValue).joined(separator: ",") }
        note(.into, into, \.withoutPassword)
        note(.machine, machine, \.description)
        note(.sshKey, sshKey, \.absolute)
        note(.sshConfig, sshConfig, \.absolute)
        note(.deployment, deployment, \.self)
        note(.endpoint, endpoint, \.self)
        note(.externalURL, externalURL, \.self)
        note(.adminEmail, adminEmail, \.self)
        note(.executors, executors, \.description)
        return texts
    }
}

extension FilePath {
    fileprivate var absolute: String { URL(fileURLWithPath: string).path }
}

extension BucketLocation {
    fileprivate var absoluteText: String { if case .folder(let path) = self { path.absolute } else { text } }
}

extension PostgresURI {
    /// The URI, to be read again.
    package var withoutPassword: String {
        var parts = URLComponents()
        (parts.scheme, parts.user, parts.port) = ("postgres", user, port)
        if host.hasPrefix("/") { parts.host = "" } else { parts.host = host.contains(":") ? "[\(host)]" : host }
        parts.path = "/\(database)"
        var items = Self.variables.compactMap { name, variable in
            parameters[variable].map { URLQueryItem(name: name, value: $0) }
        }
        if host.hasPrefix("/") { items.append(URLQueryItem(name: "host", value: host)) }
        if !items.isEmpty { parts.queryItems = items.sorted { $0.name < $1.name } }
        return parts.string ?? ""
    }
}
