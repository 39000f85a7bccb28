internal import MigrationKitFoundation
internal import NIOCore
internal import NIOHTTP1

/// One object as a JSON resumable upload: one stream, a piece after the other, and only if there is no such object yet.
///
/// Facts: <https://cloud.google.com/storage/docs/resumable-uploads>. Pieces but the last are multiples of 256 KiB; a
/// session lives for a week; the store may keep less of a piece than was sent, and says how much.
struct ResumableUpload {
    private let store: GoogleCloudStorage
    private let name: String
    private let object: String
    private let upload: ObjectUpload
    private let retry: Retry

    init(_ store: GoogleCloudStorage, name: String, object: String, _ upload: ObjectUpload) {
        self.store = store
        self.name = name
        self.object = object
        self.upload = upload
        retry = Retry(store.options.retry, onNotice: upload.onNotice)
    }

    /// Where the upload stands, by the store's last answer.
    private enum Standing {
        /// So many bytes are stored.
        case open(Int64)
        /// The object is made, and this is what the store says of it.
        case done(ObjectDescription)
    }

    func run() async throws -> ObjectStatus {
        var (piece, crc, offset) = (ByteBuffer(), CRC32C(), Int64(0))
        let source = upload.stream.makeAsyncIterator()
        var (session, standing) = try await begin()
        let pieceSize = store.options.sizes.piece
        while let chunk = try await source.next() {
            chunk.withUnsafeReadableBytes { crc.update($0) }
            piece.writeImmutableBuffer(chunk)
            // The last piece is sent with the checksum of the whole: one is not the last when more than it has come.
            while piece.readableBytes > pieceSize, let full = piece.readSlice(length: pieceSize) {
                try await send(full, at: offset, total: nil, session, &standing)
                offset += Int64(full.readableBytes)
            }
            piece.discardReadBytes()
            try Task.checkCancellation()
        }
        try Task.checkCancellation()
        let sent = ObjectDescription(size: offset + Int64(piece.readableBytes), crc32c: crc.value)
        try await send(piece, at: offset, total: sent, session, &standing)
        guard case .done(let stored) = standing else { throw UploadGone() }
        try check(stored, sent)
        upload.onProgress(sent.size)
        return ObjectStatus(size: sent.size, crc32c: sent.crc32c)
    }

    // MARK: The session

    /// The session's address, and where it stands.
    private func begin() async throws -> (URL, Standing) {
        if let noted = upload.notes?.current.session.flatMap({ URL(string: $0) }), store.client.isOwn(noted) {
            do {
                let now = try await store.attempt("the upload of \(name)", name, retry) {
                    // Whatever is wrong with a session of an earlier run: there is another to be had.
                    do { return try await standing(of: noted) } catch is GoogleAPIError { throw UploadGone() }
                }
                return (noted, now)
            } catch is UploadGone {
                upload.onNotice(
                    MigrationNotice(
                        .uploadRestarted, "\(name): the store no longer has the earlier upload. Sending it again.",
                        ["name": .init(name)]))
                try upload.notes?.startOver()
            }
        }
        let type = ObjectType.of(object)
        let reply = try await store.attempt("the upload of \(name)", name, retry) {
            try await store.client.send {
                store.client.request(
                    .POST,
                    try store.upload([
                        ("uploadType", "resumable"), ("name", object), ("ifGenerationMatch", "0"),
                    ]),
                    headers: ["Content-Type": "application/json; charset=UTF-8", "X-Upload-Content-Type": type],
                    body: .bytes(ByteBuffer(string: try JSONText.encode(["contentType": type], pretty: false)))
                )
            }.expecting(200, 201)
        }
        guard let session = reply["Location"].flatMap({ URL(string: $0) }), store.client.isOwn(session) else {
            throw MigrationError(
                .failed, "\(reply.host) started the upload of \(name) on another host.",
                next: "Check for a proxy between this machine and the store.")
        }
        try upload.notes?.note(session: session.absoluteString)
        return (session, .open(0))
    }

