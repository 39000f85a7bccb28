internal import NIOCore
internal import SystemPackage

/// One dump on its way into a bucket, in one pass: read, rewritten, digested, perhaps split and compressed, put.
struct DumpUpload {
    let database: Database
    let path: FilePath
    /// What `databases --run` noted of it.
    let record: DumpRecord?
    let profile: RewriteProfile
    /// What it becomes.
    let form: DumpForm
    let store: any ObjectStore
    let ledger: UploadLedger
    let fingerprint: SourceFingerprint
    /// Whether the dump has to be Sourcegraph's; see ``DumpCompleteness``.
    let isOfInstance: Bool
    /// Why a dump is taken that has gaps; nil: it is refused.
    let acceptsIncomplete: String?
    let onEvent: MigrationEventHandler

    /// The dump, for messages.
    var name: String { form.name }
    var compresses: Bool { form.isCompressed }

    /// - Returns: The dump's entry in the manifest.
    /// - Throws: ``MigrationError`` if the dump is not what it has to be or the store refuses.
    func run() async throws -> SnapshotManifest.DatabaseEntry {
        let start = ContinuousClock.now
        let uploadedAt = JSONText.timestamp()
        onEvent(.started(name, total: FileIdentity(path: path)?.size))
        do {
            let (parts, contents) = try await send()
            let entry = SnapshotManifest.DatabaseEntry(
                database: database, uploadedAt: uploadedAt, profile: profile, parts: parts, contents: contents)
            if let warning = acceptance.warning(contents) {
                onEvent(.warning(warning))
            }
            let duration = ContinuousClock.now - start
            let number = parts.count > 1 ? " in \(parts.count) parts" : ""
            onEvent(
                .finished(
                    name,
                    summary: "\(Quantity.bytes(entry.size))\(number) in \(Quantity.duration(duration)), "
                        + "\(Quantity.rate(entry.size, in: duration)), "
                        + "\(contents.rewrites.count) statements commented out"
                )
            )
            return entry
        } catch let error as MigrationError {
            onEvent(.failed(name, error))
            throw error.naming(name)
        } catch is CancellationError where store.isWriteOnce {
            throw stopped
        } catch let error as Errno {
            let error = MigrationError(
                .failed, "\(path) cannot be read: \(error).",
                next: "Check the disk, then run the same command again.")
            onEvent(.failed(name, error))
            throw error
        }
    }

    /// What a run comes to that somebody has stopped, and that it was not for nothing.
    private var stopped: MigrationError {
        let states = ledger.names(of: database).filter(form.owns).compactMap(ledger.state)
        let stored = states.map(\.storedBytes).reduce(0, +)
        let isStream = states.contains { $0.session != nil && $0.finished == nil }
        let total = compresses ? nil : FileIdentity(path: path)?.size
        let amount = Quantity.bytes(stored) + (total.map { " of about \(Quantity.bytes($0))" } ?? "")
        return MigrationError(
            .interrupted,
            stored > 0 || !isStream
                ? "Stopped: \(amount) of \(name) are stored." : "Stopped in the middle of \(name).",
            next: "Run the same command to resume: what is stored is not sent again.")
    }

    private func send() async throws -> ([DumpPart], DumpContents) {
        var dropped: Set<String> = []
        while true {
            do { return try await sendOnce() } catch let gone as ObjectGone {
                guard dropped.insert(gone.name).inserted else { throw UploadGone.error(gone.name, store.location) }
                onEvent(
                    .warning(
                        .init(
                            .uploadRestarted, "\(gone.name): the store has dropped what was sent. Sending it again.",
                            ["name": .init(gone.name)])))
            }
        }
    }

    /// The store has dropped what was sent of an object; its notes begin again.
    private struct ObjectGone: Error { let name: String }

    private func sendOnce() async throws -> ([DumpPart], DumpContents) {
        let reader = try FileReader(path: path)
        if let size = form.splitSize { return try await sendParts(of: reader, size) }
        let notes = try await ledger.notes(for: name, source: fingerprint, onEvent)
        let file = try reader.unchangingStream.checkedForTrailer()
        if let record, profile == .none, !compresses { return try await sendAsItIs(file, reader, record, notes) }
        let progress = UploadProgress(name: name, countsSource: compresses, onEvent)
        let runner = runner(progress, refuses: .credentials)
        let rewritten = runner.stream(file)
        let upload = ObjectUpload(
            stream: compresses ? Gzip.compressed(rewritten) : progress.sampling(rewritten),
            expectedSize: FileIdentity(path: path)?.size, reread: compresses ? nil : runner.reread(reader),
            notes: notes,
            onProgress: progress.sent)
        let object = try await put(name, upload, ChecksumWatch())
        return ([.whole(object)], try await runner.finishedReport().contents)
    }

    /// The pass over the dump, which fails if the dump cannot be imported or is not the one that was noted.
    func runner(_ progress: UploadProgress, refuses: PassRunner.Refusing) -> PassRunner {
        PassRunner(profile: profile, name: name, refuses: refuses, onEvent: progress.passed) { report in
            try record?.check(size: report.bytes, crc32c: report.crc32c, name: "\(path)")
            try acceptance.check(report.refusals, report.tableInForeignZone, report.contents)
        }
    }

    /// A dump that nobody changes: that its bytes are those of which was noted what they hold says all.
    private func sendAsItIs(
        _ file: ByteStream, _ reader: FileReader, _ record: DumpRecord, _ notes: UploadNotes?
    ) async throws -> ([DumpPart], DumpContents) {
        try acceptance.check(record.refusals, record.tableInForeignZone, record.contents)
        let progress = UploadProgress(name: name, countsSource: false, onEvent)
        let watch = ChecksumWatch(takesSHA256: false)
        let upload = ObjectUpload(
            stream: progress.sampling(file), expectedSize: FileIdentity(path: path)?.size,
            reread: { reader.stream($0) }, notes: notes, onProgress: progress.sent)
        let object = try await put(name, upload, watch) { try record.check(size: $0, crc32c: $1, name: "\(path)") }
        return ([.whole(object)], record.contents)
    }

    /// Puts an object.
    ///
    /// - Parameter check: Looks at the size and the CRC32C of all of it before it is made.
    func put(
        _ name: String, _ upload: ObjectUpload, _ watch: ChecksumWatch,
        check: @escaping @Sendable (Int64, UInt32) throws -> Void = { _, _ in }
    ) async throws -> StoredObject {
        var upload = upload
        upload.stream = watch.watching(upload.stream, check: check)
        upload.onNotice = { onEvent(.warning($0)) }
        let status: ObjectStatus
        do { status = try await store.put(name, upload) } catch is UploadGone {
            try upload.notes?.startOver()
            throw ObjectGone(name: name)
        }
        guard status == (await watch.status) else { throw MigrationError.altered(name, in: store.location) }
        return await watch.object(named: name)
    }

    /// What the dump has to be.
    var acceptance: DumpAcceptance {
        DumpAcceptance(
            database: database, name: name, isOfInstance: isOfInstance, acceptsIncomplete: acceptsIncomplete)
    }
}
