import NIOCore

/// What a server said to a batch of statements.
struct PostgresAnswer: Sendable {
    struct Column: Sendable {
        var name: String
        /// The type's OID.
        var type: UInt32
    }

    /// Of one statement.
    struct Result: Sendable {
        var columns: [Column] = []
        var rows: [[String?]] = []
        /// Such as `INSERT 0 1`.
        var tag = ""
    }

    var results: [Result] = []
    var notices: [PostgresNotice] = []
    /// Nothing after it was done.
    var error: PostgresNotice?

    /// The results, if there was no error.
    func get() throws -> [Result] {
        if let error { throw error }
        return results
    }
}

/// A notice or an error.
struct PostgresNotice: Error, Sendable {
    var severity = ""
    /// Its SQLSTATE.
    var code = ""
    var message = ""

    /// Reads the fields of the protocol: a letter each, and a text that a zero ends.
    init(_ body: inout ByteBuffer) {
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
