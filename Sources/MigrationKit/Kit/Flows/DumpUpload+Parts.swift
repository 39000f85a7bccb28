internal import NIOCore

/// A dump that becomes several objects.
extension DumpUpload {
    /// Sends the parts one after the other, in one pass over the dump. Those that are in the bucket by an earlier run are
    /// not sent again, but have to be what the dump still gives.
    func sendParts(of reader: FileReader, _ size: Int64) async throws -> ([DumpPart], DumpContents) {
        let fileSize = try reader.identity().size
        try await checkBeforeParts(reader, fileSize)
        let progress = UploadProgress(name: name, countsSource: compresses, onEvent)
        let runner = runner(progress, refuses: .all)
        let dump = runner.stream(try reader.unchangingStream.checkedForTrailer())
        let stream = SplitStream(
            compresses ? dump : progress.sampling(dump), DumpSplitter(names: form.parts, size: size))
        let dumpAgain = runner.reread(reader)
        let reread: @Sendable (Range<Int64>) async throws -> ByteStream = { try await stream.reread($0, dumpAgain) }
        var parts: [DumpPart] = []
        var sent: Int64 = 0
        while let part = try await stream.next() {
            let before = sent
            let upload = ObjectUpload(
                stream: stream.text, expectedSize: part.kind == .data ? min(size, fileSize) : nil,
                reread: compresses ? nil : reread,
                onProgress: { progress.sent(before + $0) })
            let stored = try await send(part, upload, stream)
            sent += stored.object.size
            progress.sent(sent)
            parts.append(stored)
        }
        let contents = try await runner.finishedReport().contents
        guard contents.extensions == (await stream.extensions) else {
            throw MigrationError(
                .damagedSnapshot, "\(name) does not create extensions the way pg_dump does, so it cannot be split.",
                next: "Dump again with the printed command, or upload it without --split.")
        }
        // They are called in the order in which they are imported, which is not that in which they come.
        return (parts.sorted { $0.object.name < $1.object.name }, contents)
    }

    /// Parts stay in the bucket whatever is found behind them. So what can be known of the dump without reading all of it
    /// is looked at first.
    private func checkBeforeParts(_ reader: FileReader, _ size: Int64) async throws {
        if let record {
            try record.check(size: size, crc32c: record.crc32c, name: "\(path)")
            try acceptance.check(record.refusals, record.tableInForeignZone, record.contents)
        }
        var (head, tail) = (DumpFrame(), DumpFrame())
        try await reader.read(at: 0, atMost: DumpFrame.headSize)?.withUnsafeReadableBytes { try head.add($0) }
        try head.checkHead()
        let end = try await reader.read(at: max(0, size - Int64(DumpFrame.tailSize)), atMost: DumpFrame.tailSize)
        try end?.withUnsafeReadableBytes { try tail.add($0) }
        try tail.checkTail()
    }

    /// - Parameter upload: The part's text.
    private func send(_ part: SplitPart, _ upload: ObjectUpload, _ stream: SplitStream) async throws -> DumpPart {
        let watch = ChecksumWatch(takesSHA256: false)
        let text = watch.watching(upload.stream)
        let notes = try await ledger.notes(for: part.name, source: fingerprint, onEvent)
        if let noted = notes?.current.finished?.part {
            for try await _ in text {}
            guard await watch.status == ObjectStatus(size: noted.size, crc32c: noted.crc32c) else {
                throw ledger.cannotReplace(part.name, "\(path) has changed")
            }
            return noted.part
        }
        var upload = upload
        upload.stream = compresses ? Gzip.compressed(text) : text
        upload.notes = notes
        let object = try await put(part.name, upload, ChecksumWatch())
        let ended = await stream.part ?? part
        let sent = DumpPart(
            kind: ended.kind, object: object, prologue: ended.prologue.readableBytes,
            epilogue: ended.epilogue.readableBytes)
        let status = await watch.status
        try notes?.note(
            UploadNotes.Finished(
                object: object,
                part: UploadNotes.SentPart(part: sent, size: status.size, crc32c: status.crc32c ?? 0)))
        return sent
    }
}
