import FakeGoogle
import MigrationKitBase
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

/// The fake keeps Google's rules, so that what is tested against it holds for Google.
@Suite(.timeLimit(.minutes(30))) struct FakeGoogleStorageTests {
    static let unit = 256 * 1024

    static func text(_ bytes: ByteBuffer) -> String { FakeChecksum.text(FakeChecksum.of(bytes)) }

    @Test func checksumIsTheOneOfTheStandardAndOfTheLibrary() {
        #expect(FakeChecksum.of(ByteBuffer(string: "123456789")) == 0xE306_9283)
        #expect(FakeChecksum.text(0xE306_9283) == "4waSgw==")
        let bytes = TestBytes.varied(10_007)
        // Wherever the bytes begin and end in a word of memory.
        for start in 0..<9 {
            for count in Array(0..<18) + [10_007 - start] {
                let slice = bytes.getSlice(at: start, length: count) ?? ByteBuffer()
                var library = CRC32C()
                slice.withUnsafeReadableBytes { library.update($0) }
                #expect(slice.readableBytes == count && FakeChecksum.of(slice) == library.value, "\(start) \(count)")
            }
        }
    }

    // MARK: Resumable uploads

    @Test func sessionKeepsWholeUnitsUntilItsLastChunk() async throws {
        try await RawClient.with { fake, client in
            let bytes = TestBytes.varied(2 * Self.unit + 100)
            let first = try #require(bytes.getSlice(at: 0, length: Self.unit + 10))
            let rest = try #require(bytes.getSlice(at: Self.unit, length: Self.unit + 100))
            let session = try await client.startSession("b", "a%2Fdump.sql", "&ifGenerationMatch=0")
            #expect(session?.hasPrefix(fake.endpoint + "/upload/storage/v1/b/b/o?") == true)

            let none = try await client.put(session, "*/*")
            #expect(none.status == 308 && none.header("range") == nil)
            let one = try await client.put(session, "0-\(first.readableBytes - 1)/*", first)
            #expect(one.status == 308 && one.header("range") == "bytes=0-\(Self.unit - 1)")
            #expect(fake.violations.count == 1, "\(fake.violations)")
            let gap = try await client.put(session, "\(Self.unit + 10)-\(Self.unit + 10)/*", ByteBuffer(string: "x"))
            #expect(gap.status == 503)

            let total = bytes.readableBytes
            let last = try await client.put(session, "\(Self.unit)-\(total - 1)/\(total)", rest, Self.text(bytes))
            #expect(last.status == 200)
            #expect(last.json["size"] == .string(String(total)) && last.json["crc32c"] == .string(Self.text(bytes)))
            #expect(fake.object("b", "a/dump.sql")?.bytes == bytes)
            let again = try await client.put(session, "*/*")
            #expect(again.status == 200 && again.json["generation"] == last.json["generation"])
            #expect(fake.openSessions == [])
        }
    }

    @Test func sessionWithAnotherChecksumMakesNoObject() async throws {
        try await RawClient.with { fake, client in
            let bytes = TestBytes.varied(1000)
            let session = try await client.startSession("b", "o", metadata: ["crc32c": "AAAAAA=="])
            let refused = try await client.put(session, "0-999/1000", bytes)
            #expect(refused.status == 400)
            let text = "Provided CRC32C \"AAAAAA==\" doesn't match calculated CRC32C \"\(Self.text(bytes))\"."
            #expect(refused.json["error"]?["message"] == .string(text))
            #expect(refused.json["error"]?["errors"]?.array?.first?["reason"] == "invalid")
            #expect(fake.object("b", "o") == nil)
            #expect(fake.violations == [])
        }
    }

    @Test func objectIsNeitherReplacedNorReadByWhoMayOnlyCreate() async throws {
        try await RawClient.with { fake, client in
            fake.add("b", "o", ByteBuffer(string: "there"))
            let guarded = try await client.startSession("b", "o", "&ifGenerationMatch=0")
            #expect(try await client.put(guarded, "*/0").status == 412)
            let plain = try await client.startSession("b", "o")
            let refused = try await client.put(plain, "*/0")
            #expect(refused.status == 403 && refused.body.contains("does not have storage.objects.delete access"))
            let upload = try await client.send(.POST, "/b/o?uploads").element("UploadId")
            let etag = try await client.part(1, "/b/o", upload, ByteBuffer(string: "new")).header("etag")
            let complete = try await client.complete("/b/o", upload, [(1, etag)])
            #expect(complete.status == 403 && complete.element("Code") == "AccessDenied")
            #expect(complete.element("Details")?.contains("storage.objects.delete") == true)
            #expect(fake.violations == [])
            #expect(try await client.send(.DELETE, "/b/o?uploadId=\(upload ?? "")").status == 204)

            for (method, target) in [
                ("GET", "/storage/v1/b/b/o/o"), ("GET", "/storage/v1/b/b/o/o?alt=media"), ("GET", "/storage/v1/b/b/o"),
                ("GET", "/storage/v1/b/b"), ("DELETE", "/storage/v1/b/b/o/o"), ("GET", "/b/o"), ("HEAD", "/b/o"),
            ] {
                #expect(try await client.send(.init(rawValue: method), target).status == 403)
            }
            #expect(fake.violations.count == 7, "\(fake.violations)")
            #expect(fake.object("b", "o")?.bytes == ByteBuffer(string: "there"))
        }
    }

    // MARK: Multipart uploads

    @Test func multipartUploadIsPutTogetherByPartNumber() async throws {
        var options = FakeGoogleStorage.Options()
        (options.minimumPartSize, options.pageSize) = (1000, 2)
        try await RawClient.with(options) { fake, client in
            let bytes = TestBytes.varied(2500)
            let parts = [0, 1000, 2000].compactMap { bytes.getSlice(at: $0, length: min(1000, 2500 - $0)) }
            let upload = try await client.send(.POST, "/b/a/dump.sql?uploads").element("UploadId")
            var etags: [String?] = [nil, nil, nil]
            for number in [3, 1, 2] {
                let answer = try await client.part(number, "/b/a/dump.sql", upload, parts[number - 1])
                #expect(answer.header("x-goog-hash") == "crc32c=\(Self.text(parts[number - 1]))")
                etags[number - 1] = answer.header("etag")
            }
            let bad = try await client.part(2, "/b/a/dump.sql", upload, parts[1], "AAAAAA==")
            #expect(bad.status == 400 && bad.element("Code") == "BadDigest")

            let page = try await client.send(.GET, "/b/a/dump.sql?uploadId=\(upload ?? "")")
            #expect(page.element("IsTruncated") == "true" && page.element("NextPartNumberMarker") == "2")
            let rest = try await client.send(.GET, "/b/a/dump.sql?part-number-marker=2&uploadId=\(upload ?? "")")
            #expect(rest.element("IsTruncated") == "false" && rest.element("PartNumber") == "3")

            let order = try await client.complete("/b/a/dump.sql", upload, [(2, etags[1]), (1, etags[0])])
            #expect(order.element("Code") == "InvalidPartOrder")
            let stranger = try await client.complete("/b/a/dump.sql", upload, [(1, etags[1])])
            #expect(stranger.element("Code") == "InvalidPart")
            let small = try await client.complete("/b/a/dump.sql", upload, [(3, etags[2]), (4, nil)])
            #expect(small.element("Code") == "EntityTooSmall")
            #expect(fake.object("b", "a/dump.sql") == nil)

            let whole = try await client.complete("/b/a/dump.sql", upload, (1...3).map { ($0, etags[$0 - 1]) })
            #expect(whole.status == 200 && whole.header("x-goog-hash") == "crc32c=\(Self.text(bytes))")
            #expect(fake.object("b", "a/dump.sql")?.bytes == bytes)
            let again = try await client.complete("/b/a/dump.sql", upload, [(1, etags[0])])
            #expect(again.status == 404 && again.element("Code") == "NoSuchUpload")
            #expect(fake.bytesReceived(part: 2, of: "a/dump.sql") == [1000, 1000])
            #expect(fake.violations == [])
        }
    }

    @Test func accountWithoutTheRightStartsNoMultipartUpload() async throws {
        var options = FakeGoogleStorage.Options()
        options.permissions.remove(.multipartCreate)
        try await RawClient.with(options) { fake, client in
            let refused = try await client.send(.POST, "/b/o?uploads")
            #expect(refused.status == 403 && refused.element("Code") == "AccessDenied")
            #expect(refused.element("Details")?.contains("storage.multipartUploads.create") == true)
            #expect(fake.violations == [])
        }
    }

    // MARK: One request

    private static func related(_ resource: String, _ bytes: String, boundary: String = "x") -> String {
        "--x\r\nContent-Type: application/json\r\n\r\n\(resource)\r\n--x\r\nContent-Type: text/plain\r\n\r\n"
            + "\(bytes)\r\n--\(boundary)--\r\n"
    }

    private static let insert = "/upload/storage/v1/b/b/o?uploadType=multipart&name=o&ifGenerationMatch=0"

    @Test func objectOfOneRequestIsThereOnce() async throws {
        try await RawClient.with { fake, client in
            let header: HTTPHeaders = ["Content-Type": "multipart/related; boundary=x"]
            let wrong = try await client.send(
                .POST, Self.insert, header, text: Self.related(#"{"crc32c": "AAAAAA=="}"#, "1"))
            #expect(wrong.status == 400 && wrong.body.contains("doesn't match calculated CRC32C"))
            let made = try await client.send(
                .POST, Self.insert, header, text: Self.related(#"{"crc32c": "kPWZ4w=="}"#, "1"))
            #expect(made.status == 200 && made.body.contains(#""size":"1""#), "\(made.body)")
            let again = try await client.send(.POST, Self.insert, header, text: Self.related("{}", "2"))
            #expect(again.status == 412)
            #expect(fake.object("b", "o").map { String(buffer: $0.bytes) } == "1" && fake.violations == [])
        }
    }

    @Test(arguments: [
        ("multipart/related; boundary=x", related("{}", "1", boundary: "y")), ("multipart/related; boundary=x", "{}"),
        ("application/json", related("{}", "1")), ("multipart/related; boundary=x", related("no JSON", "1")),
        ("multipart/related; boundary=x", related(#"{"size": 1}"#, "1")),
    ])
    func partsThatGoogleDoesNotDescribeAreRefused(type: String, body: String) async throws {
        try await RawClient.with { fake, client in
            let answer = try await client.send(.POST, Self.insert, ["Content-Type": type], text: body)
            #expect(answer.status == 400)
            #expect(fake.violations.count == 1 && fake.objectNames(in: "b") == [], "\(fake.violations)")
        }
    }

    // MARK: Google's description

    @Test(arguments: [
        ("/upload/storage/v1/b/b/o?uploadType=resumable&name=o&ifGenerationMatch=none", "{}"),
        ("/upload/storage/v1/b/b/o?uploadType=resumable&name=o&generationMatch=0", "{}"),
        ("/upload/storage/v1/b/b/o?uploadType=resumable&name=o&predefinedAcl=all", "{}"),
        ("/upload/storage/v1/b/b/o?uploadType=resumable&name=o", #"{"crc32": "AAAAAA=="}"#),
        ("/upload/storage/v1/b/b/o?uploadType=resumable&name=o", #"{"size": 5}"#),
        ("/upload/storage/v1/b/b/o?uploadType=resumable&name=o", #"{"metadata": {"rows": 5}}"#),
        ("/upload/storage/v1/b/b/o?uploadType=resumable&name=o", #"{"acl": {}}"#),
        ("/upload/storage/v1/b/b/o?uploadType=resumable&name=o", "name=o"),
        ("/upload/storage/v1/b/b/objects?uploadType=resumable&name=o", "{}"),
    ])
    func requestThatGoogleDoesNotDescribeIsRefused(target: String, body: String) async throws {
        try await RawClient.with { fake, client in
            let answer = try await client.send(.POST, target, ["Content-Type": "application/json"], text: body)
            #expect(answer.status == 400)
            #expect(fake.violations.count == 1, "\(fake.violations)")
            #expect(fake.requests.first?.body == body)
        }
    }
}
