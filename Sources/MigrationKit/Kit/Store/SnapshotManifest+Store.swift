extension SnapshotManifest {
    /// More than the manifest of the largest instance takes.
    private static let sizeLimit = 256 << 20

    /// Reads a bucket's manifest.
    ///
    /// - Parameter store: The bucket.
    /// - Throws: ``MigrationError`` if there is none, or it is none that this version can read.
    public init(readFrom store: any ObjectStore) async throws {
        let bytes = try await store.read(Self.name, limit: Self.sizeLimit)
        let unreadable = MigrationError(
            .damagedSnapshot, "manifest.json in \(store.location) is not valid.",
            next: "Upload the snapshot again, or use the version of MigrationKit that wrote it."
        )
        // Of another format nothing else is known.
        guard let header = try? JSONText.decode(Header.self, from: bytes) else { throw unreadable }
        guard header.format == Self.currentFormat else {
            let author = header.createdBy.map { ": \($0.printable)" } ?? ""
            throw MigrationError(
                .damagedSnapshot,
                "manifest.json has format \(header.format); this version reads \(Self.currentFormat).",
                next: "Use the version of MigrationKit that wrote it\(author)."
            )
        }
        guard let manifest = try? JSONText.decode(SnapshotManifest.self, from: bytes) else { throw unreadable }
        self = manifest
        if let flaw {
            throw MigrationError(
                .damagedSnapshot, "manifest.json in \(store.location) \(flaw).", next: "Upload the snapshot again."
            )
        }
    }

    /// What speaks against it, as a sentence's end; nil: nothing.
    private var flaw: String? {
        if Set(databases.map(\.database)).count < databases.count { return "lists a database twice" }
        if let flaw = databases.lazy.compactMap(\.flaw).first { return flaw }
        var seen: Set<String> = []
        let objects = databases.flatMap { $0.parts.map(\.object) } + files
        return objects.first { !seen.insert($0.name).inserted }.map { "lists \($0.name) twice" }
    }

    private struct Header: Decodable {
        var format: Int
        var createdBy: String?
    }
}
