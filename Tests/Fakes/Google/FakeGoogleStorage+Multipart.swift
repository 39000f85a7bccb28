package import FakeServer
import Foundation
package import NIOCore
import NIOHTTP1

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// Multipart uploads, as the XML API has them.
extension FakeGoogleStorage {
    package struct MultipartUpload: Sendable {
        package struct Part: Sendable {
            package var etag: String
            package var bytes: ByteBuffer
            package var crc32c: UInt32
        }

        package let name: ObjectName
        package var contentType: String?
        package var parts: [Int: Part] = [:]
    }

    private static let namespace = "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\""

    package func startMultipart(_ exchange: Exchange, _ state: inout State) -> FakeResponse {
        let request = exchange.request
        guard !request.object.isEmpty, exchange.body.readableBytes == 0 else {
            state.record.violations.append("\(request.target): an upload without a name, or with a body")
            return Self.failure(400, "invalid", "Invalid argument.", request)
        }
        let id = UUID().uuidString
        state.uploads[id] = MultipartUpload(
            name: ObjectName(bucket: request.bucket, name: request.object),
            contentType: request.headers.first(name: "content-type"))
        return .xml(
            body: "<InitiateMultipartUploadResult \(Self.namespace)><Bucket>\(request.bucket)</Bucket>"
                + "<Key>\(Self.escaped(request.object))</Key><UploadId>\(id)</UploadId></InitiateMultipartUploadResult>"
        )
    }

    package func continueMultipart(_ exchange: Exchange, _ state: inout State) -> FakeResponse {
        let request = exchange.request
        let name = ObjectName(bucket: request.bucket, name: request.object)
        guard let id = request.uploadID, let upload = state.uploads[id], upload.name == name else {
            return Self.failure(404, "notFound", "The requested upload was not found.", request, "NoSuchUpload")
        }
        switch request.operation {
        case .part(let number): return take(number, of: id, exchange, &state)
        case .complete: return complete(id, upload, exchange, &state)
        case .abort:
            state.uploads[id] = nil
            return FakeResponse(status: 204)
        default: return listParts(id, upload, request)
        }
    }

    private func take(_ number: Int, of id: String, _ exchange: Exchange, _ state: inout State) -> FakeResponse {
        let request = exchange.request
        guard (1...10_000).contains(number) else {
            state.record.violations.append("\(request.target): part numbers go from 1 to 10000")
            return Self.failure(400, "invalid", "Part number must be between 1 and 10000.", request)
        }
        let calculated = FakeChecksum.text(exchange.checksum.value)
        if let wanted = Self.wantedChecksum(request), wanted != calculated {
            let message = "Provided CRC32C \"\(wanted)\" doesn't match calculated CRC32C \"\(calculated)\"."
            return Self.failure(400, "invalid", message, request, "BadDigest")
        }
        // Sent again, the part is another one.
        let etag = "\"\(UUID().uuidString.lowercased())\""
        state.uploads[id]?.parts[number] = MultipartUpload.Part(
            etag: etag, bytes: exchange.body, crc32c: exchange.checksum.value)
        return FakeResponse(
            status: 200, headers: ["ETag": etag, "x-goog-hash": "crc32c=\(exchange.told(exchange.checksum.value))"])
    }

    private func listParts(_ id: String, _ upload: MultipartUpload, _ request: FakeRequest) -> FakeResponse {
        let marker = request.query("part-number-marker").flatMap { Int($0) } ?? 0
        let most = min(options.pageSize, request.query("max-parts").flatMap { Int($0) } ?? 1000)
        let left = upload.parts.keys.filter { $0 > marker }.sorted()
        let page = left.prefix(most)
        var xml =
            "<ListPartsResult \(Self.namespace)><Bucket>\(request.bucket)</Bucket>"
            + "<Key>\(Self.escaped(request.object))</Key><UploadId>\(id)</UploadId>"
            + "<PartNumberMarker>\(marker)</PartNumberMarker><MaxParts>\(most)</MaxParts>"
            + "<IsTruncated>\(page.count < left.count)</IsTruncated>"
        if let last = page.last { xml += "<NextPartNumberMarker>\(last)</NextPartNumberMarker>" }
        for number in page {
            guard let part = upload.parts[number] else { continue }
            xml +=
                "<Part><PartNumber>\(number)</PartNumber><LastModified>2026-01-02T03:04:05.678Z</LastModified>"
                + "<ETag>\(Self.escaped(part.etag))</ETag><Size>\(part.bytes.readableBytes)</Size></Part>"
        }
        return .xml(body: xml + "</ListPartsResult>")
    }

