import TestSupport

/// Where something stands in a document, counted from 1.
package struct GraphQLLocation: Sendable, Hashable {
    package var line: Int
    package var column: Int

    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }
}

/// A word of a document.
package enum GraphQLToken: Sendable, Equatable {
    case name(String)
    case integer(String)
    case float(String)
    case string(String)
    case punctuator(String)
    case end
}

/// What makes a document no document, in the words of the real server.
package struct GraphQLSyntaxError: Error {
    package var message: String
    package var location: GraphQLLocation

    package init(message: String, location: GraphQLLocation) {
        self.message = message
        self.location = location
    }
}

/// The words of a document, one after the other.
package struct GraphQLLexer {
    private let text: [UInt8]
    private var index = 0
    private var line = 1
    private var lineStart = 0

    package init(_ text: String) { self.text = Array(text.utf8) }

    package mutating func next() throws(GraphQLSyntaxError) -> (GraphQLToken, GraphQLLocation) {
        skipIgnored()
        let place = GraphQLLocation(line: line, column: index - lineStart + 1)
        guard let byte = peek() else { return (.end, place) }
        switch byte {
        case UInt8(ascii: "."):
            guard text[index...].starts(with: "...".utf8) else { throw unexpected(place) }
            index += 3
            return (.punctuator("..."), place)
        case UInt8(ascii: "\""): return (.string(try string(place)), place)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return (try number(place), place)
        case _ where Self.isLetter(byte):
            return (.name(take { Self.isLetter($0) || Self.isDigit($0) }), place)
        case _ where "{}()[]:!$@=|&".utf8.contains(byte):
            index += 1
            return (.punctuator(String(UnicodeScalar(byte))), place)
        default: throw unexpected(place)
        }
    }

    private func peek(_ distance: Int = 0) -> UInt8? {
        index + distance < text.count ? text[index + distance] : nil
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private mutating func take(while condition: (UInt8) -> Bool) -> String {
        let start = index
        while let byte = peek(), condition(byte) { index += 1 }
        return String(decoding: text[start..<index], as: UTF8.self)
    }

    private mutating func skipIgnored() {
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: "\n"): newLine()
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: ","): index += 1
            case UInt8(ascii: "#"): _ = take { $0 != UInt8(ascii: "\n") }
            default: return
            }
        }
    }

    private mutating func newLine() {
        index += 1
        line += 1
        lineStart = index
    }

    private mutating func number(_ place: GraphQLLocation) throws(GraphQLSyntaxError) -> GraphQLToken {
        let start = index
        if peek() == UInt8(ascii: "-") { index += 1 }
        let digits = take(while: Self.isDigit)
        guard !digits.isEmpty, digits == "0" || !digits.hasPrefix("0") else { throw unexpected(place) }
        var isFloat = false
        if peek() == UInt8(ascii: "."), peek(1).map(Self.isDigit) == true {
            (isFloat, index) = (true, index + 1)
            _ = take(while: Self.isDigit)
        }
        if peek().map({ $0 | 0x20 }) == UInt8(ascii: "e") {
            (isFloat, index) = (true, index + 1)
            if peek() == UInt8(ascii: "+") || peek() == UInt8(ascii: "-") { index += 1 }
            guard !take(while: Self.isDigit).isEmpty else { throw unexpected(place) }
        }
        if let byte = peek(), Self.isLetter(byte) { throw unexpected(place) }
        let word = String(decoding: text[start..<index], as: UTF8.self)
        return isFloat ? .float(word) : .integer(word)
    }

    private mutating func string(_ place: GraphQLLocation) throws(GraphQLSyntaxError) -> String {
        if text[index...].starts(with: "\"\"\"".utf8) { return try block(place) }
        let start = index
        index += 1
        while let byte = peek(), byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\n") {
            index += byte == UInt8(ascii: "\\") ? 2 : 1
        }
        guard peek() == UInt8(ascii: "\"") else {
            throw GraphQLSyntaxError(message: "syntax error: literal not terminated", location: place)
        }
        index += 1
        // A string's escapes are those of JSON.
        guard let string = AnyJSON(parsing: text[start..<index])?.string else {
            throw GraphQLSyntaxError(message: "syntax error: invalid char escape", location: place)
        }
        return string
    }

    private mutating func block(_ place: GraphQLLocation) throws(GraphQLSyntaxError) -> String {
        index += 3
        let start = index
        while index < text.count, !text[index...].starts(with: "\"\"\"".utf8) {
            if peek() == UInt8(ascii: "\n") { newLine() } else { index += 1 }
        }
        guard index < text.count else {
            throw GraphQLSyntaxError(message: "syntax error: literal not terminated", location: place)
        }
        defer { index += 3 }
        return String(decoding: text[start..<index], as: UTF8.self)
    }

    private func unexpected(_ place: GraphQLLocation) -> GraphQLSyntaxError {
        let sign = peek().map { String(UnicodeScalar($0)) } ?? ""
        return GraphQLSyntaxError(message: "syntax error: unexpected \"\(sign)\"", location: place)
    }
}