    private func standing(of session: URL) async throws -> Standing {
        let reply = try await store.client.sendUnauthorized {
            store.client.request(.PUT, session, headers: ["Content-Range": "bytes */*", "Content-Length": "0"])
        }
        return try standing(by: reply)
    }

    private func standing(by reply: HTTPReply) throws -> Standing {
        switch reply.status {
        // Where that cannot be read the session is asked, which gives the same answer for as long as it lives.
        case 200, 201: return .done(try reply.json())
        case 308:
            guard let range = reply["Range"] else { return .open(0) }
            guard range.hasPrefix("bytes=0-"), let last = Int64(range.dropFirst("bytes=0-".count)), last >= 0 else {
                throw MigrationError(
                    .failed, "\(reply.host) reported an invalid range of \(name): `\(range.printable)`.",
                    next: "Run the same command again; if that does not help, ask whoever owns the bucket.")
            }
            return .open(last + 1)
        case 404, 410, 499: throw UploadGone()
        default:
            let error = GoogleAPIError(reply)
            throw error.isTransient ? error.asTransientFailure : error
        }
    }

    // MARK: Pieces

    /// Sends a piece until the store has all of it; what it has already is not sent.
    ///
    /// - Parameters:
    ///   - total: Size and checksum of the whole, with the last piece.
    ///   - standing: Where the upload stands.
    private func send(
        _ piece: ByteBuffer, at offset: Int64, total: ObjectDescription?, _ session: URL, _ standing: inout Standing
    ) async throws {
        let end = offset + Int64(piece.readableBytes)
        var (isKnown, now) = (true, standing)
        try await store.attempt("\(name) from byte \(offset)", name, retry) {
            // After a failure nobody knows how much was stored: ask, rather than send into the dark.
            if !isKnown { now = try await self.standing(of: session) }
            while case .open(let stored) = now, stored < end || total != nil {
                guard (offset...end).contains(stored) else { throw UploadGone() }
                isKnown = false
                await store.gate.enter()
                let reply: HTTPReply
                do { reply = try await put(piece, at: offset, from: stored, total, session) } catch {
                    await store.gate.leave()
                    throw error
                }
                await store.gate.leave()
                // What it has is not what it was to get, and would be refused the next time as well.
                if reply.status == 400 { try upload.notes?.startOver() }
                now = try self.standing(by: reply)
                isKnown = true
                guard case .open(let next) = now else { return }
                guard next > stored else { throw TransientFailure("the store does not keep the data that it is sent") }
                retry.madeProgress()
                upload.onProgress(next)
            }
        }
        standing = now
    }

    private func put(
        _ piece: ByteBuffer, at offset: Int64, from stored: Int64, _ total: ObjectDescription?, _ session: URL
    ) async throws -> HTTPReply {
        let end = offset + Int64(piece.readableBytes)
        var rest = piece
        rest.moveReaderIndex(forwardBy: Int(stored - offset))
        var headers: HTTPHeaders = ["Content-Length": String(rest.readableBytes)]
        let range = rest.readableBytes > 0 ? "\(stored)-\(end - 1)" : "*"
        headers.add(name: "Content-Range", value: "bytes \(range)/\(total.map { String($0.size) } ?? "*")")
        if let crc = total?.crc32c { headers.add(name: "X-Goog-Hash", value: "crc32c=\(crc.base64)") }
        let limit = store.limit
        return try await store.client.sendUnauthorized {
            let chunks = ChunkQueue(rest.pieces(of: ByteBuffer.chunkSize))
            var request = store.client.request(.PUT, session, headers: headers)
            request.body = .stream(
                ByteStream {
                    guard let chunk = chunks.next() else { return nil }
                    try await limit?.take(chunk.readableBytes)
                    return chunk
                }, count: Int64(rest.readableBytes))
            return request
        }
    }

    /// The object is what was sent only if the store says so: its size, and its checksum.
    private func check(_ stored: ObjectDescription, _ sent: ObjectDescription) throws {
        // Else the next run would ask a session that is over, and not whether the object was removed.
        if stored != sent { try upload.notes?.startOver() }
        try store.check(name, stored, against: sent)
    }
}
