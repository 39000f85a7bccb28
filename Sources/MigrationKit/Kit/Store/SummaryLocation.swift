internal import SystemPackage

/// Where an operator has a customer's `summary.json`: in a folder or a bucket, under whatever name.
package struct SummaryLocation: Sendable, Hashable {
    /// The folder or bucket.
    package let bucket: BucketLocation
    /// The name of the file or object; nil: that which the snapshot there has.
    package let name: String?

    /// A summary is a few kilobytes.
    private static let limit = 64 << 20

    /// Reads a place: a file or a folder of this machine, `file:///folder`, `gs://bucket/prefix`, or the file or object
    /// itself, `gs://bucket/prefix/summary.json`.
    ///
    /// - Throws: ``MigrationError`` with code `usage` if it is none of these.
    package init(_ text: String) throws {
        guard !text.isEmpty else { throw Self.notThere("--snapshot-summary is empty.") }
        let last = text.split(separator: "/").last.map(String.init) ?? ""
        if text.contains("://") {
            let isObject = last.hasSuffix(".json") && !text.hasSuffix("://\(last)")
            bucket = try BucketLocation(isObject ? String(text.dropLast(last.count + 1)) : text)
            name = isObject ? last : nil
        } else {
            let path = FilePath(text)
            guard let identity = FileIdentity(path: path) else { throw Self.notThere("\(path) does not exist.") }
            bucket = .folder(identity.isRegularFile ? path.folder : path)
            name = identity.isRegularFile ? last : nil
        }
    }

    /// Where a snapshot has it.
    package init(snapshot: BucketLocation) { (bucket, name) = (snapshot, nil) }

    /// Reads that of a snapshot: as it was uploaded, where a manifest tells.
    ///
    /// - Throws: ``MigrationError`` if there is none, or not the one that was uploaded.
    package static func inSnapshot(_ store: any ObjectStore) async throws -> SnapshotSummary {
        let names = try await store.list()
        let manifest = names.contains(SnapshotManifest.name) ? try await SnapshotManifest(readFrom: store) : nil
        let name = manifest == nil ? SnapshotSummary.name : manifest?.summary?.name
        guard let name, manifest != nil || names.contains(name) else {
            throw MigrationError(
                .unmetRequirement,
                "The snapshot in \(store.location) has no summary.json to compare the instance with.",
                next: "Have it created with `src-snapshot summary` and uploaded, or do without the test: "
                    + "`mi-migrate run --skip='test=REASON'`.")
        }
        guard names.contains(name) else { throw damaged(name, "is missing from \(store.location)") }
        return try await read(name, of: manifest, from: store)
    }

    private static func damaged(_ name: String, _ problem: String) -> MigrationError {
        MigrationError(.damagedSnapshot, "\(name) \(problem).", next: "Have it uploaded again.")
    }

    /// Reads the summary: as it was uploaded, where a manifest beside it tells.
    ///
    /// - Parameter store: The store at ``bucket``.
    /// - Throws: ``MigrationError`` if there is none, or what is there is none, or not the one that was uploaded.
    package func read(from store: any ObjectStore) async throws -> SnapshotSummary {
        guard let name else { return try await Self.inSnapshot(store) }
        guard AttemptName.plainName(of: name) == SnapshotSummary.name,
            try await store.status(of: SnapshotManifest.name) != nil
        else { return try await Self.read(name, of: nil, from: store) }
        return try await Self.read(name, of: try await SnapshotManifest(readFrom: store), from: store)
    }

    private static func read(
        _ name: String, of manifest: SnapshotManifest?, from store: any ObjectStore
    ) async throws -> SnapshotSummary {
        let bytes = try await store.read(name, limit: limit)
        if let uploaded = manifest?.files.first(where: { $0.name == name }) {
            var checksum = StreamChecksum()
            bytes.withUnsafeBytes { checksum.update($0) }
            guard uploaded.isSame(as: StoredObject(name: name, checksum)) else {
                throw damaged(name, "in \(store.location) is not what was uploaded: its checksums differ")
            }
        }
        return try SnapshotSummary(json: bytes, name: "\(name) in \(store.location)")
    }

    private static func notThere(_ message: String) -> MigrationError {
        MigrationError(
            .usage, message,
            next: "Set it to the customer's summary: --snapshot-summary=./summary.json, or gs://BUCKET/summary.json.")
    }
}
