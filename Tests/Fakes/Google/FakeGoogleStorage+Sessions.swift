package import FakeServer
import Foundation
package import NIOCore
import NIOHTTP1
package import TestSupport

/// Resumable uploads, as the JSON API has them.
extension FakeGoogleStorage {
    package struct Session: Sendable {
        package enum Stage: Sendable {
            case open
            case done(StoredObject)
            case cancelled
            /// With this status: 410 when younger than a week, 404 when older.
            case gone(Int)
        }

        package let name: ObjectName
        /// Path and query that were handed out.
        package let target: String
        /// What the object's checksum has to be, in Google's words.
        package var crc32c: String?
        package var ifGenerationMatch: Int64?
        package var contentType: String?
        package var metadata: AnyJSON?
        package var total: Int64?
        package var stage = Stage.open
        package var pieces: [ByteBuffer] = []
        package var persisted: Int64 = 0
        package var checksum = FakeChecksum()

        package var isOpen: Bool { if case .open = stage { true } else { false } }
    }

    /// Google keeps whole multiples of this until the last chunk.
    package static let chunkUnit: Int64 = 256 * 1024

    package func startSession(_ exchange: Exchange, _ state: inout State) -> FakeResponse {
        let request = exchange.request
        let body = AnyJSON(parsing: exchange.body.readableBytesView) ?? [:]
        if let other = body["name"]?.string, !request.object.isEmpty, other != request.object {
            return Self.failure(400, "invalid", "Value '\(other)' in content does not agree with value.", request)
        }
        let name = ObjectName(bucket: request.bucket, name: body["name"]?.string ?? request.object)
        guard !name.name.isEmpty else { return Self.failure(400, "required", "Required", request) }
        let ifGenerationMatch = request.query("ifGenerationMatch").flatMap { Int64($0) }
        if options.checksGenerationAtStart,
            let refused = objection(to: name, ifGenerationMatch: ifGenerationMatch, exchange, state)
        {
            return refused
        }
        let id = UUID().uuidString
        let target = "\(request.target)&upload_id=\(id)"
        state.sessions[id] = Session(
            name: name, target: target, crc32c: body["crc32c"]?.string, ifGenerationMatch: ifGenerationMatch,
            contentType: body["contentType"]?.string ?? request.headers.first(name: "x-upload-content-type"),
            metadata: body["metadata"],
            total: request.headers.first(name: "x-upload-content-length").flatMap { Int64($0) })
        // By the name that it was asked by.
        let host = request.headers.first(name: "host") ?? authority
        return FakeResponse(
            status: 200, headers: ["Location": "\(options.scheme)://\(host)\(target)", "X-GUploader-UploadID": id])
    }

    package func cancelSession(_ exchange: Exchange, _ state: inout State) -> FakeResponse {
        guard let id = exchange.request.uploadID, state.sessions[id]?.isOpen == true else {
            return Self.failure(404, "notFound", "Not Found", exchange.request)
        }
        state.sessions[id]?.stage = .cancelled
        return FakeResponse(status: 499)
    }

    package func continueSession(_ exchange: Exchange, _ state: inout State) -> FakeResponse {
        let request = exchange.request
        guard let id = request.uploadID, let session = state.sessions[id] else {
            return Self.failure(404, "notFound", "Not Found", request)
        }
        if request.target != session.target {
            state.record.violations.append("\(request.target): not the session's URI")
        }
        switch session.stage {
        case .open: break
        case .done(let object): return .json(body: resource(session.name, object, exchange))
        case .cancelled: return FakeResponse(status: 499)
        case .gone(let status): return Self.failure(status, "notFound", "The upload is gone.", request)
        }
        let size = Int64(exchange.body.readableBytes)
        switch ContentRange(request.headers.first(name: "content-range")) {
        case .status(let total):
            if size > 0 { return broken("a status query with a body", request, &state) }
            return total == session.persisted ? finish(id, exchange, &state) : incomplete(id, exchange, state)
        case .none:
            return take(exchange, id, first: 0, total: size, &state)
        case .bytes(let first, let last, let total):
            if last - first + 1 != size { return broken("Content-Range and length differ", request, &state) }
            if let total, last >= total { return broken("Content-Range beyond its total", request, &state) }
            if let total, let told = session.total, total != told {
                return broken("another total than before", request, &state)
            }
            if let total { state.sessions[id]?.total = total }
            if total != last + 1, size % Self.chunkUnit != 0 {
                state.record.violations.append("\(session.name.name): a chunk of \(size) bytes that is not the last")
            }
            return take(exchange, id, first: first, total: total, &state)
        case .malformed:
            return broken("Content-Range", request, &state)
        }
    }

