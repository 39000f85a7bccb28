package import FakeServer
import Foundation
import NIOCore
import NIOHTTP1
package import TestSupport

/// Objects that are there: what the operator's key may see.
extension FakeGoogleStorage {
    package func read(_ exchange: Exchange, _ state: inout State) -> FakeResponse {
        let request = exchange.request
        let name = ObjectName(bucket: request.bucket, name: request.object)
        let generation = request.query("generation").flatMap { Int64($0) }
        guard let object = state.objects[name], generation ?? object.generation == object.generation else {
            let message = "No such object: \(name.bucket)/\(name.name)"
            return Self.failure(404, "notFound", message, request, "NoSuchKey")
        }
        switch request.operation {
        case .delete:
            state.objects[name] = nil
            return FakeResponse(status: 204)
        case .metadata where request.isJSON: return .json(body: resource(name, object, exchange))
        default: return media(object, exchange)
        }
    }

    /// What the JSON API tells of an object.
    package func resource(_ name: ObjectName, _ object: StoredObject, _ exchange: Exchange) -> AnyJSON {
        let time = "2026-01-02T03:04:05.678Z"
        let path = name.name.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        var fields: [String: AnyJSON] = [
            "kind": "storage#object", "id": .string("\(name.bucket)/\(name.name)/\(object.generation)"),
            "selfLink": .string("\(endpoint)/storage/v1/b/\(name.bucket)/o/\(path)"),
            "mediaLink": .string("\(endpoint)/download/storage/v1/b/\(name.bucket)/o/\(path)?alt=media"),
            "name": .string(name.name), "bucket": .string(name.bucket), "metageneration": "1",
            "generation": .string(String(object.generation)), "size": .string(String(object.bytes.readableBytes)),
            "crc32c": .string(exchange.told(object.crc32c)), "etag": "CAE=", "storageClass": "STANDARD",
            "timeCreated": .string(time), "updated": .string(time), "timeStorageClassUpdated": .string(time),
        ]
        fields["contentType"] = object.contentType.map { .string($0) }
        fields["metadata"] = object.metadata
        return .object(fields)
    }

    private func media(_ object: StoredObject, _ exchange: Exchange) -> FakeResponse {
        let size = object.bytes.readableBytes
        var response = FakeResponse(
            status: 200,
            headers: [
                "Content-Type": object.contentType ?? "application/octet-stream", "Accept-Ranges": "bytes",
                "ETag": "\"CAE=\"", "x-goog-generation": String(object.generation), "x-goog-metageneration": "1",
                "x-goog-stored-content-length": String(size), "x-goog-hash": "crc32c=\(exchange.told(object.crc32c))",
            ], body: object.bytes)
        guard let range = exchange.request.headers.first(name: "range"),
            let match = range.wholeMatch(of: /bytes=(\d{0,18})-(\d{0,18})/), !(match.1.isEmpty && match.2.isEmpty)
        else { return response }
        let last = match.1.isEmpty ? size - 1 : min(size - 1, Int(match.2) ?? size - 1)
        let first = Int(match.1) ?? max(0, size - (Int(match.2) ?? 0))
        guard first <= last, let bytes = object.bytes.getSlice(at: first, length: last - first + 1) else {
            return Self.failure(
                416, "requestedRangeNotSatisfiable", "Request range not satisfiable", exchange.request, "InvalidRange"
            ).adding("Content-Range", "bytes */\(size)")
        }
        response.status = 206
        response.body = bytes
        return response.adding("Content-Range", "bytes \(first)-\(last)/\(size)")
    }

    /// A page of objects. Its token is the last name of the page before, made opaque.
    package func list(_ exchange: Exchange, _ state: State) -> FakeResponse {
        let request = exchange.request
        let prefix = request.query("prefix") ?? ""
        var after: String?
        if let token = request.query("pageToken") {
            guard let bytes = Data(base64Encoded: token) else {
                return Self.failure(400, "invalid", "Invalid argument.", request)
            }
            after = String(decoding: bytes, as: UTF8.self)
        }
        let start = after
        let names = state.objects.keys
            .filter { $0.bucket == request.bucket && $0.name.utf8.starts(with: prefix.utf8) }
            .map {
                request.query("delimiter") == "/" ? Self.firstFolder(of: $0.name, below: prefix) ?? $0.name : $0.name
            }
        // By bytes: names that look the same are others.
        let entries = names.filter { Self.isAfter($0, start) }.sorted { Self.isAfter($1, $0) }
            .reduce(into: [String]()) { if Self.isAfter($1, $0.last) { $0.append($1) } }
        let page = entries.prefix(min(options.pageSize, request.query("maxResults").flatMap { Int($0) } ?? 1000))
        var fields: [String: AnyJSON] = ["kind": "storage#objects"]
        let folders = page.filter { $0.hasSuffix("/") && state.objects[.init(bucket: request.bucket, name: $0)] == nil }
        if !folders.isEmpty { fields["prefixes"] = .array(folders.map { .string($0) }) }
        if page.count > folders.count {
            fields["items"] = .array(
                page.compactMap { entry in
                    let name = ObjectName(bucket: request.bucket, name: entry)
                    return state.objects[name].map { resource(name, $0, exchange) }
                })
        }
        // Whoever asks for some fields only, and not for the token, gets no token.
        if page.count < entries.count, let last = page.last, request.query("fields")?.contains("nextPageToken") != false
        {
            fields["nextPageToken"] = .string(Data(last.utf8).base64EncodedString())
        }
        return .json(body: .object(fields))
    }

    /// What stands before the next slash, with it; nil if there is none.
    private static func firstFolder(of name: String, below prefix: String) -> String? {
        let rest = name.utf8.dropFirst(prefix.utf8.count)
        return rest.firstIndex(of: UInt8(ascii: "/")).map { String(decoding: name.utf8[...$0], as: UTF8.self) }
    }

    /// Names are ordered by their bytes.
    private static func isAfter(_ name: String, _ other: String?) -> Bool {
        guard let other else { return true }
        return other.utf8.lexicographicallyPrecedes(name.utf8)
    }
}
