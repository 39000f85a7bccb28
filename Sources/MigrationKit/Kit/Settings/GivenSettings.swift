internal import SystemPackage

/// What was given for the settings, before anybody has looked at it.
struct GivenSettings {
    let flags: [SettingName: String]
    let environment: [String: String]
    let file: SettingsFile?

    /// Reads a setting from the first that names it.
    ///
    /// - Parameter parse: Gets the text and what has named it.
    /// - Returns: Nil if nobody names it.
    /// - Throws: What `parse` throws, with the origin in front.
    func read<Value: Sendable>(
        _ name: SettingName, _ parse: (String, SettingOrigin) throws -> Value
    ) throws -> Setting<Value>? {
        guard let (text, origin) = find(name) else { return nil }
        do {
            guard !text.revealed.isEmpty else {
                throw MigrationError(.usage, "`\(name.rawValue)` is empty.", next: "Set it, or remove it.")
            }
            guard !text.revealed.unicodeScalars.contains("\0") else {
                throw MigrationError(.usage, "`\(name.rawValue)` contains a NUL byte.")
            }
            if !name.mayHoldPassword { try MisplacedSecret.refuse(text.revealed, as: "`\(name.rawValue)`") }
            return Setting(try parse(text.revealed, origin), from: origin)
        } catch var error as MigrationError {
            error.message = "\(origin): \(error.message)"
            error.next = error.next ?? "Fix it."
            throw error
        }
    }

    private func find(_ name: SettingName) -> (Secret, SettingOrigin)? {
        if let text = flags[name] { return (Secret(text), .flag(name)) }
        if let variable = name.variable, let text = environment.value(variable) {
            // `mi2 instance get -jq` leaves them on.
            let isQuoted = name != .password && text.count > 2 && text.hasPrefix("\"") && text.hasSuffix("\"")
            return (Secret(isQuoted ? String(text.dropFirst().dropLast()) : text), .environment(variable))
        }
        return file?.entries[name].map { [path = file?.path] in ($0.text, .file(path?.string ?? "", line: $0.line)) }
    }

    /// A file; one that the settings file names is seen from its folder.
    func path(_ text: String, _ origin: SettingOrigin) -> FilePath {
        guard case .file = origin, let folder = file?.path.removingLastComponent() else { return FilePath(text) }
        return folder.pushing(FilePath(text.expandingHome(environment)))
    }

    /// A bucket; a folder that the settings file names is seen from the file's own.
    func bucket(_ text: String, _ origin: SettingOrigin) throws -> BucketLocation {
        let location = try BucketLocation(text)
        guard case .folder(let folder) = location else { return location }
        return .folder(path(folder.string, origin))
    }
}
