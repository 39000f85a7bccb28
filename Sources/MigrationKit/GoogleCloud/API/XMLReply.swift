internal import Foundation
internal import NIOCore

#if canImport(FoundationXML)
    internal import FoundationXML
#endif

/// An answer of Cloud Storage's XML API as a small tree. Hostile as any answer: no entities, no depth, no size.
package struct XMLReply {
    package struct Element {
        package var name: String
        var text = ""
        package var children: [Element] = []

        /// The text of the first child of that name.
        package subscript(name: String) -> String? { children.first { $0.name == name }?.text }
    }

    let root: Element

    /// - Throws: ``TransientFailure`` if it is no XML, or not all of it came.
    init(_ body: ByteBuffer, of host: String) throws {
        let builder = Builder()
        let parser = XMLParser(data: Data(body.readableBytesView))
        parser.delegate = builder
        guard parser.parse(), let root = builder.root else {
            throw TransientFailure("the response of \(host) is not XML")
        }
        self.root = root
    }

    private final class Builder: NSObject, XMLParserDelegate {
        var root: Element?
        private var open: [Element] = []
        private static let depthLimit = 16

        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
            attributes: [String: String]
        ) {
            open.append(Element(name: name))
            if open.count > Self.depthLimit { parser.abortParsing() }
        }

        func parser(_ parser: XMLParser, foundCharacters text: String) {
            if !open.isEmpty { open[open.count - 1].text += text }
        }

        func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
            guard let element = open.popLast() else { return }
            if open.isEmpty { root = element } else { open[open.count - 1].children.append(element) }
        }
    }
}

extension String {
    /// The string as the text of an XML element.
    package var escapedForXML: String {
        replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
            .replacingOccurrences(of: ">", with: "&gt;")
    }
}