    private func broken(_ what: String, _ request: FakeRequest, _ state: inout State) -> FakeResponse {
        state.record.violations.append("\(request.method) \(request.target): \(what)")
        return Self.failure(400, "badRequest", "Failed to parse Content-Range header: \(what).", request)
    }

    private func take(
        _ exchange: Exchange, _ id: String, first: Int64, total: Int64?, _ state: inout State
    ) -> FakeResponse {
        guard first <= state.sessions[id]?.persisted ?? 0 else {
            let message = "Invalid request. The upload offset is \(first) byte(s), which have not all come."
            return Self.failure(503, "backendError", message, exchange.request)
        }
        var limit = Int64.max
        if case .persistOnly(let bytes) = exchange.fault { limit = bytes }
        if case .statusAfterPersisting(_, let bytes) = exchange.fault { limit = bytes }
        let end = first + min(limit, Int64(exchange.body.readableBytes))
        persist(exchange.body, id, from: first, to: end == total ? end : end / Self.chunkUnit * Self.chunkUnit, &state)
        if case .statusAfterPersisting(let status, _) = exchange.fault {
            return Self.outage(status, exchange.request)
        }
        return state.sessions[id]?.persisted == total
            ? finish(id, exchange, &state) : incomplete(id, exchange, state)
    }

    /// Appends what is not there yet.
    private func persist(_ body: ByteBuffer, _ id: String, from first: Int64, to end: Int64, _ state: inout State) {
        guard let there = state.sessions[id]?.persisted, end > there else { return }
        let skipped = Int(there - first)
        guard let new = body.getSlice(at: body.readerIndex + skipped, length: Int(end - there)) else { return }
        state.sessions[id]?.pieces.append(new)
        state.sessions[id]?.persisted = end
        state.sessions[id]?.checksum.update(new)
    }

    /// A chunk whose connection broke: what came of it stays.
    package func keepTornChunk(_ exchange: Exchange) {
        change { state in
            guard let id = exchange.request.uploadID, let session = state.sessions[id], session.isOpen else { return }
            var first: Int64 = 0
            switch ContentRange(exchange.request.headers.first(name: "content-range")) {
            case .bytes(let start, _, _): first = start
            case .none: break
            default: return
            }
            guard first <= session.persisted else { return }
            let end = (first + Int64(exchange.body.readableBytes)) / Self.chunkUnit * Self.chunkUnit
            persist(exchange.body, id, from: first, to: end, &state)
        }
    }

    private func incomplete(_ id: String, _ exchange: Exchange, _ state: State) -> FakeResponse {
        var headers: HTTPHeaders = [:]
        if let persisted = state.sessions[id]?.persisted, persisted > 0 {
            headers.add(name: "Range", value: "bytes=0-\(persisted - 1)")
        }
        guard exchange.request.headers.first(name: "x-guploader-no-308") != "yes" else {
            headers.add(name: "X-HTTP-Status-Code-Override", value: "308")
            return FakeResponse(status: 200, headers: headers)
        }
        return FakeResponse(status: 308, headers: headers)
    }

    private func finish(_ id: String, _ exchange: Exchange, _ state: inout State) -> FakeResponse {
        guard let session = state.sessions[id] else {
            return Self.failure(404, "notFound", "Not Found", exchange.request)
        }
        if let total = session.total, total != session.persisted {
            return broken("another total than before", exchange.request, &state)
        }
        if let refused = objection(to: session.name, ifGenerationMatch: session.ifGenerationMatch, exchange, state) {
            return refused
        }
        let calculated = FakeChecksum.text(session.checksum.value)
        for wanted in [session.crc32c, Self.wantedChecksum(exchange.request)] {
            guard let wanted, wanted != calculated else { continue }
            state.sessions[id]?.stage = .gone(410)
            let message = "Provided CRC32C \"\(wanted)\" doesn't match calculated CRC32C \"\(calculated)\"."
            return Self.failure(400, "invalid", message, exchange.request)
        }
        var bytes = ByteBuffer()
        for piece in session.pieces { bytes.writeImmutableBuffer(piece) }
        let object = state.store(
            bytes, session.checksum.value, as: session.name, type: session.contentType,
            metadata: session.metadata)
        state.sessions[id]?.stage = .done(object)
        return .json(body: resource(session.name, object, exchange))
            .adding("X-Goog-Hash", "crc32c=\(exchange.told(object.crc32c))")
    }

    /// The checksum in `X-Goog-Hash`, which may be said several times and hold several hashes.
    package static func wantedChecksum(_ request: FakeRequest) -> String? {
        request.headers[canonicalForm: "x-goog-hash"].first { $0.hasPrefix("crc32c=") }.map { String($0.dropFirst(7)) }
    }
}
