/// The release of Sourcegraph that a snapshot is of.
public enum DumpedRelease {
    /// Reads it off the manifest.
    ///
    /// - Parameter store: The bucket.
    /// - Returns: Nil where there is no manifest, or the dump does not tell.
    /// - Throws: ``MigrationError`` if the manifest cannot be read.
    public static func read(from store: any ObjectStore) async throws -> String? {
        guard try await store.list().contains(SnapshotManifest.name) else { return nil }
        return try await SnapshotManifest(readFrom: store).databases
            .first { $0.database == .primary }?.contents.sourcegraphVersion
    }
}
