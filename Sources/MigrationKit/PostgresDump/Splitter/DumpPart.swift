/// One object of a dump: all of it, or one of the parts that are imported one after the other.
///
/// A part is a plain dump by itself, with text around it that is not of the dump: what is left of all parts without that
/// text, joined in their order, is the dump.
public struct DumpPart: Sendable, Hashable, Codable {
    /// What the part is for.
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// All of the dump, and nothing else.
        case whole
        /// Makes the extensions that the dump needs. Nothing of it is of the dump.
        case extensions
        /// From the dump's beginning to its first rows.
        case schema
        /// Rows, and where sequences stand.
        case data
        /// What is built on the rows, to the dump's end.
        case indexes
    }

    /// What it is for.
    public var kind: Kind
    /// The object as it is in the bucket.
    public var object: StoredObject
    /// How many bytes of its text, once it is unpacked, stand before those of the dump.
    public var prologue: Int
    /// How many stand behind them.
    public var epilogue: Int

    package init(kind: Kind, object: StoredObject, prologue: Int, epilogue: Int) {
        self.kind = kind
        self.object = object
        self.prologue = prologue
        self.epilogue = epilogue
    }

    /// More than what is put before or behind a dump's bytes ever takes.
    package static let additionLimit = 4 << 20
    /// How many parts with rows a dump may have.
    package static let dataLimit = 9999

    /// All of a dump.
    package static func whole(_ object: StoredObject) -> DumpPart {
        DumpPart(kind: .whole, object: object, prologue: 0, epilogue: 0)
    }
}
