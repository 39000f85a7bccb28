/// Reads XML as Cloud Storage's API writes it: elements, text, comments, CDATA, and the entities that XML itself has.
/// A document type is refused, and with it every entity that an answer could define.
struct XMLReader {
    private struct Malformed: Error {}

    private static let depthLimit = 16
    private static let entities = ["amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'"]

    private let bytes: [UInt8]
    private var position = 0
    private var open: [XMLReply.Element] = []
    private var root: XMLReply.Element?

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The root element; nil if it is not XML, if not all of it is there, or if its elements are nested too deeply.
    static func root(of bytes: [UInt8]) -> XMLReply.Element? {
        var reader = XMLReader(bytes)
        return try? reader.read()
    }

    private mutating func read() throws -> XMLReply.Element {
        while position < bytes.count {
            if passes("<?") {
                _ = try upTo("?>")
            } else if passes("<!--") {
                _ = try upTo("-->")
            } else if passes("<![CDATA[") {
                try add(String(utf8: upTo("]]>")))
            } else if passes("</") {
                try close(name(of: upTo(">")))
            } else if passes("<") {
                try readTag()
            } else {
                let end = bytes[position...].firstIndex(of: UInt8(ascii: "<")) ?? bytes.count
                try add(withoutEntities(bytes[position..<end]))
                position = end
            }
        }
        guard let root, open.isEmpty else { throw Malformed() }
        return root
    }

    /// Goes past a text if it comes next.
    private mutating func passes(_ text: StaticString) -> Bool {
        let isNext = text.withUTF8Buffer { bytes[position...].starts(with: $0) }
        if isNext { position += text.utf8CodeUnitCount }
        return isNext
    }

    /// What comes before a text, which it goes past.
    private mutating func upTo(_ text: StaticString) throws -> ArraySlice<UInt8> {
        let start = position
        while position < bytes.count {
            let end = position
            if passes(text) { return bytes[start..<end] }
            position += 1
        }
        throw Malformed()
    }

    /// A tag behind its `<`. A `>` in the value of an attribute does not end it; what attributes say is not read.
    private mutating func readTag() throws {
        let start = position
        var quote: UInt8?
        while position < bytes.count, quote != nil || bytes[position] != UInt8(ascii: ">") {
            let byte = bytes[position]
            if byte == quote {
                quote = nil
            } else if quote == nil, byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            }
            position += 1
        }
        guard position < bytes.count, root == nil, open.count < Self.depthLimit else { throw Malformed() }
        var tag = bytes[start..<position]
        position += 1
        let isEmpty = tag.last == UInt8(ascii: "/")
        if isEmpty { tag.removeLast() }
        let name = try name(of: tag)
        open.append(XMLReply.Element(name: name))
        if isEmpty { try close(name) }
    }

    private mutating func close(_ name: String) throws {
        guard let element = open.popLast(), element.name == name else { throw Malformed() }
        if open.isEmpty { root = element } else { open[open.count - 1].children.append(element) }
    }

    /// Around the root, nothing but white space may stand.
    private mutating func add(_ text: String?) throws {
        guard let text else { throw Malformed() }
        if !open.isEmpty {
            open[open.count - 1].text += text
        } else if !text.allSatisfy(\.isWhitespace) {
            throw Malformed()
        }
    }

    private func name(of tag: ArraySlice<UInt8>) throws -> String {
        let name = tag.prefix { ![UInt8(ascii: " "), 0x09, 0x0A, 0x0D].contains($0) }
        guard let text = String(utf8: name), let first = text.first, first.isLetter || first == "_",
            text.allSatisfy({ $0.isLetter || $0.isNumber || "_-.:".contains($0) })
        else { throw Malformed() }
        return text
    }

    private func withoutEntities(_ bytes: ArraySlice<UInt8>) throws -> String {
        var text = ""
        var rest = bytes
        while let start = rest.firstIndex(of: UInt8(ascii: "&")) {
            guard let before = String(utf8: rest[..<start]), let end = rest[start...].firstIndex(of: UInt8(ascii: ";")),
                let character = String(utf8: rest[(start + 1)..<end]).flatMap(Self.character)
            else { throw Malformed() }
            text += before + character
            rest = rest[(end + 1)...]
        }
        guard let last = String(utf8: rest) else { throw Malformed() }
        return text + last
    }

    private static func character(_ entity: String) -> String? {
        if let known = entities[entity] { return known }
        let isHexadecimal = entity.hasPrefix("#x")
        let digits = entity.dropFirst(isHexadecimal ? 2 : 1)
        guard entity.hasPrefix("#"), digits.allSatisfy(\.isHexDigit) else { return nil }
        return UInt32(digits, radix: isHexadecimal ? 16 : 10).flatMap(Unicode.Scalar.init).map { String(Character($0)) }
    }
}

extension String {
    /// nil if it is not UTF-8.
    fileprivate init?(utf8 bytes: ArraySlice<UInt8>) {
        self.init(validating: bytes, as: UTF8.self)
    }
}
