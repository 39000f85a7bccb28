extension CloudSQLRules {
    /// `CREATE FUNCTION` and `CREATE PROCEDURE`.
    static func routine(_ tokens: [SQLToken]) -> Verdict {
        if carriesOtherStatements(tokens) {
            return .refuse("This statement contains other statements: the dump was changed after it was made.")
        }
        if isLeakproof(tokens) { return leakproof }
        let options = outsideParentheses(tokens)
        for (keyword, token) in zip(options, options.dropFirst()) where keyword == .word("language") {
            let language: String
            switch token {
            case .string(let name): language = name.lowercased()
            default: language = token.name ?? ""
            }
            if untrustedLanguages.contains(language) { return superuserOnly("a function in \(language)") }
        }
        return .keep
    }

    /// Whether `LEAKPROOF` is among the options, but not as `NOT LEAKPROOF`.
    static func isLeakproof(_ tokens: [SQLToken]) -> Bool {
        let options = outsideParentheses(tokens)
        return zip(options, options.dropFirst()).contains { $0 != .word("not") && $1 == .word("leakproof") }
    }

    package static var leakproof: Verdict {
        .refuse("Only a superuser can make a function LEAKPROOF. Remove that attribute, then dump again.")
    }

    /// psql sends all up to the `END` that answers a `BEGIN` as one statement, wherever a CREATE FUNCTION has these
    /// words. The server reads a body only in `BEGIN ATOMIC query; … END;`: any other `;` makes several statements.
    private static func carriesOtherStatements(_ tokens: [SQLToken]) -> Bool {
        let outside = outsideParentheses(tokens).dropLast()
        let parts = outside.split(separator: .symbol(.semicolon), omittingEmptySubsequences: false)
        guard let head = parts.first, let end = parts.last, parts.count > 1 else { return false }
        let isBody = zip(head, head.dropFirst()).contains { $0 == .word("begin") && $1 == .word("atomic") }
        let isOneBody = isBody && outside.count { $0 == .word("begin") } == 1 && end.elementsEqual([.word("end")])
        return !isOneBody || !parts.dropFirst().dropLast().allSatisfy { isQuery($0) }
    }

    private static func isQuery(_ tokens: ArraySlice<SQLToken>) -> Bool {
        let verbs = ["select", "insert", "update", "delete", "merge", "with", "values", "table"]
        return tokens.first == .symbol(UInt8(ascii: "(")) || verbs.contains(tokens.first?.name ?? "")
    }

    package static let untrustedLanguages: Set<String> = [
        "c", "internal", "plpythonu", "plpython2u", "plpython3u", "plperlu", "pltclu", "plsh", "pljavau",
    ]
}
