internal import NIOCore
internal import SystemPackage

/// One dump on its way into a bucket, in one pass: read, rewritten, digested, perhaps compressed, put.
struct DumpUpload {
    let database: Database
    let path: FilePath
    /// What `databases --run` noted of it.
    let record: DumpRecord?
    let profile: RewriteProfile
    let compresses: Bool
    /// The object's name.
    let name: String
    let store: any ObjectStore
    let notes: UploadNotes?
    let onEvent: MigrationEventHandler

    /// - Returns: The dump's entry in the manifest.
    /// - Throws: ``MigrationError`` if the dump is not what it has to be or the store refuses.
    func run() async throws -> SnapshotManifest.DatabaseEntry {
        let start = ContinuousClock.now
        let uploadedAt = JSONText.timestamp()
        onEvent(.started(name, total: FileIdentity(path: path)?.size))
        do {
            let (object, contents) = try await send()
            let duration = ContinuousClock.now - start
            onEvent(
                .finished(
                    name,
                    summary: "\(Quantity.bytes(object.size)) in \(Quantity.duration(duration)), "
                        + "\(Quantity.rate(object.size, in: duration)), "
                        + "\(contents.rewrites.count) statements commented out"
                )
            )
            return SnapshotManifest.DatabaseEntry(
                database: database, uploadedAt: uploadedAt, profile: profile, parts: [.whole(object)],
                contents: contents)
        } catch let error as MigrationError {
            onEvent(.failed(name, error))
            throw error.naming(name)
        } catch is CancellationError where store.isWriteOnce {
            throw stopped
        } catch let error as Errno {
            let error = MigrationError(
                .failed, "\(path) cannot be read: \(error).",
                next: "Look at the disk, then run the same command again.")
            onEvent(.failed(name, error))
            throw error
        }
    }

    /// What a run comes to that somebody has stopped, and that it was not for nothing.
    private var stopped: MigrationError {
        let stored = notes?.current.parts.values.reduce(0) { $0 + $1.size } ?? 0
        let total = compresses ? nil : FileIdentity(path: path)?.size
        let amount = Quantity.bytes(stored) + (total.map { " of about \(Quantity.bytes($0))" } ?? "")
        return MigrationError(
            .interrupted,
            notes?.current.session == nil
                ? "Stopped: \(amount) of \(name) are stored." : "Stopped in the middle of \(name).",
            next: "Run the same command to go on: what is stored is not sent again.")
    }

    private func send() async throws -> (StoredObject, DumpContents) {
        do {
            return try await sendOnce()
        } catch is UploadGone {
            onEvent(.warning("\(name): the store has dropped what was sent. It is sent anew."))
            try notes?.startOver()
            do { return try await sendOnce() } catch is UploadGone {
                throw UploadGone.error(name, store.location)
            }
        }
    }

    private func sendOnce() async throws -> (StoredObject, DumpContents) {
        let reader = try FileReader(path: path)
        let file = try reader.unchangingStream.checkedForTrailer()
        if let record, profile == .none, !compresses { return try await sendAsItIs(file, reader, record) }
        let progress = UploadProgress(name: name, countsSource: compresses, onEvent)
        let runner = PassRunner(profile: profile, name: name, refuses: false, onEvent: progress.passed) { report in
            try record?.check(size: report.bytes, crc32c: report.crc32c, name: "\(path)")
            try Self.check(report.refusals, report.tableInForeignZone, name: name)
        }
        let rewritten = runner.stream(file)
        let stream = compresses ? Gzip.compressed(rewritten) : progress.sampling(rewritten)
        let object = try await put(stream, again: compresses ? nil : runner.again(reader), ChecksumWatch(), progress)
        return (object, try await runner.finishedReport().contents)
    }

    /// A dump that nobody changes: that its bytes are those of which was noted what they hold says all.
    private func sendAsItIs(
        _ file: ByteStream, _ reader: FileReader, _ record: DumpRecord
    ) async throws -> (StoredObject, DumpContents) {
        try Self.check(record.refusals, record.tableInForeignZone, name: name)
        let progress = UploadProgress(name: name, countsSource: false, onEvent)
        let watch = ChecksumWatch(takesSHA256: false)
        let again = RewrittenFile(reader: reader, insertions: [])
        let object = try await put(
            progress.sampling(file), again: { again.stream($0) }, watch, progress,
            check: {
                try record.check(size: $0, crc32c: $1, name: "\(path)")
            })
        return (object, record.contents)
    }

    private func put(
        _ stream: ByteStream, again: (@Sendable (Range<Int64>) async throws -> ByteStream)?, _ watch: ChecksumWatch,
        _ progress: UploadProgress, check: @escaping @Sendable (Int64, UInt32) throws -> Void = { _, _ in }
    ) async throws -> StoredObject {
        let status = try await store.put(
            name,
            ObjectUpload(
                stream: watch.watching(stream, check: check), expectedSize: FileIdentity(path: path)?.size,
                again: again,
                notes: notes,
                onProgress: progress.sent, onNotice: { onEvent(.warning($0)) }))
        guard status == (await watch.status) else { throw Self.altered(name, store) }
        return await watch.object(named: name)
    }

    private static func check(_ refusals: [Refusal], _ tableInForeignZone: TableName?, name: String) throws {
        if !refusals.isEmpty { throw Refusal.error(refusals, in: name) }
        if let table = tableInForeignZone {
            throw MigrationError(
                .damagedSnapshot,
                "The times in \(name), table \(table), are not written in UTC, so nobody could prove that they arrived.",
                next:
                    "Dump again with PGTZ=UTC in the environment, as the commands of `src-snapshot databases` have it."
            )
        }
    }

    static func altered(_ name: String, _ store: any ObjectStore) -> MigrationError {
        MigrationError(
            .failed, "\(store.location) does not hold what was sent of \(name).",
            next: "Ask for it to be removed, then upload it again."
        )
    }
}
