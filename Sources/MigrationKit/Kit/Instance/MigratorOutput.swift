/// What a run of the migrator has written, without noise: log lines in JSON become their text, which may have many lines.
///
/// All of it is hostile and may be cut off anywhere. Passwords do not come out of it: the migrator writes the addresses
/// of its databases with them.
struct MigratorOutput {
    struct Message {
        /// The lines, without colours, with passwords redacted.
        let lines: [String]
        /// Whether it is the log line that the migrator ends with.
        let isFatal: Bool

        /// The lines that the migrator itself has to answer for: neither SQL nor values, which may hold any words.
        var ownLines: [String] {
            var isInSQL = false
            return lines.filter { line in
                if line.hasPrefix("```") {
                    isInSQL.toggle()
                    return false
                }
                return !isInSQL && !Self.quotes.contains { line.hasPrefix($0) }
            }
        }
        private static let quotes = ["DETAIL:", "HINT:", "CONTEXT:", "WHERE:", "QUERY:"]
    }

    let messages: [Message]

    private static let lineCount = 200
    private static let lineLength = 16 << 10

    init(_ lines: [String]) {
        messages = lines.suffix(Self.lineCount).compactMap { line in
            let text = String(decoding: line.utf8.prefix(Self.lineLength), as: UTF8.self)
            guard let severity = Self.value("SeverityText", in: text) else { return Self.message(text, isFatal: false) }
            guard !["DEBUG", "INFO", "WARN"].contains(severity) else { return nil }
            let body = Self.value("Body", in: text) ?? ""
            let error = Self.value("error", in: text) ?? ""
            let all = error.isEmpty || body.contains(error) ? body : "\(body): \(error)"
            return Self.message(all, isFatal: severity == "FATAL")
        }
    }

    /// A line for a person who watches: of a log line its text.
    static func shown(_ line: String) -> String {
        withoutColours(value("Body", in: line) ?? line).redacted.singleSpaced.printable
    }

    private static func message(_ text: String, isFatal: Bool) -> Message? {
        let lines = withoutColours(text).split(whereSeparator: \.isNewline).map { line in
            String(line)
        }
        .redacted.map(\.singleSpaced.printable)
        let told = lines.filter { !$0.isEmpty }
        return told.isEmpty ? nil : Message(lines: told, isFatal: isFatal)
    }

    /// The value of a key in a line of JSON that may be cut off, so that no parser would take it.
    private static func value(_ key: String, in line: String) -> String? {
        let bytes = Array(line.utf8)
        guard let start = bytes.firstRange(of: Array("\"\(key)\":\"".utf8))?.upperBound else { return nil }
        var isEscaped = false
        let raw = bytes[start...].prefix { byte in
            defer { isEscaped = byte == UInt8(ascii: "\\") && !isEscaped }
            return isEscaped || byte != UInt8(ascii: "\"")
        }
        let quote = [UInt8(ascii: "\"")]
        return (try? JSONText.decode(String.self, from: quote + raw + quote))
            ?? String(decoding: raw, as: UTF8.self).replacing("\\n", with: "\n").replacing("\\\"", with: "\"")
    }

    /// The line without what makes a terminal show colours; whoever has read it may have made it printable.
    private static func withoutColours(_ line: String) -> String {
        guard line.contains("\u{1b}") || line.contains("\\u{1b}") else { return line }
        return line.replacing(/(?:\u{1b}|\\u\{1b\})\[[0-9;]{0,20}[A-Za-z]/, with: "")
    }
}

extension String {
    /// The text, its words apart by single spaces.
    var singleSpaced: String { split(whereSeparator: \.isWhitespace).joined(separator: " ") }
}
