package import TestSupport

/// JSON with comments and trailing commas, as settings are written: each value, and where it stands.
package struct JSONCNode: Sendable {
    package indirect enum Kind: Sendable {
        case object([Property])
        case array([JSONCNode])
        case leaf(AnyJSON)
    }

    package struct Property: Sendable {
        package var key: String
        /// From the key's first quote to the value's end.
        package var range: Range<Int>
        package var value: JSONCNode
    }

    package var kind: Kind
    /// In scalars.
    package var range: Range<Int>

    package var json: AnyJSON {
        switch kind {
        case .object(let properties):
            .object(Dictionary(properties.map { ($0.key, $0.value.json) }) { _, last in last })
        case .array(let elements): .array(elements.map(\.json))
        case .leaf(let value): value
        }
    }

    package var typeName: String {
        switch kind {
        case .object: "object"
        case .array: "array"
        case .leaf(.string): "string"
        case .leaf(.null): "null"
        case .leaf(.bool): "boolean"
        case .leaf: "number"
        }
    }
}

/// Reads JSON with comments.
package struct JSONCParser {
    /// What is wrong, in the word that jsonx has for it.
    package struct Fault: Error { var code: String }

    private let text: [Unicode.Scalar]
    private let isLenient: Bool
    private var index = 0
    private var depth = 0

    /// - Parameter isLenient: Whether comments and trailing commas are taken.
    /// - Returns: The document's value; nil if there is none, only blanks and comments.
    package static func parse(_ text: String, isLenient: Bool = true) throws(Fault) -> JSONCNode? {
        var parser = JSONCParser(text: Array(text.unicodeScalars), isLenient: isLenient)
        try parser.skipBlanks()
        guard parser.index < parser.text.count else { return nil }
        let node = try parser.value()
        try parser.skipBlanks()
        guard parser.index == parser.text.count else { throw Fault(code: "EndOfFileExpected") }
        return node
    }

    private init(text: [Unicode.Scalar], isLenient: Bool) { (self.text, self.isLenient) = (text, isLenient) }

    private var next: Unicode.Scalar? { index < text.count ? text[index] : nil }

    private mutating func skipBlanks() throws(Fault) {
        while let scalar = next {
            if scalar == " " || scalar == "\t" || scalar == "\n" || scalar == "\r" {
                index += 1
            } else if isLenient, scalar == "/", index + 1 < text.count, text[index + 1] == "/" {
                while next != nil, next != "\n" { index += 1 }
            } else if isLenient, scalar == "/", index + 1 < text.count, text[index + 1] == "*" {
                index += 2
                while index < text.count, !text[index...].starts(with: "*/".unicodeScalars) { index += 1 }
                guard index < text.count else { throw Fault(code: "UnexpectedEndOfComment") }
                index += 2
            } else {
                return
            }
        }
    }

    private mutating func value() throws(Fault) -> JSONCNode {
        guard depth < 200 else { throw Fault(code: "InvalidSymbol") }
        depth += 1
        defer { depth -= 1 }
        let start = index
        switch next {
        case "{":
            let properties: [JSONCNode.Property] = try list("}", "CloseBraceExpected") {
                (parser) throws(Fault) in try parser.property()
            }
            return JSONCNode(kind: .object(properties), range: start..<index)
        case "[":
            let elements: [JSONCNode] = try list("]", "CloseBracketExpected") {
                (parser) throws(Fault) in try parser.value()
            }
            return JSONCNode(kind: .array(elements), range: start..<index)
        default: return try leaf()
        }
    }

    private mutating func list<Element>(
        _ end: Unicode.Scalar, _ missing: String, _ element: (inout Self) throws(Fault) -> Element
    ) throws(Fault) -> [Element] {
        var elements: [Element] = []
        index += 1
        try skipBlanks()
        while next != end {
            elements.append(try element(&self))
            try skipBlanks()
            guard next == "," else { break }
            index += 1
            try skipBlanks()
            if next == end, !isLenient { throw Fault(code: "ValueExpected") }
        }
        guard next == end else { throw Fault(code: next == nil ? missing : "CommaExpected") }
        index += 1
        return elements
    }

    private mutating func property() throws(Fault) -> JSONCNode.Property {
        let start = index
        guard next == "\"", case .leaf(.string(let key)) = try leaf().kind else {
            throw Fault(code: "PropertyNameExpected")
        }
        try skipBlanks()
        guard next == ":" else { throw Fault(code: "ColonExpected") }
        index += 1
        try skipBlanks()
        let value = try value()
        return JSONCNode.Property(key: key, range: start..<index, value: value)
    }

    private mutating func leaf() throws(Fault) -> JSONCNode {
        let start = index
        if next == "\"" {
            index += 1
            while let scalar = next, scalar != "\"", scalar != "\n" { index += scalar == "\\" ? 2 : 1 }
            guard next == "\"" else { throw Fault(code: "UnexpectedEndOfString") }
            index += 1
        } else {
            while let scalar = next, scalar.properties.isAlphabetic || "+-.0123456789".unicodeScalars.contains(scalar) {
                index += 1
            }
        }
        guard index <= text.count, index > start else { throw Fault(code: "ValueExpected") }
        let word = text[start..<index].reduce(into: "") { $0.unicodeScalars.append($1) }
        guard let value = AnyJSON(parsing: word.utf8) else { throw Fault(code: "InvalidSymbol") }
        return JSONCNode(kind: .leaf(value), range: start..<index)
    }
}
