extension SnapshotManifest {
    /// More than the manifest of the largest instance takes.
    private static let sizeLimit = 256 << 20

    /// Reads a bucket's manifest.
    ///
    /// - Parameter store: The bucket.
    /// - Throws: ``MigrationError`` if there is none, or it is none that this version can read.
    public init(readFrom store: any ObjectStore) async throws {
        let bytes = try await store.read(Self.name, limit: Self.sizeLimit)
        do {
            self = try JSONText.decode(SnapshotManifest.self, from: bytes)
        } catch {
            throw MigrationError(
                .damagedSnapshot, "manifest.json in \(store.location) cannot be read.",
                next: "Upload the snapshot again, or use the version of MigrationKit that wrote it."
            )
        }
        guard format == Self.currentFormat else {
            throw MigrationError(
                .damagedSnapshot, "manifest.json has format \(format); this version reads \(Self.currentFormat).",
                next: "Use the version of MigrationKit that wrote it: \(createdBy.printable)."
            )
        }
        guard Set(databases.map(\.database)).count == databases.count else {
            throw MigrationError(
                .damagedSnapshot, "manifest.json in \(store.location) names a database twice.",
                next: "Upload the snapshot again."
            )
        }
    }
}
