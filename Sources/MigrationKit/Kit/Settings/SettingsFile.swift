internal import MigrationKitFoundation
package import SystemPackage

/// A file of settings: a mapping of YAML from names of settings to texts.
///
/// Strict: a key with a typing error would otherwise leave a setting as it is by default, and nobody would see it.
package struct SettingsFile: Sendable {
    /// The file's name when none is given.
    package static let standardName = "migration.yaml"

    /// The file, as it was named.
    package let path: FilePath

    /// What it says, with the line.
    private(set) var entries: [SettingName: (text: Secret, line: Int)] = [:]

    private static let next =
        "Fix the file. Its keys are \(SettingName.allCases.map(\.rawValue).joined(separator: ", "))."

    /// Reads a file.
    ///
    /// - Parameter named: The file; nil: `migration.yaml` in the current folder, which may be missing.
    /// - Returns: What it says; nil if there is none and none was named.
    /// - Throws: ``MigrationError`` with code `usage` that names file, line and key, and shows no password; also if it
    ///   holds a password and others can read it.
    package static func read(_ named: FilePath?) throws -> SettingsFile? {
        let path = named ?? FilePath(standardName)
        if named == nil, FileIdentity(path: path) == nil { return nil }
        let bytes = try SecretFile.read(path, next: "Use another settings file with --config=FILE.")
        guard let yaml = String(bytes: bytes, encoding: .utf8) else {
            throw MigrationError(.usage, "\(path) is not UTF-8 text.", next: next)
        }
        let file = try SettingsFile(yaml: yaml, path: path)
        if let line = file.lineOfPassword, SecretFile.isReadableByOthers(path) {
            throw MigrationError(
                .usage, "\(path):\(line) contains a password, and others can read the file.",
                next:
                    "Make it readable by you alone: chmod 600 \(path.string.shellQuoted). Or keep the password in PGPASSWORD (for `connection` in "
                    + "INSTANCE_ADMIN_PASSWORD)."
            )
        }
        return file
    }

    /// Reads a file's text.
    ///
    /// - Parameters:
    ///   - yaml: The text; an empty one sets nothing.
    ///   - path: The file, for messages; paths in it are seen from its folder.
    /// - Throws: ``MigrationError`` with code `usage` that names file, line and key.
    package init(yaml: String, path: FilePath) throws {
        self.path = path
        let root: YAMLNode?
        do { root = try YAMLNode(yaml) } catch { throw refused((error.line, error.text)) }
        guard let root, !root.isNull else { return }
        guard let fields = root.members else {
            throw refused((root.line, "expected keys such as project, instance and bucket"))
        }
        for (key, value) in fields {
            guard let setting = key.text.flatMap(SettingName.init(rawValue:)) else {
                let shown = Self.shown(key)
                let nearest = NearestName.of(shown, among: SettingName.allCases.map(\.rawValue))
                throw refused(
                    (key.line, "unknown key `\(shown)`" + (nearest.map { ": did you mean `\($0)`?" } ?? "")))
            }
            guard let text = Self.text(value, mayBeList: setting == .databases) else {
                throw refused((key.line, "`\(setting.rawValue)` must be a string"))
            }
            entries[setting] = (Secret(text), key.line)
        }
    }

    /// Where a password stands; nil if there is none.
    private var lineOfPassword: Int? {
        if let password = entries[.password] { return password.line }
        let servers = [entries[.connection], entries[.into]].compactMap(\.self)
        return servers.first { (try? PostgresURI($0.text.revealed))?.password != nil }?.line
    }

    private static func text(_ node: YAMLNode, mayBeList: Bool) -> String? {
        guard mayBeList, let elements = node.elements else { return node.text }
        let texts = elements.compactMap(\.text)
        return texts.count == elements.count ? texts.joined(separator: ",") : nil
    }

    /// Where a space is missing behind the colon, the value is part of the key, and may be a password.
    private static func shown(_ key: YAMLNode) -> String {
        key.text.map { String($0.prefix { $0 != ":" }) } ?? "?"
    }

    private func refused(_ problem: (line: Int?, text: String)) -> MigrationError {
        let place = problem.line.map { "\(path):\($0)" } ?? path.string
        let text = problem.text.hasSuffix("?") ? problem.text : "\(problem.text)."
        return MigrationError(.usage, "\(place): \(text.printable)", next: Self.next)
    }
}
