/// What a dump has set for its session so far, so that another session can be brought to the same state.
struct SessionSettings: Sendable {
    private var statements: [(name: String, text: [UInt8])] = []

    /// The statements that count, in their order: of each setting only the newest.
    var text: [UInt8] { statements.flatMap { $0.text + [.lineFeed] } }

    /// Notes a statement that sets something.
    ///
    /// - Parameters:
    ///   - name: What it sets.
    ///   - text: The statement.
    mutating func note(_ name: String, _ text: UnsafeRawBufferPointer) {
        statements.removeAll { $0.name == name }
        statements.append((name, Array(text)))
    }

    /// What a `SET`, a `RESET` or a `SELECT pg_catalog.set_config(…)` is about; nil for any other statement.
    static func setting(_ tokens: [SQLToken]) -> String? {
        let rest = tokens.dropFirst()
        switch tokens.first {
        case .word("set"), .word("reset"):
            return rest.first { $0 != .word("local") && $0 != .word("session") }?.name?.lowercased()
        case .word("select") where SQLToken.call(tokens) == "set_config":
            let name = rest.lazy.compactMap { if case .string(let text) = $0 { text } else { nil } }.first
            return name?.lowercased()
        default: return nil
        }
    }
}

extension SQLToken {
    /// The one function that a `SELECT` of pg_dump's calls; nil for any other statement.
    static func call(_ tokens: [SQLToken]) -> String? {
        guard tokens.first == .word("select") else { return nil }
        let words = tokens.dropFirst().compactMap(\.name).filter { !["pg_catalog", "true", "false"].contains($0) }
        return words.count == 1 ? words[0] : nil
    }
}
