package import FakeServer
import Foundation
package import NIOCore
import NIOHTTP1
package import TestSupport

/// The body of an upload in one request: what the object is, and what it holds.
package struct RelatedParts {
    package var resource: AnyJSON
    package var bytes: ByteBuffer

    /// As RFC 2387 has it, and no more of it than Google describes: two parts, of which the first is JSON.
    package init?(_ exchange: Exchange) {
        let type = exchange.request.headers.first(name: "content-type") ?? ""
        guard let boundary = type.wholeMatch(of: /multipart\/related; boundary=([0-9A-Za-z-]+)/)?.1 else { return nil }
        let body = Data(exchange.body.readableBytesView)
        let ends = [
            Data("--\(boundary)\r\n".utf8), Data("\r\n--\(boundary)\r\n".utf8), Data("\r\n--\(boundary)--\r\n".utf8),
        ]
        guard let first = body.range(of: ends[0]), first.lowerBound == body.startIndex,
            let second = body.range(of: ends[1]), let last = body.range(of: ends[2]), last.upperBound == body.endIndex,
            let described = Self.content(body[first.upperBound..<second.lowerBound], type: "application/json"),
            let held = Self.content(body[second.upperBound..<last.lowerBound]),
            let resource = AnyJSON(parsing: described)
        else { return nil }
        (self.resource, bytes) = (resource, ByteBuffer(bytes: held))
    }

    /// What is behind a part's header, which has to name its type.
    private static func content(_ part: Data, type: String = "") -> Data? {
        guard let end = part.range(of: Data("\r\n\r\n".utf8)),
            String(decoding: part[..<end.lowerBound], as: UTF8.self).hasPrefix("Content-Type: \(type)")
        else { return nil }
        return part[end.upperBound...]
    }
}

extension FakeGoogleStorage {
    /// Makes an object of one request.
    package func insert(_ exchange: Exchange, _ state: inout State) -> FakeResponse {
        let request = exchange.request
        let name = ObjectName(bucket: request.bucket, name: request.object)
        guard let parts = RelatedParts(exchange), !name.name.isEmpty else {
            return Self.failure(400, "required", "Required", request)
        }
        let ifGenerationMatch = request.query("ifGenerationMatch").flatMap { Int64($0) }
        if let refused = objection(to: name, ifGenerationMatch: ifGenerationMatch, exchange, state) { return refused }
        var checksum = FakeChecksum()
        checksum.update(parts.bytes)
        let calculated = FakeChecksum.text(checksum.value)
        if let wanted = parts.resource["crc32c"]?.string, wanted != calculated {
            let message = "Provided CRC32C \"\(wanted)\" doesn't match calculated CRC32C \"\(calculated)\"."
            return Self.failure(400, "invalid", message, request)
        }
        let object = state.store(
            parts.bytes, checksum.value, as: name, type: parts.resource["contentType"]?.string,
            metadata: parts.resource["metadata"])
        return .json(body: resource(name, object, exchange))
    }
}
