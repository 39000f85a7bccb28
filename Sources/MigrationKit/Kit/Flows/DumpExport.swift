internal import NIOCore
internal import SystemPackage

/// One database on its way from its server into a bucket, with no file between: read, rewritten, digested, split, perhaps
/// compressed, put.
struct DumpExport {
    let dumper: any DatabaseDumper
    let profile: RewriteProfile
    /// What it becomes.
    let form: DumpForm
    let store: any ObjectStore
    let acceptance: DumpAcceptance
    /// Where the dump is written, too; nil: nowhere.
    let copy: SnapshotFolder?
    /// The moment whose rows it holds.
    let instant: SnapshotInstant
    /// What the database takes on the server's disk.
    let databaseSize: Int64
    let onEvent: MigrationEventHandler

    private var name: String { form.database.rawValue }

    /// - Returns: The dump's entry in the manifest.
    /// - Throws: ``MigrationError`` if the dump is not what it has to be or the store refuses.
    func run() async throws -> SnapshotManifest.DatabaseEntry {
        let start = ContinuousClock.now
        let startedAt = JSONText.timestamp()
        onEvent(.started(name, total: databaseSize))
        do {
            let (parts, report) = try await dumper.withDump { dump in try await keepingCopy(of: dump, send) }
            let entry = SnapshotManifest.DatabaseEntry(
                database: form.database, uploadedAt: startedAt, profile: profile, parts: parts,
                contents: report.contents)
            if let warning = acceptance.warning(report.contents) {
                onEvent(.warning(warning))
            }
            let duration = ContinuousClock.now - start
            onEvent(
                .finished(
                    name,
                    summary: "\(Quantity.bytes(report.bytes)) in \(Quantity.duration(duration)), "
                        + "\(Quantity.rate(report.bytes, in: duration)), \(Quantity.count(report.contents.rows)) rows"))
            return entry
        } catch let error as MigrationError {
            onEvent(.failed(name, error))
            throw error.naming(name)
        }
    }

    private typealias Sent = (parts: [DumpPart], report: DumpReport)

    /// Writes the dump to a file as it passes, if that is wanted.
    private func keepingCopy(of dump: ByteStream, _ send: (ByteStream) async throws -> Sent) async throws -> Sent {
        guard let copy else { return try await send(dump) }
        let sent = try await AtomicFile.write(copy.path.appending(form.database.dumpName)) { file in
            let iterator = dump.makeAsyncIterator()
            let sent = try await send(
                ByteStream {
                    guard let chunk = try await iterator.next() else { return nil }
                    try await file.append(chunk)
                    return chunk
                })
            // What was noted of an older dump must not outlive it.
            try copy.removeRecord(of: form.database)
            return sent
        }
        var record = DumpRecord(sent.report)
        record.instant = instant
        let text = ByteBuffer(string: try JSONText.encode(record))
        try await AtomicFile.write(copy.record(of: form.database)) { try await $0.append(text) }
        return sent
    }

    private func send(_ dump: ByteStream) async throws -> Sent {
        let runner = PassRunner(
            profile: profile, name: name, refuses: form.splitSize == nil ? .credentials : .all, onEvent: onEvent
        ) { report in
            try acceptance.check(report.refusals, report.tableInForeignZone, report.contents)
        }
        let rewritten = runner.stream(dump)
        guard let size = form.splitSize else {
            let object = try await put(form.name, rewritten, expecting: databaseSize)
            return ([.whole(object)], try await runner.finishedReport())
        }
        return (try await sendParts(of: rewritten, size), try await runner.finishedReport())
    }

    /// While the store makes an object of what it has got, the next part is on its way already.
    private func sendParts(of dump: ByteStream, _ size: Int64) async throws -> [DumpPart] {
        let stream = SplitStream(dump, DumpSplitter(names: form.parts, size: size))
        return try await withThrowingTaskGroup(of: StoredObject.self) { group in
            var parts: [String: SplitPart] = [:]
            var objects: [StoredObject] = []
            while let part = try await stream.next() {
                if parts.count - objects.count == Self.partsAtOnce, let object = try await group.next() {
                    objects.append(object)
                }
                let text = Handover(limit: Self.handedOver)
                group.addTask {
                    do {
                        return try await put(part.name, text.stream, expecting: part.kind == .data ? size : nil)
                    } catch {
                        await text.end(.failure(error))
                        throw error
                    }
                }
                for try await chunk in stream.text { try await text.give(chunk) }
                await text.end(.success(()))
                parts[part.name] = await stream.part ?? part
            }
            for try await object in group { objects.append(object) }
            // They are called in the order in which they are imported, which is not that in which they come.
            return objects.sorted { $0.name < $1.name }.compactMap { object in
                parts[object.name].map { part in
                    DumpPart(
                        kind: part.kind, object: object, prologue: part.prologue.readableBytes,
                        epilogue: part.epilogue.readableBytes)
                }
            }
        }
    }

    private static let partsAtOnce = 2
    private static let handedOver = 1 << 20

    private func put(_ name: String, _ text: ByteStream, expecting size: Int64?) async throws -> StoredObject {
        let stream = form.isCompressed ? Gzip.compressed(text) : text
        return try await store.putChecked(
            name, ObjectUpload(stream: stream, expectedSize: size, onNotice: { onEvent(.warning($0)) }))
    }
}
