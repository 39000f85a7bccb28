/// Headers that a gateway in front of an instance wants, by their names in small letters.
///
/// Source for the variables' forms: src-cli, cmd/src/headers.go and AUTH_PROXY.md.
struct SourcegraphHeaders {
    private(set) var values: [String: Secret] = [:]
    /// What is not right but no reason to stop.
    private(set) var warnings: [String] = []

    /// What a request's framing is made of: Go's programs leave them out, too.
    private static let framing: Set<String> = ["host", "content-length", "transfer-encoding", "trailer"]

    /// - Parameters:
    ///   - environment: `SRC_HEADER_NAME`, one header each, and `SRC_HEADERS`, several by lines, which may be separated
    ///     by `\n` in so many letters.
    ///   - file: What they come before.
    /// - Throws: ``MigrationError`` with code `usage` for what no header can hold; no value is shown.
    init(environment: [String: String], file: SourcegraphConfigFile) throws {
        for (name, value) in file.headers.sorted(by: { $0.key < $1.key }) {
            try add(name, value, source: "`additionalHeaders` in \(file.name)")
        }
        try addLines(environment["SRC_HEADERS"] ?? "")
        let prefix = "SRC_HEADER_"
        for (variable, value) in environment.sorted(by: { $0.key < $1.key })
        where variable.hasPrefix(prefix) && variable != prefix {
            try add(String(variable.dropFirst(prefix.count)), value, source: variable)
        }
    }

    private mutating func addLines(_ text: String) throws {
        var text = text[...]
        // Shells leave the quotes around a value with line breaks.
        if text.hasPrefix("\"") { text = text.dropFirst() }
        if text.hasSuffix("\"") { text = text.dropLast() }
        let lines = text.replacing("\\n", with: "\n").split(
            omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() where !line.allSatisfy(\.isWhitespace) {
            guard let colon = line.firstIndex(of: ":") else {
                throw MigrationError(
                    .usage, "Line \(index + 1) of SRC_HEADERS is not a header.",
                    next: #"Write SRC_HEADERS="Name: value\nName: value"."#)
            }
            try add(String(line[..<colon]), String(line[colon...].dropFirst()), source: "SRC_HEADERS")
        }
    }

    private mutating func add(_ name: String, _ value: String, source: String) throws {
        let name = name.trimmed.lowercased()
        let value = value.trimmed
        if value.isEmpty { return }
        guard name.wholeMatch(of: /[!#$%&'*+.^_`|~0-9a-z-]+/) != nil else {
            throw MigrationError(
                .usage, "\(source) is not a valid header name.",
                next: "Header names consist of letters, digits and hyphens.")
        }
        guard value.unicodeScalars.allSatisfy({ $0 == "\t" || ($0.value >= 0x20 && $0.value != 0x7F) }) else {
            throw MigrationError(
                .usage, "The value of the header \(name) in \(source) contains control characters.",
                next: "Set it to one line of text.")
        }
        guard !Self.framing.contains(name) else {
            return warnings.append("The header \(name) in \(source) is not sent: the connection sets it itself.")
        }
        values[name] = Secret(value)
    }
}
