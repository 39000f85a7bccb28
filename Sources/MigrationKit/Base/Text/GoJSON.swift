/// JSON as Go's encoder writes it with tabs, keys in the order given: a summary of ours is, byte for byte, what `src`
/// would have written, as far as `src` writes one.
///
/// Source: tried with Go's `json.Encoder` and `SetIndent("", "\t")`.
package enum GoJSON {
    case object([(key: String, value: GoJSON)])
    case array([GoJSON])
    case string(String)
    case number(Int)

    /// The text, without a newline at the end.
    package var text: String { text(depth: 0) }

    private func text(depth: Int) -> String {
        switch self {
        case .number(let number): return "\(number)"
        case .string(let string): return Self.quoted(string)
        case .array(let values):
            return Self.enclosed("[", values.map { $0.text(depth: depth + 1) }, "]", depth: depth)
        case .object(let members):
            let lines = members.map { "\(Self.quoted($0.key)): \($0.value.text(depth: depth + 1))" }
            return Self.enclosed("{", lines, "}", depth: depth)
        }
    }

    private static func enclosed(_ open: String, _ lines: [String], _ close: String, depth: Int) -> String {
        if lines.isEmpty { return open + close }
        let tabs = String(repeating: "\t", count: depth)
        return "\(open)\n" + lines.map { "\(tabs)\t\($0)" }.joined(separator: ",\n") + "\n\(tabs)\(close)"
    }

    private static func quoted(_ string: String) -> String {
        var text = "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"", "\\": text += "\\\(scalar)"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\u{8}": text += "\\b"
            case "\u{C}": text += "\\f"
            case "<", ">", "&", "\u{2028}", "\u{2029}", "\u{0}"..<" ":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}
