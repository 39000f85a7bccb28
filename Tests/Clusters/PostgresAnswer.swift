package import NIOCore

/// What a server said to a batch of statements.
package struct PostgresAnswer: Sendable {
    package struct Column: Sendable {
        package var name: String
        /// The type's OID.
        package var type: UInt32
    }

    /// Of one statement.
    package struct Result: Sendable {
        package var columns: [Column] = []
        package var rows: [[String?]] = []
        /// Such as `INSERT 0 1`.
        package var tag = ""
    }

    package var results: [Result] = []
    package var notices: [PostgresNotice] = []
    /// Nothing after it was done.
    package var error: PostgresNotice?

    /// The results, if there was no error.
    package func get() throws -> [Result] {
        if let error { throw error }
        return results
    }
}

/// A notice or an error.
package struct PostgresNotice: Error, Sendable {
    package var severity = ""
    /// Its SQLSTATE.
    package var code = ""
    package var message = ""

    /// Reads the fields of the protocol: a letter each, and a text that a zero ends.
    package init(_ body: inout ByteBuffer) {
        while let field = body.readInteger(as: UInt8.self), field != 0, let text = body.readNullTerminatedString() {
            switch field {
            case UInt8(ascii: "V"): severity = text
            case UInt8(ascii: "C"): code = text
            case UInt8(ascii: "M"): message = text
            default: break
            }
        }
    }
}
