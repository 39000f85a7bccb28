import Foundation

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// JUnit XML as a parser of somebody else's reads it.
final class XMLCases: NSObject, XMLParserDelegate {
    struct Unreadable: Error {}

    /// Of the test suite.
    private(set) var attributes: [String: String] = [:]
    /// Class and name.
    private(set) var cases: [String] = []
    private(set) var failures: [String] = []
    private var isInFailure = false

    init(_ text: String) throws {
        super.init()
        let parser = XMLParser(data: Data(text.utf8))
        parser.delegate = self
        guard parser.parse() else { throw Unreadable() }
    }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) {
        if name == "testsuite" { self.attributes = attributes }
        if name == "testcase" { cases.append("\(attributes["classname"] ?? "").\(attributes["name"] ?? "")") }
        isInFailure = name == "failure"
        if isInFailure { failures.append("") }
    }

    func parser(_ parser: XMLParser, foundCharacters text: String) {
        if isInFailure { failures[failures.count - 1] += text }
    }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
        isInFailure = false
    }
}
