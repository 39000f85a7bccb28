internal import MigrationKitFoundation
internal import SystemPackage

/// The file that `src` read its settings from before there were variables for them.
///
/// Source for what it holds: src-cli, cmd/src/main.go (`configFromFile`). Keys count whatever their case, as they do for
/// Go; unknown ones are passed over.
struct SourcegraphConfigFile {
    /// What the file says, and what says so, for messages.
    typealias Entry = (text: String, source: String)

    private(set) var endpoint: Entry?
    private(set) var token: Entry?
    private(set) var proxy: Entry?
    private(set) var headers: [String: String] = [:]
    /// What is not right but no reason to stop.
    private(set) var warnings: [String] = []
    /// The file, for messages.
    private(set) var name = ""

    private static let wanted = """
        Write {"endpoint": "https://…", "accessToken": "…"} to it, or set SRC_ENDPOINT and SRC_ACCESS_TOKEN instead.
        """

    /// - Parameters:
    ///   - named: The file; nil: `~/src-config.json`, which may be missing.
    ///   - environment: `HOME` counts.
    /// - Throws: ``MigrationError`` with code `usage` that names the file and shows nothing of it.
    init(_ named: FilePath?, environment: [String: String]) throws {
        let text = named?.string ?? "~/src-config.json"
        if named == nil, environment.value("HOME") == nil { return }
        let path = FilePath(text.expandingHome(environment))
        if named == nil, FileIdentity(path: path) == nil { return }
        name = path.string
        let bytes = try SecretFile.read(path, next: Self.wanted)
        guard case .object(let values)? = try? JSONDecoder().decode(JSONValue.self, from: bytes) else {
            throw refused("is not a JSON object")
        }
        let lowercased = Dictionary(values.map { ($0.lowercased(), $1) }) { $1 }
        endpoint = try entry("endpoint", lowercased)
        token = try entry("accessToken", lowercased)
        proxy = try entry("proxy", lowercased)
        headers = try headers(lowercased)
        let holdsSecrets = token != nil || !headers.isEmpty || proxy?.text.contains("@") == true
        if holdsSecrets, SecretFile.isReadableByOthers(path) {
            warnings = ["\(path) can be read by others: chmod 600 \(path.string.shellQuoted)"]
        }
    }

    private func entry(_ key: String, _ values: [String: JSONValue]) throws -> Entry? {
        switch values[key.lowercased()] {
        case nil, .null: return nil
        case .string(let text): return text.isEmpty ? nil : (text, "`\(key)` in \(name)")
        default: throw refused("has `\(key)`, which must be a string")
        }
    }

    private func headers(_ values: [String: JSONValue]) throws -> [String: String] {
        switch values["additionalheaders"] {
        case nil, .null: return [:]
        case .object(let headers):
            let texts = headers.compactMapValues(\.text)
            if texts.count == headers.count { return texts }
        default: break
        }
        throw refused("has `additionalHeaders`, which must be an object of strings")
    }

    private func refused(_ problem: String) -> MigrationError {
        MigrationError(.usage, "\(name) \(problem).", next: Self.wanted)
    }
}