    private func complete(
        _ id: String, _ upload: MultipartUpload, _ exchange: Exchange, _ state: inout State
    ) -> FakeResponse {
        let request = exchange.request
        func refused(_ code: String, _ message: String) -> FakeResponse {
            Self.failure(400, "invalid", message, request, code)
        }
        guard let listed = PartList.parse(exchange.body), !listed.isEmpty else {
            state.record.violations.append("\(request.target): the list of parts is not as it has to be")
            return refused("MalformedXML", "The XML you provided was not well-formed or did not validate.")
        }
        guard zip(listed, listed.dropFirst()).allSatisfy({ $0.number < $1.number }) else {
            return refused("InvalidPartOrder", "The list of parts was not in ascending order.")
        }
        var (bytes, checksum) = (ByteBuffer(), FakeChecksum())
        for (index, entry) in listed.enumerated() {
            guard let part = upload.parts[entry.number], part.etag == entry.etag || part.etag == "\"\(entry.etag)\""
            else {
                return refused("InvalidPart", "One or more of the specified parts could not be found.")
            }
            if index < listed.count - 1, part.bytes.readableBytes < options.minimumPartSize {
                return refused(
                    "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed object size.")
            }
            bytes.writeImmutableBuffer(part.bytes)
            checksum.update(part.bytes)
        }
        // Preconditions do not hold here: nothing but a missing right keeps an object from being replaced.
        if let refused = objection(to: upload.name, ifGenerationMatch: nil, exchange, state) { return refused }
        state.uploads[id] = nil
        let object = state.store(bytes, checksum.value, as: upload.name, type: upload.contentType)
        return .xml(
            200,
            [
                "x-goog-hash": "crc32c=\(exchange.told(object.crc32c))",
                "x-goog-generation": String(object.generation),
            ],
            body: "<CompleteMultipartUploadResult \(Self.namespace)><Location>\(endpoint)\(request.path)</Location>"
                + "<Bucket>\(request.bucket)</Bucket><Key>\(Self.escaped(request.object))</Key>"
                + "<ETag>&quot;\(UUID().uuidString)&quot;</ETag></CompleteMultipartUploadResult>")
    }
}

/// The body of the request that completes an upload.
private final class PartList: NSObject, XMLParserDelegate {
    private var parts: [(number: Int, etag: String)] = []
    private var path: [String] = []
    private var text = ""
    private var number: Int?
    private var etag: String?
    private var isValid = true

    /// The parts, in the order in which they are listed; nil if it is no such list.
    static func parse(_ body: ByteBuffer) -> [(number: Int, etag: String)]? {
        let list = PartList()
        let parser = XMLParser(data: Data(body.readableBytesView))
        parser.delegate = list
        return parser.parse() && list.isValid ? list.parts : nil
    }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) {
        path.append(name)
        text = ""
        let known = [
            ["CompleteMultipartUpload"], ["CompleteMultipartUpload", "Part"],
            ["CompleteMultipartUpload", "Part", "PartNumber"], ["CompleteMultipartUpload", "Part", "ETag"],
        ]
        if !known.contains(path) { isValid = false }
        if name == "Part" { (number, etag) = (nil, nil) }
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }

    func parser(
        _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
    ) {
        path.removeLast()
        switch name {
        case "PartNumber": number = Int(text)
        case "ETag": etag = text
        case "Part":
            if let number, let etag { parts.append((number, etag)) } else { isValid = false }
        default: break
        }
    }
}
