internal import MigrationKitFoundation

/// The fields of a credentials file, each of the type that it has to have.
struct CredentialFields {
    let file: String
    private let values: [String: JSONValue]
    /// The keys that lead here, each with a dot.
    private let path: String

    static let again = "Create the file again, and use it unchanged."

    init(file: String, values: [String: JSONValue], path: String = "") {
        self.file = file
        self.values = values
        self.path = path
    }

    /// A text that has to be there.
    func text(_ key: String) throws -> String {
        guard let text = try optionalText(key) else {
            throw error("`\(path)\(key)` is missing in \(file).", next: Self.again)
        }
        return text
    }

    func secret(_ key: String) throws -> Secret { Secret(known: try text(key)) }

    /// Nil for an empty text, too.
    func optionalText(_ key: String) throws -> String? {
        guard let text = try value(key, named: "a string", \.text), !text.isEmpty else { return nil }
        return text
    }

    func texts(_ key: String) throws -> [String] { try value(key, named: "a list of strings", \.texts) ?? [] }

    func seconds(_ key: String) throws -> Int? {
        try value(key, named: "a number") { if case .number(let number) = $0 { Int(exactly: number) } else { nil } }
    }

    /// Texts by name, none of which can break out of the header that it becomes.
    func headers(_ key: String) throws -> [String: Secret] {
        let texts = try value(key, named: "an object of strings", \.textsByName) ?? [:]
        for (name, text) in texts where name.wholeMatch(of: /[A-Za-z0-9_-]+/) == nil || text != text.printable {
            throw error("`\(path)\(key)` in \(file) is not a valid header.", next: Self.again)
        }
        return texts.mapValues { Secret(known: $0) }
    }

    func object(_ key: String) throws -> CredentialFields? {
        try value(key, named: "an object", \.members).map {
            CredentialFields(file: file, values: $0, path: "\(path)\(key).")
        }
    }

    /// Where secrets are sent or tokens come from.
    ///
    /// - Parameter isOfMachine: Whether it may be the machine's metadata server, which speaks no TLS.
    /// - Throws: ``MigrationError`` unless others on the way cannot read along.
    func endpoint(_ key: String, default standard: URL? = nil, isOfMachine: Bool = false) throws -> URL {
        if let standard, try optionalText(key) == nil { return standard }
        guard let url = URL(string: try text(key)), let host = url.host(), !host.isEmpty, url.user() == nil else {
            throw error("`\(path)\(key)` in \(file) is not a URL.", next: Self.again)
        }
        let name = host.lowercased()
        let isNear = HTTPProxySettings.isLoopback(name) || (isOfMachine && MetadataServer.names.contains(name))
        guard url.scheme == "https" || (url.scheme == "http" && isNear) else {
            throw error(
                "`\(path)\(key)` in \(file) is not https, so others could read what is sent there.",
                next: "Use credentials whose endpoints are https."
            )
        }
        return url
    }

    func error(_ message: String, next: String) -> MigrationError { MigrationError(.usage, message, next: next) }

    private func value<Value>(_ key: String, named name: String, _ read: (JSONValue) -> Value?) throws -> Value? {
        guard let value = values[key], value != .null else { return nil }
        guard let value = read(value) else {
            throw error("`\(path)\(key)` in \(file) must be \(name).", next: Self.again)
        }
        return value
    }
}

extension JSONValue {
    /// A list's strings, if there is nothing else in it.
    fileprivate var texts: [String]? {
        guard let elements else { return nil }
        let texts = elements.compactMap(\.text)
        return texts.count == elements.count ? texts : nil
    }

    /// An object's strings, if there is nothing else in it.
    fileprivate var textsByName: [String: String]? {
        guard let members else { return nil }
        let texts = members.compactMapValues(\.text)
        return texts.count == members.count ? texts : nil
    }
}
