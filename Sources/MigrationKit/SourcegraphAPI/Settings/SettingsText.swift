internal import MigrationKitFoundation

/// Settings: JSON with comments and trailing commas, in which one array is looked into, or one text is set.
///
/// An instance's `editSettings` cannot take an element out of an array without touching what stands around it: its
/// editor drops comments between elements, and cuts the wrong bytes where the array has no line break at its end. So
/// the text is edited here.
///
/// Source: sourcegraph/jsonx, edit.go.
package struct SettingsText {
    /// The whole text.
    let text: String
    /// All of it, read.
    package let value: JSONValue
    private let bytes: [UInt8]

    /// - Parameters:
    ///   - text: The whole text.
    ///   - page: Where a site admin finds it, as a page is called: `Global settings`.
    /// - Throws: ``MigrationError`` if it cannot be read.
    package init(_ text: String, page: String = "Global settings") throws {
        self.text = text
        bytes = Array(text.utf8)
        let decoder = JSONDecoder()
        decoder.allowsJSON5 = true
        var scan = Scan(bytes)
        if scan.next() == nil {
            value = .object([:])
        } else if let read = try? decoder.decode(JSONValue.self, from: Data(bytes)), case .object = read {
            value = read
        } else {
            throw MigrationError(
                .failed,
                "The instance's \(page.lowercased()) is not a JSON object, even with comments allowed.",
                next: "Fix it first: Site admin, \(page).")
        }
    }

    /// Where the elements of a top-level array are, and the array itself; nil if there is no such array.
    func array(_ key: String) -> (range: Range<Int>, elements: [Range<Int>])? {
        guard let start = values(of: key).last, bytes[start] == UInt8(ascii: "[") else { return nil }
        var scan = Scan(bytes, from: start + 1)
        return elements(from: start, &scan)
    }

    /// How often the whole has a key: of several one counts, and which one depends on who reads.
    func count(of key: String) -> Int { values(of: key).count }

    /// The text without some elements of a top-level array, and without their commas; all else stays byte for byte, but
    /// for the blanks before an element that goes.
    ///
    /// What `editSettings` puts behind the last element is a comma, a line break, and the new one: once that is taken
    /// out here, the text is what it was.
    func removing(_ indices: Set<Int>, of array: (range: Range<Int>, elements: [Range<Int>])) -> String {
        guard !indices.isEmpty else { return text }
        var gone: [Range<Int>] = []
        let firstKept = array.elements.indices.first { !indices.contains($0) }
        for index in indices.sorted() {
            let element = array.elements[index]
            let before = index == 0 ? nil : comma(in: array.elements[index - 1].upperBound..<element.lowerBound)
            let start = before?.upperBound ?? array.range.lowerBound + 1
            // A comment's line break is none of those.
            let areBlanks = bytes[start..<element.lowerBound].allSatisfy(Scan.isSpace)
            gone.append((areBlanks ? start : element.lowerBound)..<element.upperBound)
            let isBehindOne = firstKept.map { $0 < index } ?? false
            let comma = isBehindOne ? before : comma(in: element.upperBound..<array.range.upperBound)
            if let comma { gone.append(comma) }
        }
        let inside = array.range.lowerBound + 1..<array.range.upperBound - 1
        let isEmpty = inside.allSatisfy { place in
            Scan.isSpace(bytes[place]) || gone.contains { $0.contains(place) }
        }
        if isEmpty { gone = [inside] }
        var kept = bytes
        for range in gone.sorted(by: { $0.lowerBound > $1.lowerBound }) { kept.removeSubrange(range) }
        return String(decoding: kept, as: UTF8.self)
    }

    /// The text with a top-level key set to a text; all else stays byte for byte. A key that is not there comes first.
    ///
    /// - Returns: Nil if the key is there more than once, or has no text.
    func setting(_ key: String, to value: String) -> String? {
        let encoder = JSONEncoder()
        // As a person writes an address.
        encoder.outputFormatting = .withoutEscapingSlashes
        guard let quoted = (try? encoder.encode(value)).map({ String(decoding: $0, as: UTF8.self) }) else { return nil }
        let places = values(of: key)
        guard let place = places.first else { return inserting("\"\(key)\": \(quoted)") }
        var scan = Scan(bytes, from: place)
        guard places.count == 1, self.value[key]?.text != nil, let old = scan.next() else { return nil }
        return replacing(old, with: quoted)
    }

    private func inserting(_ member: String) -> String {
        var scan = Scan(bytes)
        guard let brace = scan.next() else { return text + "{\n  \(member)\n}\n" }
        let isFirst = scan.next().map { bytes[$0.lowerBound] == UInt8(ascii: "}") } ?? true
        let place = brace.upperBound
        return replacing(place..<place, with: "\n  \(member)" + (isFirst ? "\n" : ","))
    }

    private func replacing(_ range: Range<Int>, with new: String) -> String {
        String(decoding: bytes[..<range.lowerBound] + Array(new.utf8) + bytes[range.upperBound...], as: UTF8.self)
    }

    // MARK: Scanning

    /// Where the values of a key of the whole begin.
    private func values(of key: String) -> [Int] {
        var scan = Scan(bytes)
        var depth = 0
        var isKey = true
        var isAwaited = false
        var found: [Int] = []
        while let token = scan.next() {
            let byte = bytes[token.lowerBound]
            if isAwaited, byte != UInt8(ascii: ":") {
                found.append(token.lowerBound)
                isAwaited = false
            }
            switch byte {
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: ":") where depth == 1: isKey = false
            case UInt8(ascii: ",") where depth == 1: isKey = true
            default: if depth == 1, isKey, string(token) == key { isAwaited = true }
            }
        }
        return found
    }

    private func elements(from start: Int, _ scan: inout Scan) -> (range: Range<Int>, elements: [Range<Int>])? {
        var elements: [Range<Int>] = []
        var depth = 1
        var current: Range<Int>?
        while let token = scan.next() {
            switch bytes[token.lowerBound] {
            case UInt8(ascii: ",") where depth == 1:
                if let element = current { elements.append(element) }
                current = nil
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            default: break
            }
            if depth == 0 {
                if let element = current { elements.append(element) }
                return (start..<token.upperBound, elements)
            }
            current = (current?.lowerBound ?? token.lowerBound)..<token.upperBound
        }
        return nil
    }

    private func comma(in range: Range<Int>) -> Range<Int>? {
        var scan = Scan(bytes, from: range.lowerBound)
        guard let token = scan.next(), token.upperBound <= range.upperBound,
            bytes[token.lowerBound] == UInt8(ascii: ",")
        else { return nil }
        return token
    }

    private func string(_ token: Range<Int>) -> String? {
        try? JSONText.decode(String.self, from: Array(bytes[token]))
    }

    /// Tokens: brackets, commas and colons one by one, strings and words whole; comments and space are passed over.
    private struct Scan {
        private let bytes: [UInt8]
        private var position: Int

        init(_ bytes: [UInt8], from position: Int = 0) {
            self.bytes = bytes
            self.position = position
        }

        mutating func next() -> Range<Int>? {
            skip()
            guard position < bytes.count else { return nil }
            let start = position
            if bytes[start] == UInt8(ascii: "\"") {
                position += 1
                while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
                    position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
                }
                position = min(position + 1, bytes.count)
            } else {
                position += 1
                guard !Self.isStructure(bytes[start]) else { return start..<position }
                while position < bytes.count, !Self.isStructure(bytes[position]), !Self.isSpace(bytes[position]),
                    bytes[position] != UInt8(ascii: "/"), bytes[position] != UInt8(ascii: "\"")
                {
                    position += 1
                }
            }
            return start..<position
        }

        private mutating func skip() {
            while position < bytes.count {
                if Self.isSpace(bytes[position]) {
                    position += 1
                } else if bytes[position...].starts(with: "//".utf8) {
                    while position < bytes.count, !Self.isLineEnd(bytes[position]) { position += 1 }
                } else if bytes[position...].starts(with: "/*".utf8) {
                    position += 2
                    while position < bytes.count, !bytes[position...].starts(with: "*/".utf8) { position += 1 }
                    position = min(position + 2, bytes.count)
                } else {
                    return
                }
            }
        }

        static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
        private static func isLineEnd(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }
        private static func isStructure(_ byte: UInt8) -> Bool { "{}[]:,".utf8.contains(byte) }
    }
}
