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

    /// More than what is put before or behind a dump's bytes ever takes.
    static let additionLimit = 4 << 20
    /// How many parts with rows a dump may have.
    static let dataLimit = 9999

    /// All of a dump.
    static func whole(_ object: StoredObject) -> DumpPart {
        DumpPart(kind: .whole, object: object, prologue: 0, epilogue: 0)
    }
}

extension SnapshotManifest.DatabaseEntry {
    /// The dump, for messages: its object's name, or `primary.sql in 14 parts`.
    public var name: String {
        parts.count == 1 ? parts[0].object.name : "\(database.dumpName) in \(parts.count) parts"
    }

    /// Bytes of all its objects.
    public var size: Int64 { Quantity.sum64(parts.map(\.object.size)) }

    /// What speaks against the list of parts, as a sentence's end; nil: nothing.
    var flaw: String? {
        if parts.isEmpty { return "lists no object for \(database.dumpName)" }
        let kinds = parts.map(\.kind)
        let data = kinds.count { $0 == .data }
        let isSplit = kinds == [.extensions, .schema] + Array(repeating: .data, count: data) + [.indexes]
        guard kinds == [.whole] || (isSplit && (1...DumpPart.dataLimit).contains(data)) else {
            return "lists parts of \(database.dumpName) that are incomplete or in the wrong order"
        }
        let added = 0...(kinds == [.whole] ? 0 : DumpPart.additionLimit)
        let strange = parts.first { part in
            let isImpossible = !added.contains(part.prologue) || !added.contains(part.epilogue)
            // How much a compressed part holds shows when it is read.
            let isPlain = !part.object.name.hasSuffix(".gz")
            return isImpossible || (isPlain && Int64(part.prologue + part.epilogue) > part.object.size)
        }
        return strange.map { "has impossible values for \($0.object.name)" }
    }
}
