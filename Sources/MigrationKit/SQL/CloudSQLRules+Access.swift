/// Objects of the source that reach beyond the database: to other servers, to roles, to every statement.
extension CloudSQLRules {
    /// `CREATE`, `ALTER`, `DROP` or `COMMENT ON` a publication or subscription, which feed other servers of the source's.
    static func isReplication(_ object: ArraySlice<SQLToken>) -> Bool {
        object.first == .word("publication") || object.first == .word("subscription")
    }

    /// `CREATE EVENT TRIGGER`.
    static func isEventTrigger(_ object: ArraySlice<SQLToken>) -> Bool {
        object.starts(with: [.word("event"), .word("trigger")])
    }

    /// `CREATE POLICY … TO role`: pg_dump names the roles, and the destination has none of them.
    static func policy(_ tokens: [SQLToken]) -> Verdict {
        let options = outsideParentheses(tokens)
        guard let keyword = options.firstIndex(of: .word("to")) else { return .keep }
        let roles = options[(keyword + 1)...].prefix { !clausesAfterRoles.contains($0) }.compactMap(\.name)
        return roles.allSatisfy { $0 == "public" } ? .keep : policyForRoles
    }

    static let policyForRoles = Verdict.refuse(
        "The role of this policy will not exist. Make the policy TO PUBLIC, or drop it; then dump again.")

    private static let clausesAfterRoles: [SQLToken] = [.word("using"), .word("with"), .symbol(.semicolon)]

    /// `CREATE CAST … WITHOUT FUNCTION`.
    static func isBinaryCast(_ object: ArraySlice<SQLToken>) -> Bool {
        object.first == .word("cast") && object.contains(.word("without"))
    }

    /// `ALTER TABLE … FORCE ROW LEVEL SECURITY`: not even the owner could read back what was imported.
    static func forcesRowSecurity(_ tokens: [SQLToken]) -> Bool {
        tokens.indices.dropFirst().dropLast().contains {
            tokens[$0] == .word("force") && tokens[$0 + 1] == .word("row") && tokens[$0 - 1] != .word("no")
        }
    }

    static let forcedRowSecurity = Verdict.refuse(
        "Nobody could prove that these rows arrived. Run ALTER TABLE … NO FORCE ROW LEVEL SECURITY, then dump again."
    )

    /// What pg_dump 11 to 18 sets at the head of a dump and between objects.
    static let knownSettings: Set<String> = [
        "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "client_encoding",
        "standard_conforming_strings", "check_function_bodies", "xmloption", "client_min_messages", "row_security",
        "default_table_access_method", "default_with_oids", "search_path", "escape_string_warning",
    ]
}
