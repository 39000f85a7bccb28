/// What a snapshot tells of the instance that it is of.
struct DumpedRelease: Sendable {
    /// The release of Sourcegraph; nil where there is no manifest, or the dump does not tell.
    var release: String?
    /// Migrations of data that were not finished.
    var unfinished: [OutOfBandState] = []
    /// The databases that the instance does not have.
    var absent: [Database] = []
    /// Those that it has.
    var present: [Database] { Database.allCases.filter { !absent.contains($0) } }

    /// Reads it off the manifest.
    ///
    /// - Parameter store: The bucket.
    /// - Throws: ``MigrationError`` if the manifest cannot be read.
    static func read(from store: any ObjectStore) async throws -> DumpedRelease {
        guard try await store.list().contains(SnapshotManifest.name) else { return DumpedRelease() }
        let manifest = try await SnapshotManifest(readFrom: store)
        let contents = manifest.databases.first { $0.database == .primary }?.contents
        return DumpedRelease(
            release: contents?.sourcegraphVersion, unfinished: contents?.outOfBandMigrations ?? [],
            absent: manifest.absent ?? [])
    }
}

extension UpgradeInstance {
    /// Takes from a snapshot's manifest which release the dump is of and what it lacks. What it does not tell stays as it
    /// was set.
    ///
    /// - Parameter store: The bucket.
    /// - Throws: ``MigrationError`` if the manifest cannot be read.
    package mutating func readRelease(from store: any ObjectStore) async throws {
        let dumped = try await DumpedRelease.read(from: store)
        (dumpedRelease, unfinished) = (dumped.release ?? dumpedRelease, dumped.unfinished)
        databases.removeAll(where: dumped.absent.contains)
    }
}
