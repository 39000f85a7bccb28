/// What may be behind a load that the server has refused: pg_dump loads with an empty search path, in which functions and
/// triggers do not find what they name without a schema, though they do at the source.
///
/// Source: PostgreSQL's release notes of 10.3, on CVE-2018-1058.
enum EmptySearchPath {
    /// What to do at the source; nil where the error is another one.
    static func remedy(for error: MigrationError) -> String? {
        let lines = [error.message] + error.details
        if isUnknownOperator(lines, error.sqlState) {
            return
                "A dump is loaded with an empty search path, where operators of extensions are not found. If a trigger "
                + "compares such values in its WHEN, drop it at the source, dump again, and create it again after the import."
        }
        guard isUnqualified(lines, error.sqlState) else { return nil }
        return
            "A dump is loaded with an empty search path. If this is there at the source, give the function that names it "
            + "without a schema a path of its own: ALTER FUNCTION … SET search_path = public. Then dump again."
    }

    /// `operator does not exist: public.hstore = public.hstore`.
    private static func isUnknownOperator(_ lines: [String], _ sqlState: String?) -> Bool {
        guard let sqlState else { return lines.contains { $0.contains("ERROR:  operator does not exist") } }
        return sqlState == "42883" && lines[0].contains(#/: (?:[^:]+ )?[-+*\/<>=~!@#%^&|`?]+ [^:]+$/#)
    }

    /// `type "citext" does not exist`, `function slug(text) does not exist`, but not `relation "public.t" …`.
    ///
    /// With an SQLSTATE it need not be English: the name stands between quotation marks, or before parentheses. pg_dump
    /// leaves out the schema nowhere but in a function, of which the context tells then.
    private static func isUnqualified(_ lines: [String], _ sqlState: String?) -> Bool {
        guard let sqlState else {
            let unqualified = #/ERROR:  (?:type|relation|function) "?[^ ".(]+"?(?:\([^()]*\))? does not exist/#
            return lines.contains { $0.contains(unqualified) }
        }
        guard lines.contains(where: { $0.hasPrefix("CONTEXT:") }) else { return false }
        return switch sqlState {
        case "42P01", "42704": lines[0].contains(#/["«»„“「『]\s?[^".«»„“”「」『』]+\s?["«»“”」』]/#)
        case "42883": lines[0].contains(#/[^ ".()«»„“]+\([^()]*\)/#) && !lines[0].contains(#/\.[^ .()]+\([^()]*\)/#)
        default: false
        }
    }
}
