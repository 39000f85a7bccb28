/// What is said of a source that is not in UTF-8, as the destination is: the same everywhere.
///
/// The commands that are printed or run here always have `--encoding=UTF8`, so the server converts while it is dumped.
/// Two cases are left: a dump that somebody made with another command, and text whose encoding the server does not know.
package enum SourceEncoding {
    /// Of a dump.
    static let refusal =
        "The dump is not in UTF-8, but the destination is. Dump again with --encoding=UTF8, as `src-snapshot databases` "
        + "does."

    /// Of a database in `SQL_ASCII`.
    package static let unknown =
        "The database is in SQL_ASCII: PostgreSQL does not know how its text is encoded. It is dumped as UTF-8, and the "
        + "dump stops at the first text that is not UTF-8."

    /// Of text that is not in UTF-8, in a database in `SQL_ASCII`.
    package static let remedy =
        "If the dump stops for that, find out how the text is really encoded, such as LATIN1, and convert the rows that "
        + "are not UTF-8, in the table that the error names: UPDATE table SET column = convert_from(convert("
        + "convert_to(column, 'SQL_ASCII'), 'LATIN1', 'UTF8'), 'SQL_ASCII') WHERE …"

    /// What to do about a dump that has ended so; nil: its text was not the cause.
    ///
    /// The SQLSTATE tells. pg_dump hands on none: there the server's words do, in English.
    package static func remedy(for outcome: CommandOutcome) -> String? {
        if let state = outcome.sqlState { return state == "22021" ? remedy : nil }
        let complaint = #"invalid byte sequence for encoding "UTF8""#
        return outcome.lastLines.contains { $0.contains(complaint) } ? remedy : nil
    }
}
