internal import NIOCore

/// An answer of Cloud Storage's XML API as a small tree. Hostile as any answer: no entities, no depth, no size.
package struct XMLReply {
    package struct Element: Sendable {
        package var name: String
        var text = ""
        package var children: [Element] = []

        /// The text of the first child of that name.
        package subscript(name: String) -> String? { children.first { $0.name == name }?.text }
    }

    let root: Element

    /// - Throws: ``TransientFailure`` if it is no XML, or not all of it came.
    init(_ body: ByteBuffer, of host: String) throws {
        guard let root = XMLReader.root(of: Array(body.readableBytesView)) else {
            throw TransientFailure("the response of \(host) is not XML")
        }
        self.root = root
    }
}
