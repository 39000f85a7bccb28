internal import MigrationKitFoundation
internal import NIOCore
internal import NIOHTTP1

/// One large object, as an XML multipart upload: begun, or taken up where an earlier run has stopped; cut into parts that
/// are sent side by side; completed, and the store's checksum of the whole held against that of the parts.
///
/// Facts: <https://cloud.google.com/storage/docs/multipart-uploads>. Parts of 5 MiB and more but for the last, 10,000 at
/// most; no preconditions; what is not completed stays, and costs, until it is aborted.
struct MultipartUpload {
    private let store: GoogleCloudStorage
    private let name: String
    private let object: String
    private let upload: ObjectUpload
    private let retry: Retry
    private let meter: UploadMeter
    private var sizes: TransferSizes { store.options.sizes }

    static let partLimit = 10_000
    /// The store may take minutes to make an object of its parts.
    private static let completionLimit = Duration.seconds(15 * 60)

    init(_ store: GoogleCloudStorage, name: String, object: String, _ upload: ObjectUpload) {
        self.store = store
        self.name = name
        self.object = object
        self.upload = upload
        retry = Retry(store.options.retry, onNotice: upload.onNotice)
        meter = UploadMeter(upload.onProgress)
    }

    func run() async throws -> ObjectStatus {
        let (id, partSize, stored) = try await begin()
        let sender = PartSender(gate: store.gate, retry: retry) { [self] in try await send($0, id) }
        let parts = try await withTaskCancellationHandler {
            do {
                return try await cut(into: partSize, stored, sender)
            } catch {
                retry.stop()
                await sender.finish()
                throw await abandon(id, error, sender)
            }
        } onCancel: {
            retry.stop()
        }
        do { return try await complete(id, parts) } catch {
            if upload.notes == nil { await abort(id) }
            throw error
        }
    }

    // MARK: Beginning

    /// The upload's id, the size of its parts, and the parts that are stored already.
    private func begin() async throws -> (String, Int64, [Int: UploadNotes.Part]) {
        if let notes = upload.notes?.current, let id = notes.uploadID, let partSize = notes.begun?.partSize,
            partSize >= sizes.smallestPart
        {
            do { return (id, partSize, try await listParts(notes.parts, of: id)) } catch is UploadGone {
                if notes.isCompleting { return (id, partSize, notes.parts) }
            }
            upload.onNotice(
                MigrationNotice(
                    .uploadRestarted, "\(name): the store no longer has the earlier upload. Sending it again.",
                    ["name": .init(name)]))
            try upload.notes?.startOver()
        }
        let partSize = sizes.partSize(
            for: upload.expectedSize, chosen: store.options.partSize, isHeld: upload.reread == nil)
        let id = try await store.attempt("the upload of \(name)", name, retry) {
            let reply = try await store.client.send {
                store.client.request(
                    .POST, try store.xml(object, [("uploads", nil)]),
                    headers: ["Content-Type": ObjectType.of(object), "Content-Length": "0"])
            }
            // Only here: later on the stream has given bytes that could not be had again.
            if reply.status == 403, GoogleAPIError(reply).isMultipartRefusal { throw MultipartRefused() }
            guard let id = try reply.expectingXML("InitiateMultipartUploadResult")["UploadId"], !id.isEmpty else {
                throw TransientFailure("\(reply.host) started an upload without an upload ID")
            }
            return id
        }
        try upload.notes?.note(uploadID: id, partSize: partSize)
        return (id, partSize, [:])
    }

    /// Of the parts that are noted those that the store has, too.
    ///
    /// - Throws: ``UploadGone`` if it does not know the upload.
    private func listParts(_ noted: [Int: UploadNotes.Part], of id: String) async throws -> [Int: UploadNotes.Part] {
        var stored: [Int: UploadNotes.Part] = [:]
        var marker: String?
        repeat {
            let xml: XMLReply.Element? = try await store.attempt("the list of parts of \(name)", name, retry) {
                let query = [("uploadId", id)] + (marker.map { [("part-number-marker", $0)] } ?? [])
                let reply = try await store.client.send {
                    store.client.request(.GET, try store.xml(object, query))
                }
                return reply.status == 403 ? nil : try reply.expectingXML("ListPartsResult")
            }
            // Without the right to list, what was confirmed has to do: completing names every part's ETag.
            guard let xml else { return noted }
            for part in xml.children where part.name == "Part" {
                guard let number = part["PartNumber"].flatMap({ Int($0) }), let known = noted[number] else { continue }
                if known.etag == part["ETag"], String(known.size) == part["Size"] { stored[number] = known }
            }
            let next = xml["IsTruncated"] == "true" ? xml["NextPartNumberMarker"] : nil
            guard next == nil || Int(next ?? "") ?? 0 > Int(marker ?? "") ?? 0 else {
                throw store.endlessList("the parts of \(name)")
            }
            marker = next
        } while marker != nil
        return stored
    }

    // MARK: Parts

    private func cut(
        into partSize: Int64, _ stored: [Int: UploadNotes.Part], _ sender: PartSender
    ) async throws -> [UploadNotes.Part] {
        var cutter = PartCutter(partSize: partSize, reread: upload.reread, buffers: store.buffers)
        for try await chunk in upload.stream {
            var chunk = chunk
            while let part = cutter.next(from: &chunk) { try await take(part, stored, sender) }
            try Task.checkCancellation()
        }
        if let part = cutter.last() { try await take(part, stored, sender) }
        await sender.finish()
        try Task.checkCancellation()
        return try await sender.confirmed()
    }

