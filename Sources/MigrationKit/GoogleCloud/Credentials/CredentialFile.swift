internal import MigrationKitFoundation
internal import NIOCore
internal import SystemPackage

/// Reads files that hold credentials. What they hold is never part of an error.
enum CredentialFile {
    private static let wanted = """
        Use a service account's key (JSON), or the file that `gcloud auth application-default login` writes.
        """

    /// - Throws: ``MigrationError`` with code `usage` if it is no JSON object, or that of something else.
    static func read(_ path: FilePath) throws -> CredentialFields {
        let bytes = try SecretFile.read(path, next: wanted)
        func refused(_ problem: String, next: String = wanted) -> MigrationError {
            MigrationError(.usage, "\(path) \(problem).", next: next)
        }
        guard !bytes.isEmpty else { throw refused("is empty") }
        guard let json = try? JSONDecoder().decode(JSONValue.self, from: bytes) else {
            let text = String(decoding: bytes, as: UTF8.self)
            switch MisplacedSecret(text) {
            case .encodedKey:
                throw refused(
                    "contains a key in base64",
                    next: "Decode it first: (umask 077; base64 -d <\(path.string.shellQuoted) >key.json).")
            case .key where text.hasPrefix("{") && text.contains("PRIVATE KEY"):
                throw refused(
                    "is not valid JSON, although it contains a key",
                    next: "Download the key again. If its line breaks were changed: a JSON string has \\n for each.")
            default: throw refused(guess(bytes))
            }
        }
        guard let values = json.members else { throw refused("is JSON, but not an object") }
        if values["installed"] != nil || values["web"] != nil, values["type"] == nil {
            throw refused("describes an OAuth client, not the credentials of an account")
        }
        return CredentialFields(file: path.string, values: values)
    }

    /// What a file is that is no JSON.
    private static func guess(_ bytes: Data) -> String {
        let begin = bytes.prefix(64)
        // DER, a sequence with a length of two bytes.
        if begin.starts(with: [0x30, 0x82]) { return "is a key in P12 format" }
        let text = String(decoding: begin, as: UTF8.self).drop { $0.isWhitespace }
        if text.hasPrefix("-----BEGIN") { return "is a key in PEM format, without the account that it belongs to" }
        if text.hasPrefix("<") { return "is an HTML or XML page" }
        return "is not valid JSON"
    }
}
