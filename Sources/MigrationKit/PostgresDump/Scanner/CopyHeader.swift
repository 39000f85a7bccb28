/// What a `COPY table (columns) FROM stdin;` says of the rows that follow.
struct CopyHeader: Hashable {
    var table: TableName
    var columns: [String]

    /// - Parameter tokens: The statement's tokens.
    /// - Throws: A reason, if the statement is a COPY that pg_dump does not write.
    init(_ tokens: [SQLToken]) throws(CopyRefused) {
        var rest = tokens.dropFirst()
        guard tokens.first == .word("copy"), let first = rest.popFirst()?.name else { throw CopyRefused() }
        if rest.first == .symbol(UInt8(ascii: ".")) {
            guard let second = rest.dropFirst().first?.name else { throw CopyRefused() }
            table = TableName(schema: first, name: second)
            rest = rest.dropFirst(2)
        } else {
            table = TableName(schema: "public", name: first)
        }
        columns = []
        if rest.first == .symbol(UInt8(ascii: "(")) {
            while rest.popFirst() != .symbol(UInt8(ascii: ")")), let column = rest.popFirst()?.name {
                columns.append(column)
            }
        }
        guard rest.elementsEqual([.word("from"), .word("stdin"), .symbol(.semicolon)]) else { throw CopyRefused() }
    }

    struct CopyRefused: Error {
        let reason =
            "pg_dump writes COPY only as `COPY table (columns) FROM stdin;`. Dump again with the printed command."
    }
}

/// A table's name with its schema's.
public struct TableName: Sendable, Hashable, Codable, Comparable, CustomStringConvertible {
    /// The schema, unquoted.
    public var schema: String
    /// The table, unquoted.
    public var name: String

    /// Makes a name of unquoted parts.
    public init(schema: String, name: String) {
        self.schema = schema
        self.name = name
    }

    /// The name for people: `public.` is left out.
    public var description: String { schema == "public" ? name : "\(schema).\(name)" }
    /// The name for SQL: both parts quoted.
    public var quoted: String { "\(schema.quotedAsIdentifier).\(name.quotedAsIdentifier)" }

    /// By schema, then name.
    public static func < (left: Self, right: Self) -> Bool { (left.schema, left.name) < (right.schema, right.name) }
}

extension String {
    /// The string as a quoted SQL identifier.
    package var quotedAsIdentifier: String {
        var quoted = "\""
        for character in unicodeScalars {
            if character == "\"" { quoted += "\"" }
            quoted.unicodeScalars.append(character)
        }
        return quoted + "\""
    }

    /// The string as a SQL string constant, with `standard_conforming_strings` on.
    package var quotedAsLiteral: String {
        var quoted = "'"
        for character in unicodeScalars {
            if character == "'" { quoted += "'" }
            quoted.unicodeScalars.append(character)
        }
        return quoted + "'"
    }
}
