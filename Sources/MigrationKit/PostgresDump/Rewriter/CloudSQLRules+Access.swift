/// Objects of the source that reach beyond the database: to other servers, to roles, to every statement.
extension CloudSQLRules {
    /// `CREATE`, `ALTER`, `DROP` or `COMMENT ON` a publication or subscription, which feed other servers of the source's.
    static func isReplication(_ object: ArraySlice<SQLToken>) -> Bool {
        object.first == .word("publication") || object.first == .word("subscription")
    }

    /// Whether `CREATE` or `ALTER` has the options of a user mapping, which are there for a password, or one of another
    /// object: a server's, a foreign table's, a subscription's connection.
    static func holdsCredentials(_ object: ArraySlice<SQLToken>) -> Bool {
        switch object.first {
        case .word("user") where object.dropFirst().first == .word("mapping"):
            return outsideParentheses(Array(object)).contains(.word("options"))
        case .word("subscription"):
            return object.contains { if case .string(let text) = $0 { text.holdsPassword } else { false } }
        case .word("server"), .word("foreign"):
            return zip(object, object.dropFirst()).contains { name, value in
                guard case .string = value, let name = name.name?.lowercased() else { return false }
                return ["passw", "secret", "token", "private_key"].contains { name.contains($0) }
            }
        default: return false
        }
    }

    package static let credentials = Verdict.refuse(
        "Credentials of another server would be uploaded in plain text. Drop what contains them at the source (a user "
            + "mapping: DROP USER MAPPING FOR role SERVER server), then dump again.")

    /// `ALTER ROLE … IN DATABASE … SET`: pg_dump writes it with `--create`, beside `ALTER DATABASE … SET`. What pg_dumpall
    /// writes of roles names no database.
    static func isOfTheDatabase(role object: ArraySlice<SQLToken>) -> Bool {
        object.first == .word("role")
            && zip(object, object.dropFirst()).contains { $0 == .word("in") && $1 == .word("database") }
    }

    /// `CREATE USER MAPPING FOR role`, without options: the destination has none of the roles.
    static func isOfARole(mapping object: ArraySlice<SQLToken>) -> Bool {
        guard object.starts(with: [.word("user"), .word("mapping")]) else { return false }
        let role = afterIfExists(object.dropFirst(2)).dropFirst().first
        return ![.word("public"), .word("current_user"), .word("current_role"), .word("user")].contains(role)
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

    package static let policyForRoles = Verdict.refuse(
        "The role of this policy will not exist at the destination. Make the policy TO PUBLIC, or drop it; then dump "
            + "again.")

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

    package static let forcedRowSecurity = Verdict.refuse(
        "It cannot be proven that these rows arrive. Run ALTER TABLE … NO FORCE ROW LEVEL SECURITY, then dump again."
    )

    /// What pg_dump 11 to 18 sets at the head of a dump and between objects.
    static let knownSettings: Set<String> = [
        "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "client_encoding",
        "standard_conforming_strings", "check_function_bodies", "xmloption", "client_min_messages", "row_security",
        "default_table_access_method", "default_with_oids", "search_path", "escape_string_warning",
    ]
}

extension String {
    /// Whether a connection string of libpq's, also one in the form of a URI, has a password.
    fileprivate var holdsPassword: Bool { MisplacedSecret(self) == .password }
}
