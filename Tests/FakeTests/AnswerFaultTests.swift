import FakeGoogle
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

/// Answers that are late, torn, wrong or no answers, though nothing was wrong with the request.
@Suite(.timeLimit(.minutes(30))) struct AnswerFaultTests {
    @Test func checksumOfTheWholeIsToldWrongly() async throws {
        try await RawClient.with { fake, client in
            let bytes = TestBytes.varied(1000)
            for name in ["json", "xml"] {
                fake.fault(.finalChunk, of: "json", .wrongChecksum)
                fake.fault(.complete, of: "xml", .wrongChecksum)
                var told: String?
                if name == "json" {
                    let session = try await client.startSession("b", name)
                    told = try await client.put(session, "0-999/1000", bytes).json["crc32c"]?.string
                } else {
                    let upload = try await client.send(.POST, "/b/xml?uploads").element("UploadId")
                    let etag = try await client.part(1, "/b/xml", upload, bytes).header("etag")
                    let answer = try await client.complete("/b/xml", upload, [(1, etag)])
                    told = answer.header("x-goog-hash").map { String($0.dropFirst(7)) }
                }
                let object = try #require(fake.object("b", name))
                #expect(object.bytes == bytes && object.crc32c == FakeChecksum.of(bytes))
                #expect(told != nil && told != FakeChecksum.text(object.crc32c))
            }
        }
    }

    @Test(arguments: [408, 429, 500, 502, 503, 504])
    func outageIsToldAsGoogleDoes(status: Int) async throws {
        try await RawClient.with { fake, client in
            fake.fault(.startSession, .status(status))
            fake.fault(.startMultipart, .status(status))
            let json = try await client.send(.POST, "/upload/storage/v1/b/b/o?uploadType=resumable&name=o")
            let xml = try await client.send(.POST, "/b/o?uploads")
            #expect(json.status == status && xml.status == status)
            if status == 502 || status == 504 {
                #expect(json.body.hasPrefix("<!DOCTYPE html>") && xml.body == json.body)
            } else {
                #expect(json.json["error"]?["code"] == .integer(Int64(status)) && xml.element("Code") != nil)
            }
            #expect(fake.openSessions == [] && fake.openUploads == [] && fake.violations == [])
        }
    }

    @Test func answerIsTorn() async throws {
        var options = FakeGoogleStorage.Options()
        options.permissions = FakeGoogleStorage.Options.objectViewer
        try await RawClient.with(options) { fake, client in
            fake.add("b", "o", TestBytes.varied(100_000))
            fake.fault(.media, .tornAnswer(afterBytes: 50_000))
            await #expect(throws: (any Error).self) {
                _ = try await client.send(.GET, "/storage/v1/b/b/o/o?alt=media")
            }
            let again = try await client.send(.GET, "/storage/v1/b/b/o/o?alt=media")
            #expect(again.status == 200)
            #expect(fake.requests.map(\.fault) == [.tornAnswer(afterBytes: 50_000), nil])
        }
    }

    @Test func connectionIsAsSlowAsTold() async throws {
        var options = FakeGoogleStorage.Options()
        (options.latency, options.bytesPerSecond) = (.milliseconds(100), 1_000_000)
        try await RawClient.with(options) { fake, client in
            let clock = ContinuousClock()
            let upload = try await client.send(.POST, "/b/o?uploads").element("UploadId")
            let part = TestBytes.varied(200_000)
            let time = try await clock.measure { _ = try await client.part(1, "/b/o", upload, part) }
            #expect(time >= .milliseconds(300))
        }
    }
}
