internal import MigrationKitFoundation
public import SystemPackage

/// Reads a targets file: a mapping from `primary` (or `pgsql`), `codeintel` and `codeinsights` to their targets.
///
/// Strict where `src` is not: an unknown key is a typing error that would otherwise dump another database. An instance
/// without codeintel (before Sourcegraph 3.21) or codeinsights has a file without them.
public struct TargetsFile: Sendable {
    /// The targets; that of the primary database is always among them.
    public let targets: [Database: DatabaseTarget]

    private static let requiredKeys = ["target", "dbname", "username", "password"]
    private static let optionalKeys = ["port", "sslmode", "namespace", "container"]
    private static let sslmodes = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]

    /// Reads a file.
    ///
    /// - Throws: ``MigrationError`` with code `usage` that names file, line and key; also if it holds a password and others
    ///   can read it.
    public static func read(_ path: FilePath) throws -> TargetsFile {
        let presets = TargetPreset.allCases.map(\.rawValue)
        let meant = NearestName.of(path.string, among: presets).map { "Did you mean \($0)? Otherwise use" } ?? "Use"
        let data = try SecretFile.read(
            path, next: "\(meant) a YAML file, or one of \(presets.joined(separator: ", ")).")
        let file = try TargetsFile(yaml: String(decoding: data, as: UTF8.self), name: path.string)
        let holdsSecrets = file.targets.values.contains { !$0.password.revealed.isEmpty }
        if holdsSecrets, SecretFile.isReadableByOthers(path) {
            throw MigrationError(
                .usage, "\(path) contains passwords, and others can read the file.",
                next: "Make it readable by you alone: chmod 600 \(path.string.shellQuoted)")
        }
        return file
    }

    /// Reads a file: the same as ``read(_:)``.
    ///
    /// - Parameter path: The file.
    /// - Throws: ``MigrationError`` with code `usage` that names file, line and key.
    public init(path: FilePath) throws { self = try Self.read(path) }

    /// Reads a file's text.
    ///
    /// - Parameters:
    ///   - yaml: The text.
    ///   - name: The file's name, for messages.
    /// - Throws: ``MigrationError`` with code `usage` that names file, line and key.
    public init(yaml: String, name: String) throws {
        let reader = Reader(name: name)
        let root: YAMLNode?
        do { root = try YAMLNode(yaml) } catch { throw reader.error(error.text, line: error.line) }
        guard let root, let databases = root.members else {
            throw reader.error("expected the keys primary, codeintel and codeinsights", at: root)
        }
        var targets: [Database: DatabaseTarget] = [:]
        for (key, value) in databases {
            guard let keyName = key.text,
                let database = Database.allCases.first(where: { $0.targetKeys.contains(keyName) })
            else {
                throw reader.error(
                    "unknown key `\(Self.shown(key))`: expected primary, codeintel or codeinsights", at: key)
            }
            guard targets[database] == nil else {
                throw reader.error("`\(keyName)` appears a second time", at: key)
            }
            targets[database] = try Self.target(value, named: keyName, at: key, reader: reader)
        }
        guard targets[.primary] != nil else {
            throw reader.error("no `primary`, the database that every instance has", at: root)
        }
        self.targets = targets
    }

    private static func target(_ node: YAMLNode, named name: String, at key: YAMLNode, reader: Reader) throws
        -> DatabaseTarget
    {
        guard let fields = node.members else {
            throw reader.error("`\(name)` must be a mapping with \(requiredKeys.joined(separator: ", "))", at: key)
        }
        var values: [String: (text: String, node: YAMLNode)] = [:]
        for (key, value) in fields {
            let known = requiredKeys + optionalKeys
            guard let field = key.text, known.contains(field) else {
                throw reader.error(
                    "unknown key `\(name).\(shown(key))`: expected one of \(known.joined(separator: ", "))",
                    at: key)
            }
            guard let text = value.text else {
                throw reader.error("`\(name).\(field)` must be a string", at: key)
            }
            guard !text.unicodeScalars.contains("\0") else {
                throw reader.error("`\(name).\(field)` contains a NUL byte", at: key)
            }
            if field != "password", let problem = misplaced(text, in: field) {
                throw reader.error("`\(name).\(field)` \(problem)", at: value)
            }
            values[field] = (text, value)
        }
        for field in requiredKeys where values[field] == nil {
            throw reader.error("`\(name).\(field)` is missing", at: key)
        }
        for field in ["dbname", "username"] where values[field]?.text.isEmpty == true {
            throw reader.error("`\(name).\(field)` is empty", at: values[field]?.node)
        }
        for field in ["target", "namespace", "container"] where values[field]?.text.utf8.first == UInt8(ascii: "-") {
            throw reader.error(
                "`\(name).\(field)` starts with a dash, so programs would read it as an "
                    + "option", at: values[field]?.node)
        }
        if let sslmode = values["sslmode"], !sslmodes.contains(sslmode.text) {
            throw reader.error(
                "`\(name).sslmode` must be one of \(sslmodes.joined(separator: ", "))", at: sslmode.node)
        }
        var port: Int?
        if let text = values["port"] {
            guard let number = Int(text.text), (1...65535).contains(number) else {
                throw reader.error("`\(name).port` must be a number from 1 to 65535", at: text.node)
            }
            port = number
        }
        return DatabaseTarget(
            target: values["target"]?.text ?? "", dbname: values["dbname"]?.text ?? "",
            username: values["username"]?.text ?? "", password: Secret(known: values["password"]?.text ?? ""),
            port: port,
            sslmode: values["sslmode"]?.text, namespace: values["namespace"]?.text, container: values["container"]?.text
        )
    }

    /// What programs would be given as an argument, and everybody could see; nil if it is nothing of that kind.
    private static func misplaced(_ text: String, in field: String) -> String? {
        switch MisplacedSecret(text) {
        case nil: break
        case .password: return "contains a password, which is allowed only in `password`"
        case .key, .encodedKey: return "contains a key"
        case .oversized: return "is longer than a name can be"
        }
        // libpq's sockets without a file begin with an @.
        guard field == "target", text.contains("://") || text.contains("=") || text.dropFirst().contains("@") else {
            return nil
        }
        return "is a URL or a connection string: write only the host, container or pod, and the rest in "
            + "`port`, `dbname`, `username` and `password`"
    }

    /// A key that is no key: where a space is missing behind the colon, the value is part of it, and may be a password.
    private static func shown(_ key: YAMLNode) -> String {
        key.text.map { String($0.prefix { $0 != ":" }) } ?? "?"
    }

    private struct Reader {
        let name: String

        func error(_ problem: String, at node: YAMLNode?) -> MigrationError { error(problem, line: node?.line) }

        func error(_ problem: String, line: Int?) -> MigrationError {
            let place = line.map { "\(name):\($0)" } ?? name
            return MigrationError(
                .usage, "\(place): \(problem.printable).",
                next: "Fix the targets file; `src-snapshot databases --help` shows an example."
            )
        }
    }
}
