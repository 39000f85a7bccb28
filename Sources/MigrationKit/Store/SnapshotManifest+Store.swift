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
            .damagedSnapshot, "manifest.json in \(store.location) cannot be read.",
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
        guard Set(databases.map(\.database)).count == databases.count else {
            throw MigrationError(
                .damagedSnapshot, "manifest.json in \(store.location) names a database twice.",
                next: "Upload the snapshot again."
            )
        }
    }

    private struct Header: Decodable {
        var format: Int
        var createdBy: String?
    }
}

extension ObjectStore {
    /// Reads a dump.
    ///
    /// - Returns: Its SQL, unpacked if it is compressed; and who takes the checksums of the object as it is stored.
    func dump(_ name: String) async throws -> (ByteStream, ChecksumWatch) {
        let watch = ChecksumWatch()
        let stored = watch.watching(try await get(name))
        return (name.hasSuffix(".gz") ? Gzip.decompressed(stored, name: name) : stored, watch)
    }
}
