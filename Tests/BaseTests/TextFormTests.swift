import Testing

@testable import MigrationKitBase

/// Texts as URLs and XML take them, whatever is in them.
struct TextFormTests {
    @Test(arguments: [
        ("", ""), ("AZaz09-._~", "AZaz09-._~"), ("a b/c", "a%20b%2Fc"), ("é\u{301}", "%C3%A9%CC%81"), ("%2F", "%252F"),
        ("+&=?#", "%2B%26%3D%3F%23"), ("[`{@\u{7F}", "%5B%60%7B%40%7F"),
    ])
    func textBecomesAPartOfAURL(text: String, encoded: String) { #expect(text.percentEncoded() == encoded) }

    @Test func signsOfAURLStayWhereTheyAreMeant() {
        #expect("a/b-c".percentEncoded(keeping: "/") == "a/b%2Dc")
        #expect("a-b".percentEncoded(keeping: "") == "a%2Db")
    }

    @Test(arguments: [
        ("a<b>&\"c\"", "a&lt;b&gt;&amp;&quot;c&quot;"), ("&\u{301}", "&amp;\u{301}"), ("a\u{1}b\r\n", "a?b?\n"),
    ])
    func textBecomesAPartOfXML(text: String, escaped: String) { #expect(text.xmlEscaped == escaped) }

    @Test(arguments: [" \t\r\na b\u{A0}\n", "a b"]) func endsAreTrimmed(text: String) { #expect(text.trimmed == "a b") }

    @Test func linesAreRedactedAsTheyWereDivided() {
        let lines = ["a\r", "password=hunter2\r", "", "b"]
        #expect(lines.redacted.count == 4 && lines.redacted.first == "a\r" && lines.redacted.last == "b")
    }
}
