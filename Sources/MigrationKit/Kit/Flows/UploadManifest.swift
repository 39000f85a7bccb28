internal import NIOCore

/// The last object of a snapshot: where `manifest.json` is, the snapshot is complete.
struct UploadManifest {
    let store: any ObjectStore
    let ledger: UploadLedger
    let onEvent: MigrationEventHandler

    /// - Returns: The manifest as it is in the bucket.
    /// - Throws: ``MigrationError`` if the store refuses it.
    func put(_ new: SnapshotManifest) async throws -> SnapshotManifest {
        var manifest = new
        let name = SnapshotManifest.name
        let notes = try await ledger.notes(for: name, source: SourceFingerprint(manifest), onEvent)
        // The same bytes as those that an earlier run may have sent already.
        manifest.createdAt = notes?.current.begun?.at ?? manifest.createdAt
        if notes?.current.finished == nil {
            let text = ByteBuffer(string: try JSONText.encode(manifest))
            let upload = ObjectUpload(stream: .once(text), notes: notes, onNotice: { onEvent(.warning($0)) })
            do {
                let object = try await store.putChecked(name, upload)
                try notes?.note(UploadNotes.Finished(object: object))
            } catch is UploadGone {
                throw UploadGone.error(name, store.location)
            }
        }
        let missing = new.missing.map(\.dumpName).joined(separator: ", ")
        onEvent(
            .notice(
                .init(
                    .manifestWritten,
                    missing.isEmpty
                        ? "manifest.json is in \(store.location): the snapshot is complete."
                        : store.isWriteOnce
                            ? "Wrote manifest.json to \(store.location), for a partial snapshot without \(missing)."
                            : "manifest.json is in \(store.location). Still to be uploaded: \(missing).",
                    ["location": .init(store.location), "missing": .init(new.missing.map(\.dumpName))])))
        return manifest
    }
}
