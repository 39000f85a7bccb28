/// A piece of a page. Markup comes from literals in this program's own source alone; whatever is put into them at run time
/// is text, and is escaped. There is no way to make one of a string and forget that.
struct HTML: Sendable, ExpressibleByStringInterpolation {
    /// As it goes into the page.
    private(set) var markup: String

    /// A literal: only the compiler can make its argument.
    init(stringLiteral literal: StaticString) { markup = literal.description }

    init(stringInterpolation: StringInterpolation) { markup = stringInterpolation.markup }

    private init(markup: String) { self.markup = markup }

    /// Nothing.
    static let nothing: HTML = ""

    /// Text.
    static func text(_ text: String) -> HTML { HTML(markup: text.escaped) }

    /// A sentence whose commands and names stand in backticks.
    static func prose(_ text: String) -> HTML {
        let pieces = text.split(separator: "`", omittingEmptySubsequences: false).map(String.init)
        guard pieces.count % 2 == 1 else { return .text(text) }
        return .all(pieces.enumerated().map { index, piece in index % 2 == 1 ? "<code>\(piece)</code>" : .text(piece) })
    }

    /// One after the other.
    static func all(_ pieces: [HTML], between: HTML = .nothing) -> HTML {
        HTML(markup: pieces.map(\.markup).joined(separator: between.markup))
    }

    static func + (left: HTML, right: HTML) -> HTML { HTML(markup: left.markup + right.markup) }

    /// A page that is complete in itself: no script, no picture and no address of anywhere else, so that it can be sent,
    /// archived, printed and read without a network.
    static func page(titled title: HTML, _ body: HTML) -> HTML {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta name="referrer" content="no-referrer">
        <title>\(title)</title>
        <style>\(ReportStyle.sheet)</style>
        </head>
        <body>
        \(body)
        </body>
        </html>

        """
    }

    /// Takes literals as they are, and escapes what stands between them.
    struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var markup = ""

        init(literalCapacity: Int, interpolationCount: Int) { markup.reserveCapacity(literalCapacity * 2) }

        mutating func appendLiteral(_ literal: StaticString) { markup += literal.description }
        mutating func appendInterpolation(_ text: String) { markup += text.escaped }
        mutating func appendInterpolation(_ number: Int) { markup += String(number) }
        mutating func appendInterpolation(_ piece: HTML) { markup += piece.markup }
    }
}

extension String {
    /// The text as it stands in a page, in attributes in quotes, too. What cannot be seen, or would turn around what stands
    /// beside it, is shown as what it is; a tab is a space.
    fileprivate var escaped: String {
        var text = ""
        text.reserveCapacity(utf8.count + 16)
        for scalar in unicodeScalars {
            switch scalar {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "\"": text += "&quot;"
            case "'": text += "&#39;"
            case "\n": text += "\n"
            case "\t": text += " "
            default:
                if scalar.isASCII && scalar.value >= 0x20 && scalar.value != 0x7F || scalar.isVisible {
                    text.unicodeScalars.append(scalar)
                } else {
                    text += "\\u{\(String(scalar.value, radix: 16))}"
                }
            }
        }
        return text
    }
}

extension Unicode.Scalar {
    /// Marks of direction, characters without a width and the like are `format`.
    fileprivate var isVisible: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned: false
        default: true
        }
    }
}
