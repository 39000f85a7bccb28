extension CloudSQLExtensions {
    /// What runs the source's own server or service, and has its own schema: neither is of use anywhere else, and nothing
    /// of Sourcegraph's needs them. They are left behind, as publications and subscriptions are.
    private static let leftBehind: Set<String> = ["google_vacuum_mgmt", "pglogical"]

    /// Whether an extension stays with the source.
    package static func isLeftBehind(_ name: String) -> Bool { leftBehind.contains(name) }

    /// Whether a schema is that of an extension that stays with the source.
    static func isLeftBehind(schema: String) -> Bool { leftBehind.contains(schema) }

    /// Why an extension cannot be imported, and what to do about it; nil if nothing is known to speak against it.
    ///
    /// - Parameters:
    ///   - one: The extension.
    ///   - isRelocatable: Whether it can be moved to another schema; nil: a dump does not tell.
    package static func refusal(of one: RequiredExtension, isRelocatable: Bool? = nil) -> String? {
        guard !isLeftBehind(one.name) else { return nil }
        let name = one.name.quotedAsIdentifier
        if availability(of: one.name) == .missing {
            return "Cloud SQL has no extension \(one.name). Run DROP EXTENSION \(name) at the source, which says what "
                + "needs it, then dump again."
        }
        // The importer makes extensions before the dump makes its schemas.
        guard let schema = one.schema, !["public", "pg_catalog"].contains(schema) else { return nil }
        let move = "ALTER EXTENSION \(name) SET SCHEMA public"
        let drop = "DROP EXTENSION \(name), which says what needs it"
        return switch isRelocatable {
        case true?: "Run \(move) at the source, then dump again."
        case false?:
            "It cannot be moved out of the schema \(schema), which the destination does not have yet. Run \(drop), at "
                + "the source, then dump again."
        case nil:
            "The destination does not have its schema \(schema) yet. Run \(move) at the source, or, where it does not "
                + "support that, \(drop); then dump again."
        }
    }
}