    private func take(_ part: UploadPart, _ stored: [Int: UploadNotes.Part], _ sender: PartSender) async throws {
        guard part.number <= Self.partLimit else {
            throw MigrationError(
                .failed, "\(name) is longer than expected: more than \(Self.partLimit) parts.",
                next: "Choose larger parts, such as --part-size=256."
            )
        }
        if let known = stored[part.number], known.size == part.size, known.crc32c == part.crc32c {
            meter.stored(part)
            await sender.skip(known)
        } else {
            try await sender.send(part)
        }
    }

    /// Sends one part until it is stored.
    private func send(_ part: UploadPart, _ id: String) async throws -> UploadNotes.Part {
        let query = [("partNumber", String(part.number)), ("uploadId", id)]
        let crc = part.crc32c.base64
        var digestFailures = 0
        return try await store.attempt("part \(part.number) of \(name)", name, retry) {
            let reply = try await store.client.send(waitingWith: retry) {
                // Here, since a request that needs a new token is sent twice.
                meter.restart(part)
                return store.client.request(
                    .PUT, try store.xml(object, query), headers: ["X-Goog-Hash": "crc32c=\(crc)"],
                    body: .stream(
                        meter.watching(part, try await part.stream(), store.limit), count: part.size))
            }
            let digestErrors = ["BadDigest", "InvalidDigest", "CrcMismatch"]
            if reply.status == 400, digestFailures < 3, digestErrors.contains(GoogleAPIError(reply).reason) {
                // Altered on the way; or altered in the file, which whoever reads it finds out.
                digestFailures += 1
                throw TransientFailure("the data was damaged in transit")
            }
            let answer = try reply.expecting(200)
            guard let etag = answer["ETag"], !etag.isEmpty else {
                throw TransientFailure("\(answer.host) sent no ETag for what it stored")
            }
            guard answer.crc32c ?? part.crc32c == part.crc32c else {
                throw TransientFailure("the store's checksum differs from that of the data sent")
            }
            let stored = UploadNotes.Part(
                number: part.number, size: part.size, crc32c: part.crc32c, etag: etag)
            try upload.notes?.note(stored)
            meter.stored(part)
            return stored
        }
    }

    // MARK: The end

    private func complete(_ id: String, _ parts: [UploadNotes.Part]) async throws -> ObjectStatus {
        let size = parts.reduce(0) { $0 + $1.size }
        let crc = parts.reduce(UInt32(0)) { CRC32C.joined($0, $1.crc32c, count: $1.size) }
        let wasAsked = upload.notes?.current.isCompleting ?? false
        try upload.notes?.noteCompleting(size: size)
        let list = parts.map { part in
            "<Part><PartNumber>\(part.number)</PartNumber><ETag>\(part.etag.xmlEscaped)</ETag></Part>"
        }
        let body = ByteBuffer(string: "<CompleteMultipartUpload>\(list.joined())</CompleteMultipartUpload>")
        var attempts = 0
        let stored: UInt32? = try await store.attempt("the last step of \(name)", name, retry) {
            attempts += 1
            let reply = try await store.client.send {
                var request = store.client.request(
                    .POST, try store.xml(object, [("uploadId", id)]),
                    headers: ["Content-Type": "application/xml"], body: .bytes(body))
                request.stallLimit = Self.completionLimit
                return request
            }
            do {
                _ = try reply.expectingXML("CompleteMultipartUploadResult")
                // Not a difference: asked again, the store says whether the upload has become the object.
                guard let crc32c = reply.crc32c else {
                    throw TransientFailure("\(reply.host) sent no checksum of the new object")
                }
                return crc32c
            } catch let error as GoogleAPIError {
                if attempts > 1 || wasAsked, try await hasLanded(id, error) { return nil }
                try upload.notes?.noteRefused()
                throw error
            }
        }
        guard let stored else {
            upload.onNotice(
                MigrationNotice(
                    .responseLost,
                    "\(name): the response to the last step was lost, but the object exists. Check it with "
                        + "`src-snapshot verify`.", ["name": .init(name)]))
            return ObjectStatus(size: size, crc32c: crc)
        }
        // Else the next run would find the upload gone, and take that for success.
        if stored != crc { try upload.notes?.startOver() }
        try store.check(
            name, ObjectDescription(size: size, crc32c: stored), against: ObjectDescription(size: size, crc32c: crc))
        return ObjectStatus(size: size, crc32c: crc)
    }

    /// Whether the object was made by an earlier request for it, whose answer was lost. Nobody aborts an upload but its
    /// owner: what is gone after we asked for the object has become it.
    ///
    /// - Parameter error: What a later request was refused with: that there is no such upload, or that there is such an
    ///   object, which may be ours.
    private func hasLanded(_ id: String, _ error: GoogleAPIError) async throws -> Bool {
        if error.reason == "NoSuchUpload" { return true }
        guard error.saysObjectIsThere else { return false }
        do { _ = try await listParts([:], of: id) } catch is UploadGone { return true }
        return false
    }

    /// What a failed run leaves: what can go on stays; what cannot, or is of bytes that are no good, is taken away.
    private func abandon(_ id: String, _ error: any Error, _ sender: PartSender) async -> any Error {
        let failure = await sender.failure.flatMap { $0 is CancellationError ? nil : $0 }
        // A disk that could not be read says nothing of the bytes.
        let areBytesNoGood = failure == nil && error is MigrationError
        if areBytesNoGood || upload.notes == nil {
            await abort(id)
            try? upload.notes?.startOver()
        }
        return failure ?? error
    }

    /// Shielded: whoever has cancelled us wants nothing left behind all the same.
    private func abort(_ id: String) async {
        let (store, object) = (store, object)
        await Task { await store.abort(id, of: object) }.value
    }
}
