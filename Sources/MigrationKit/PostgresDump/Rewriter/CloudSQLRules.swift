/// The `cloud-sql` profile: which statements go out, and which make a dump one that cannot be imported.
///
/// Sources: Google's page on importing a dump file; statements tried as a member of `cloudsqlsuperuser`. The statement
/// kinds are those that pg_dump 11 to 18 writes; any other kind comes from somebody else's hand and is refused.
package enum CloudSQLRules {
    /// What to do with a statement that is no COPY.
    ///
    /// - Parameter tokens: Its tokens, the `;` included.
    static func verdict(_ tokens: [SQLToken]) -> Verdict {
        guard case .word(let verb)? = tokens.first else {
            return tokens == [.symbol(.semicolon)] ? .keep : .refuse("pg_dump does not write such a statement.")
        }
        let rest = tokens.dropFirst()
        if ["create", "alter"].contains(verb), holdsCredentials(rest) { return credentials }
        switch verb {
        case "create": return create(rest, whole: tokens)
        case "drop", "comment":
            let object = verb == "drop" ? rest : rest.dropFirst()
            return aboutObject(object) ?? .keep
        case "alter": return alter(rest, whole: tokens)
        case "grant", "revoke": return .takeOut(.privileges)
        case "set", "reset": return set(rest)
        case "select": return select(rest)
        case "refresh", "lock": return .keep
        default: return refuseVerb(verb)
        }
    }

    /// Statements about an extension, a database, the `public` schema or replication.
    private static func aboutObject(_ object: ArraySlice<SQLToken>) -> Verdict? {
        if isReplication(object) { return .takeOut(.replication) }
        switch object.first {
        case .word("extension"): return .takeOut(.extension)
        case .word("database"): return .takeOut(.database)
        case .word("schema"):
            let name = schemaName(object.dropFirst()) ?? ""
            if CloudSQLExtensions.isLeftBehind(schema: name) { return .takeOut(.extension) }
            return name == "public" ? .takeOut(.publicSchema) : nil
        default: return nil
        }
    }

    private static func schemaName(_ tokens: ArraySlice<SQLToken>) -> String? {
        afterIfExists(tokens).first?.name
    }

    /// Skips `IF EXISTS` and `IF NOT EXISTS`.
    static func afterIfExists(_ tokens: ArraySlice<SQLToken>) -> ArraySlice<SQLToken> {
        guard tokens.first == .word("if") else { return tokens }
        return tokens.dropFirst(tokens.dropFirst().first == .word("not") ? 3 : 2)
    }

    private static func create(_ tokens: ArraySlice<SQLToken>, whole: [SQLToken]) -> Verdict {
        var object = tokens
        while let first = object.first, first == .word("or") || first == .word("replace") || first == .word("trusted") {
            object = object.dropFirst()
        }
        if let verdict = aboutObject(object) {
            return verdict == .takeOut(.extension) ? createExtension(object.dropFirst()) : verdict
        }
        if isEventTrigger(object) { return superuserOnly("an event trigger") }
        if isBinaryCast(object) { return superuserOnly("a cast without function") }
        switch object.first {
        case .word("function"), .word("procedure"): return routine(whole)
        case .word("user") where isOfARole(mapping: object): return .takeOut(.privileges)
        case .word("policy"): return policy(whole)
        case .word("operator") where ["class", "family"].contains(object.dropFirst().first?.name):
            return superuserOnly("an operator class or family")
        case .word("language"), .word("procedural"):
            return object.contains { $0.name == "plpgsql" } ? .takeOut(.extension) : superuserOnly("a language")
        case .word("type") where isBaseType(object): return superuserOnly("a base type")
        case .word("foreign") where object.dropFirst().first == .word("data"):
            return superuserOnly("a foreign data wrapper")
        case .word("access"): return superuserOnly("an access method")
        case .word("text") where ["parser", "template"].contains(object.dropFirst(2).first?.name):
            return superuserOnly("a text search parser or template")
        case .word("tablespace"), .word("role"),
            .word("user") where object.dropFirst().first != .word("mapping"):
            return .refuse("This comes from pg_dumpall. Dump each database with pg_dump.")
        default: return .keep
        }
    }

    private static func createExtension(_ tokens: ArraySlice<SQLToken>) -> Verdict {
        let name = afterIfExists(tokens).first?.name ?? ""
        let schema = tokens.firstIndex(of: .word("schema")).flatMap { tokens[($0 + 1)...].first?.name }
        let one = RequiredExtension(name: name, schema: schema)
        return CloudSQLExtensions.refusal(of: one).map(Verdict.refuse) ?? .takeOut(.extension)
    }

    /// `CREATE TYPE … (INPUT = …)`, as opposed to enums, composites and ranges.
    private static func isBaseType(_ tokens: ArraySlice<SQLToken>) -> Bool {
        guard let parenthesis = tokens.firstIndex(of: .symbol(UInt8(ascii: "("))) else { return false }
        return !tokens[..<parenthesis].contains(.word("as")) && tokens.contains { $0.name == "input" }
    }

    private static func alter(_ tokens: ArraySlice<SQLToken>, whole: [SQLToken]) -> Verdict {
        switch tokens.first {
        case .word("default"): return .takeOut(.privileges)
        case .word("extension"): return .takeOut(.extension)
        case .word("database"): return .takeOut(.database)
        case .word("publication"), .word("subscription"): return .takeOut(.replication)
        case .word("role") where isOfTheDatabase(role: tokens): return .takeOut(.database)
        case .word("system"), .word("role"),
            .word("user") where tokens.dropFirst().first != .word("mapping"):
            return .refuse("This comes from pg_dumpall. Dump each database with pg_dump.")
        case .word("operator") where tokens.dropFirst().first == .word("family"):
            return superuserOnly("an operator family")
        default: break
        }
        if forcesRowSecurity(whole) { return forcedRowSecurity }
        if changesOwner(whole) {
            return hasSeveralActions(whole)
                ? .refuse("An OWNER TO among other actions cannot be removed. Dump again with --no-owner.")
                : .takeOut(.owner)
        }
        let isRoutine = ["function", "procedure", "routine"].contains(tokens.first?.name)
        return isRoutine && isLeakproof(whole) ? leakproof : .keep
    }

    /// `OWNER TO role` is an action of the statement.
    private static func changesOwner(_ tokens: [SQLToken]) -> Bool {
        tokens.indices.dropFirst(3).dropLast(3).contains { index in
            tokens[index] == .word("owner") && tokens[index + 1] == .word("to") && tokens[index + 2].name != nil
                && [.symbol(.semicolon), .symbol(UInt8(ascii: ","))].contains(tokens[index + 3])
                && !endsInRename(tokens[..<index])
        }
    }

    /// `ALTER TABLE t RENAME`, `… RENAME COLUMN` and the like, but not a table of that name.
    private static func endsInRename(_ tokens: ArraySlice<SQLToken>) -> Bool {
        tokens.count > 3 && ["rename", "column", "constraint", "attribute"].contains(tokens.last?.name)
            && tokens[tokens.endIndex - 2] != .symbol(UInt8(ascii: "."))
    }

    /// One ALTER TABLE with several actions, which pg_dump does not write.
    private static func hasSeveralActions(_ tokens: [SQLToken]) -> Bool {
        outsideParentheses(tokens).contains(.symbol(UInt8(ascii: ",")))
    }

    /// The tokens outside parentheses, with the parentheses that open.
    static func outsideParentheses(_ tokens: [SQLToken]) -> [SQLToken] {
        var depth = 0
        return tokens.filter { token in
            if token == .symbol(UInt8(ascii: ")")) { depth = max(0, depth - 1) }
            defer { if token == .symbol(UInt8(ascii: "(")) { depth += 1 } }
            return depth == 0 && token != .symbol(UInt8(ascii: ")"))
        }
    }

    private static func set(_ tokens: ArraySlice<SQLToken>) -> Verdict {
        let name = tokens.first { $0 != .word("local") && $0 != .word("session") }?.name
        let value = tokens.last { $0 != .symbol(.semicolon) }
        switch name {
        case "transaction_timeout": return .takeOut(.setting)
        case "default_tablespace": return value == .string("") ? .keep : .takeOut(.setting)
        case "authorization", "role": return .takeOut(.owner)
        case "standard_conforming_strings" where value != .word("on") && value != .string("on"):
            return .refuse("Set standard_conforming_strings to on at the source, then dump again.")
        case "client_encoding" where value != .string("UTF8") && value != .string("utf8"):
            return .refuse(SourceEncoding.refusal)
        case "row_security" where value != .word("off"):
            return .refuse(
                "Made with --enable-row-security: rows that the role cannot see are missing. Dump again without it.")
        case let name where knownSettings.contains(name ?? ""): return .keep
        default: return .refuse("pg_dump does not set this: the dump was changed after it was made.")
        }
    }

    /// One call each: `setval`, `set_config` of the search path, large objects, `SELECT * FROM pg_restore_…_stats`.
    private static func select(_ tokens: ArraySlice<SQLToken>) -> Verdict {
        let calls = zip(tokens, tokens.dropFirst()).filter { $1 == .symbol(UInt8(ascii: "(")) }.compactMap(\.0.name)
        if calls.contains(where: { $0.hasPrefix("lo_") || $0 == "lowrite" }) {
            return .refuse("It cannot be proven that large objects arrive. Dump again with --no-blobs.")
        }
        if calls.contains(where: { $0.hasPrefix("pg_restore_") && $0.hasSuffix("_stats") }) {
            return .takeOut(.statistics)
        }
        let call = SQLToken.call([.word("select")] + tokens)
        let setting = tokens.first { if case .string = $0 { true } else { false } }
        let isKnown = call == "setval" || (call == "set_config" && setting == .string("search_path"))
        return isKnown ? .keep : .refuse("pg_dump writes no such SELECT: this dump was changed after it was made.")
    }

    private static func refuseVerb(_ verb: String) -> Verdict {
        switch verb {
        case "insert":
            return .refuse("It cannot be proven that rows written as INSERT arrive. Dump again without --inserts.")
        case "begin", "start", "commit", "end", "rollback", "abort", "savepoint", "release", "prepare":
            return .refuse("The import is one transaction; the dump must not begin or end one.")
        case "security":
            return .refuse("Cloud SQL has no security labels. Dump again with --no-security-labels.")
        default:
            return .refuse("pg_dump writes no \(verb.uppercased()) statement: this dump was changed after it was made.")
        }
    }

    package static func superuserOnly(_ what: String) -> Verdict {
        .refuse("Only a superuser can create \(what), and Cloud SQL has none. Remove it, then dump again.")
    }
}
