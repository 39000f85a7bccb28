/// A part of a text in YAML, and the line that it begins in.
package struct YAMLNode: Sendable {
    package enum Value: Sendable {
        /// Nothing, or `null` and its other spellings, without quotes.
        case null
        /// Any other scalar, as it was written: to whoever writes a password, a bare number is a text.
        case text(String)
        case list([YAMLNode])
        case mapping([(key: YAMLNode, value: YAMLNode)])
    }

    package let value: Value
    /// Counted from 1.
    package let line: Int

    /// Reads a text of one document.
    ///
    /// - Returns: Nil if there is nothing in it.
    /// - Throws: ``YAMLProblem`` if it is not YAML, or a key appears twice.
    package init?(_ text: String) throws(YAMLProblem) {
        guard let root = try YAMLParser.root(of: text) else { return nil }
        self = root
    }

    init(_ value: Value, line: Int) {
        self.value = value
        self.line = line
    }

    package var text: String? { if case .text(let text) = value { text } else { nil } }

    package var isNull: Bool { if case .null = value { true } else { false } }

    /// A list's elements.
    package var elements: [YAMLNode]? { if case .list(let elements) = value { elements } else { nil } }

    /// A mapping's keys and values, in their order.
    package var members: [(key: YAMLNode, value: YAMLNode)]? {
        if case .mapping(let members) = value { members } else { nil }
    }

    /// The value of a mapping's key.
    package subscript(key: String) -> YAMLNode? { members?.first { $0.key.text == key }?.value }
}
