/// What a part of a dump that is in a database has noted there of itself, in the transaction that loaded it.
package struct PartNote: Sendable, Hashable, Decodable {
    /// The name of its object.
    package var name: String
    /// Which object of this name it was; nil, as all that follows: a manifest has told what it has to be.
    package var generation: String?
    /// Bytes.
    package var size: Int64?
    /// CRC32C, in base64.
    package var crc32c: String?
    /// SHA-256.
    package var sha256: String?

    private static let table = "\(SplitText.schema).parts"

    /// Makes the table of the notes.
    static let room =
        "CREATE TABLE \(table) (name text PRIMARY KEY, generation text, size bigint, crc32c text, sha256 text)"

    /// Notes more than the name of a part that is noted already.
    var statement: String {
        func literal(_ text: String?) -> String { text?.quotedAsLiteral ?? "NULL" }
        return "\nUPDATE \(Self.table) SET generation = \(literal(generation)), "
            + "size = \(size.map(String.init) ?? "NULL"), crc32c = \(literal(crc32c)), sha256 = \(literal(sha256)) "
            + "WHERE name = \(name.quotedAsLiteral);"
    }
}

extension PartNote {
    /// - Parameters:
    ///   - object: What was loaded.
    ///   - version: Which of the objects of its name that is.
    init(of object: StoredObject, _ version: ObjectVersion) {
        self.init(
            name: object.name, generation: version.generation, size: object.size, crc32c: object.crc32c,
            sha256: object.sha256)
    }

    /// What speaks against the part being the one that a manifest names; nil: nothing.
    func flaw(_ parts: [DumpPart], _ version: ObjectVersion?) -> String? {
        guard let part = parts.first(where: { $0.object.name == name }) else {
            return "\(name) was loaded, and manifest.json does not name it."
        }
        guard let size, let crc32c, let generation,
            part.object.isSame(as: StoredObject(name: name, size: size, crc32c: crc32c, sha256: sha256))
        else { return "\(name) was loaded with other bytes than manifest.json names." }
        return version?.generation == generation ? nil : "\(name) was replaced in the bucket after it was loaded."
    }
}
