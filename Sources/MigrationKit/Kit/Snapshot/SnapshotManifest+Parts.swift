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
        guard Set(parts.map { AttemptName(of: $0.object.name) }).count == 1 else {
            return "lists parts of \(database.dumpName) that are of different attempts"
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
