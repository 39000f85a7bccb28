import NIOCore
import Testing

@testable import MigrationKitBase
@testable import MigrationKitGoogleCloud

@Suite struct XMLReplyTests {
    private func parse(_ text: String) throws -> XMLReply.Element {
        try XMLReply(ByteBuffer(string: text), of: "storage.googleapis.com").root
    }

    @Test func elementsAreATree() throws {
        let root = try parse(
            """
            <?xml version='1.0' encoding='UTF-8'?>
            <ListPartsResult xmlns='http://s3.amazonaws.com/doc/2006-03-01/'>
              <UploadId>a&amp;b</UploadId><Part><PartNumber>1</PartNumber></Part><Part><PartNumber>2</PartNumber></Part>
            </ListPartsResult>
            """)
        #expect(root.name == "ListPartsResult")
        #expect(root["UploadId"] == "a&b")
        #expect(root.children.filter { $0.name == "Part" }.map { $0["PartNumber"] } == ["1", "2"])
        #expect(root["ETag"] == nil)
    }

    @Test func whatIsNotAnElementIsPassedOver() throws {
        let root = try parse(
            """
            <?xml version='1.0'?><!-- a > b -->
            <a x='>' y="'>">1<!-- <b> -->2<![CDATA[<&]]>&#65;&#x42;&quot;<c/></a>

            """)
        #expect(root.text == "12<&AB\"")
        #expect(root.children.map(\.name) == ["c"])
    }

    @Test(arguments: [
        "<a/>b", "<a/><b/>", "<a>&nbsp;</a>", "<a>&amp</a>", "<a>&#xD800;</a>", "<a>&#+5;</a>", "<a x='></a>",
        "<!-- <a/>", "<1a/>",
        "<a><![CDATA[b</a>", "</a>", "<!DOCTYPE a><a/>",
    ])
    func whatXMLDoesNotAllowIsRefused(text: String) {
        #expect(throws: TransientFailure.self) { try parse(text) }
    }

    @Test func bytesThatAreNotTextAreRefused() {
        #expect(throws: TransientFailure.self) {
            try XMLReply(ByteBuffer(bytes: Array("<a>".utf8) + [0xFF] + Array("</a>".utf8)), of: "example.com")
        }
    }

    @Test(arguments: [
        "", " ", "<", "<a>", "<a></b>", "{}", "<!DOCTYPE html><html><br></html>",
        String(repeating: "<a>", count: 17) + String(repeating: "</a>", count: 17),
        String(repeating: "<a>", count: 500_000),
    ])
    func whatIsNoWholeXMLMayBeTriedAgain(text: String) {
        #expect(throws: TransientFailure.self) { try parse(text) }
    }

    @Test(.timeLimit(.minutes(1))) func entitiesDoNotExplode() {
        let entities = (1...9).map { "<!ENTITY e\($0) \"\(String(repeating: "&e\($0 - 1);", count: 10))\">" }
        let bomb = "<!DOCTYPE a [<!ENTITY e0 \"boom\">\(entities.joined())]><a>&e9;</a>"
        let text = (try? parse(bomb))?.text ?? ""
        #expect(text.count < 100_000)
    }

    @Test func filesOfThisMachineAreNotRead() {
        let text = (try? parse("<!DOCTYPE a [<!ENTITY f SYSTEM \"file:///etc/passwd\">]><a>&f;</a>"))?.text
        #expect(text?.contains("root") != true)
    }

    @Test func textIsEscaped() throws {
        #expect("a<b>&c".xmlEscaped == "a&lt;b&gt;&amp;c")
        #expect(try parse("<a>\("x<&>]]>y".xmlEscaped)</a>").text == "x<&>]]>y")
    }
}
