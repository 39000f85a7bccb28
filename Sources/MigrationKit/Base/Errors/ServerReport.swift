/// The line with which psql begins to tell what a server said, where its VERBOSITY is `verbose`:
/// `psql:<stdin>:7: FEHLER:  40P01: Verklemmung entdeckt`.
///
/// The server writes in the language of its `lc_messages`, which only a superuser may change. The SQLSTATE is the same in
/// all of them.
struct ServerReport: Sendable {
    /// The line as psql writes it without being asked for more.
    let text: String
    let sqlState: String
    private let severity: Substring

    /// Nil: the line is something else.
    init?(_ line: String) {
        guard line.hasPrefix("psql:"), let gap = line.firstRange(of: ":  ") else { return nil }
        let code = line[gap.upperBound...].prefix(5)
        let rest = line[code.endIndex...]
        guard code.utf8.count == 5, code.allSatisfy({ $0.isNumber || $0.isUppercase }), rest.hasPrefix(": ") else {
            return nil
        }
        (sqlState, text) = (String(code), String(line[..<gap.upperBound] + rest.dropFirst(2)))
        severity = line[..<gap.lowerBound].split(separator: " ").last ?? ""
    }

    /// Whether it stops psql: notices are of class 00, and warnings of class 01, but for a few that are known in English.
    var isError: Bool {
        !["00", "01"].contains(sqlState.prefix(2)) && !["WARNING", "NOTICE", "INFO", "LOG"].contains(severity)
    }

    /// Whether a line below it is for those who work on PostgreSQL.
    static func isForDevelopers(_ line: String) -> Bool { labels.contains { line.hasPrefix("\($0)  ") } }

    private static let labels = [
        "LOCATION:", "SCHEMA NAME:", "TABLE NAME:", "COLUMN NAME:", "DATATYPE NAME:", "CONSTRAINT NAME:",
    ]
}
