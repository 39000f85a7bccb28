import Foundation
import Testing

@testable import MigrationKit

/// Text in a page is text, whatever it says.
@Suite struct HTMLTests {
    @Test func literalsAreMarkupAndAllElseIsText() {
        let name = "<b onclick='x'>&\"</b>"
        let piece: HTML = "<td class=\"\(name)\">\(name)</td>"
        let text = "&lt;b onclick=&#39;x&#39;&gt;&amp;&quot;&lt;/b&gt;"
        #expect(piece.markup == "<td class=\"\(text)\">\(text)</td>")
        #expect(HTML.all([piece, "<hr>"], between: "\n").markup == piece.markup + "\n<hr>")
        let outer: HTML = "<tr>\(piece)</tr>"
        #expect(outer.markup == "<tr>" + piece.markup + "</tr>")
    }

    @Test(arguments: [
        ("\u{202E}", "\\u{202e}"), ("\u{2066}", "\\u{2066}"), ("\u{200B}", "\\u{200b}"), ("\u{FEFF}", "\\u{feff}"),
        ("\u{0}", "\\u{0}"), ("\u{1B}[2J", "\\u{1b}[2J"), ("\u{7F}", "\\u{7f}"), ("\u{85}", "\\u{85}"),
        ("\u{2028}", "\\u{2028}"), ("\u{FFFF}", "\\u{ffff}"), ("\u{E000}", "\\u{e000}"), ("\t", " "), ("\n", "\n"),
        ("\r", "\\u{d}"), ("שלום", "שלום"), ("naïve 表 é", "naïve 表 é"),
    ])
    func whatCannotBeSeenIsShown(text: String, shown: String) {
        #expect(HTML.text(text).markup == shown)
    }

    @Test(arguments: [
        ("run `mi-migrate run` again", "run <code>mi-migrate run</code> again"), ("`<b>`", "<code>&lt;b&gt;</code>"),
        ("a ` b", "a ` b"), ("`a` and ` b", "`a` and ` b"), ("", ""), ("none", "none"),
    ])
    func commandsInASentenceAreSetApart(text: String, markup: String) {
        #expect(HTML.prose(text).markup == markup)
    }

    @Test func noTextBecomesMarkup() {
        var generator = SystemRandomNumberGenerator()
        let pieces = [
            "<", ">", "&", "\"", "'", "</script>", "<!--", "-->", "]]>", "&lt;", "\u{0}", "\u{202E}", "\u{200F}",
            "javascript:", "\n", "\r", "é", "\u{301}", "x", " ",
        ]
        for _ in 1...2000 {
            var text = ""
            for _ in 0..<Int.random(in: 0...12, using: &generator) {
                text += pieces.randomElement(using: &generator) ?? ""
            }
            let markup = HTML.text(text).markup
            #expect(!markup.unicodeScalars.contains { "<>\"'".unicodeScalars.contains($0) }, "\(text.debugDescription)")
            let isVisible = markup.unicodeScalars.allSatisfy {
                $0 == "\n" || ![.control, .format].contains($0.properties.generalCategory)
            }
            #expect(isVisible, "\(text.debugDescription)")
            // Nothing is lost: what is read is the text again.
            let read = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")]
                .reduce(markup) { $0.replacingOccurrences(of: $1.0, with: $1.1, options: .literal) }
            let visible = text.unicodeScalars.map { scalar in
                [.control, .format].contains(scalar.properties.generalCategory) && scalar != "\n"
                    ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
            }
            #expect(Array(read.unicodeScalars) == Array(visible.joined().unicodeScalars))
        }
    }
}
