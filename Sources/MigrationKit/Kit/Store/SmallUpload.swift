internal import MigrationKitFoundation
internal import NIOCore
internal import NIOHTTP1

extension GoogleCloudStorage {
    /// Makes a small object by one request that holds all of it, and only if there is no such object yet: what it is with
    /// the checksum, by which the store checks what has come before it makes anything, and then its bytes.
    ///
    /// A request whose answer was lost, or cannot be read, cannot be asked about, as a session can: who asks again is told
    /// that the object is there, and has to read it.
    ///
    /// Fact: <https://cloud.google.com/storage/docs/uploading-objects>, "JSON API multipart upload".
    func insert(_ name: String, _ bytes: ByteBuffer) async throws {
        let object = try object(name)
        var crc = CRC32C()
        bytes.withUnsafeReadableBytes { crc.update($0) }
        let sent = ObjectDescription(size: Int64(bytes.readableBytes), crc32c: crc.value)
        let (type, boundary) = (ObjectType.of(object), UUID().uuidString)
        let resource = try JSONText.encode(["contentType": type, "crc32c": crc.value.base64], pretty: false)
        var body = ByteBuffer(
            string: "--\(boundary)\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n\(resource)\r\n"
                + "--\(boundary)\r\nContent-Type: \(type)\r\n\r\n")
        body.writeImmutableBuffer(bytes)
        body.writeString("\r\n--\(boundary)--\r\n")
        let retry = Retry(options.retry)
        let stored: ObjectDescription = try await attempt("the upload of \(name)", name, retry) { [body] in
            try await client.send {
                client.request(
                    .POST,
                    try upload([("uploadType", "multipart"), ("name", object), ("ifGenerationMatch", "0")]),
                    headers: ["Content-Type": "multipart/related; boundary=\(boundary)"], body: .bytes(body))
            }.expecting(200, 201).json()
        }
        try check(name, stored, against: sent)
    }
}
