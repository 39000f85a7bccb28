import FakeGoogle
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

/// What a test wants to go wrong goes wrong as it does at Google's, once, and then no more.
@Suite(.timeLimit(.minutes(30))) struct FaultTests {
    private static let unit = 256 * 1024

    private static var smallParts: FakeGoogleStorage.Options {
        var options = FakeGoogleStorage.Options()
        options.minimumPartSize = 1
        return options
    }

    private static func startMultipart(_ client: RawClient) async throws -> String {
        try #require(try await client.send(.POST, "/b/o?uploads").element("UploadId"))
    }

    // MARK: Multipart uploads

    @Test func partFailsAndComesThrough() async throws {
        try await RawClient.with { fake, client in
            let part = ByteBuffer(string: "part")
            let upload = try await Self.startMultipart(client)
            fake.fault(.part(1), skip: 1, times: 2, .status(429, retryAfter: 3))
            fake.fault(.part(1), .wrongChecksum)
            fake.fault(.part(1), .unauthorized)
            var answers: [RawClient.Answer] = []
            for _ in 0..<6 { answers.append(try await client.part(1, "/b/o", upload, part)) }
            #expect(answers.map(\.status) == [200, 429, 429, 200, 401, 200])
            #expect(answers[1].header("retry-after") == "3")
            #expect(answers[3].header("x-goog-hash") != answers[0].header("x-goog-hash"))
            #expect(answers[5].header("x-goog-hash") == answers[0].header("x-goog-hash"))
            #expect(fake.bytesReceived(part: 1, of: "o") == [4, 4, 4, 4, 4, 4])
            #expect(Set(answers.compactMap { $0.header("etag") }).count == 3, "Each time it is another part.")
        }
    }

    @Test func answerIsLostThoughTheWorkIsDone() async throws {
        try await RawClient.with(Self.smallParts) { fake, client in
            let upload = try await Self.startMultipart(client)
            fake.fault(.part(1), .lostAnswer)
            fake.fault(.complete, .errorInSuccess())
            fake.fault(.complete, .lostAnswer)
            await #expect(throws: (any Error).self) {
                _ = try await client.part(1, "/b/o", upload, ByteBuffer(string: "part"))
            }
            let list = try await client.send(.GET, "/b/o?uploadId=\(upload)")
            let etag = list.element("ETag")?.replacing("&quot;", with: "\"")
            let error = try await client.complete("/b/o", upload, [(1, etag)])
            #expect(error.status == 200 && error.element("Code") == "InternalError")
            #expect(fake.openUploads == [upload] && fake.object("b", "o") == nil)
            await #expect(throws: (any Error).self) { _ = try await client.complete("/b/o", upload, [(1, etag)]) }
            #expect(fake.object("b", "o")?.bytes == ByteBuffer(string: "part"))
            let again = try await client.complete("/b/o", upload, [(1, etag)])
            #expect(again.element("Code") == "NoSuchUpload")
            #expect(fake.violations == [])
        }
    }

    @Test func uploadIsForgotten() async throws {
        try await RawClient.with { fake, client in
            let upload = try await Self.startMultipart(client)
            fake.fault(.anyPart(of: "o", .dropUpload))
            let answer = try await client.part(7, "/b/o", upload, ByteBuffer(string: "part"))
            #expect(answer.status == 404 && answer.element("Code") == "NoSuchUpload")
            #expect(fake.openUploads == [])
        }
    }

    @Test func connectionIsResetAtAByte() async throws {
        try await RawClient.with { fake, client in
            let upload = try await Self.startMultipart(client)
            let part = TestBytes.varied(3 << 20)
            fake.fault(.part(2), .reset(afterBytes: 1_000_000))
            fake.fault(.listParts, .reset())
            await #expect(throws: (any Error).self) { _ = try await client.part(2, "/b/o", upload, part) }
            await #expect(throws: (any Error).self) { _ = try await client.send(.GET, "/b/o?uploadId=\(upload)") }
            #expect(try await client.part(2, "/b/o", upload, part).status == 200)
            #expect(fake.bytesReceived(part: 2, of: "o") == [1_000_000, 3 << 20])
        }
    }

    @Test func stalledRequestGoesOnWhenItIsReleased() async throws {
        try await RawClient.with { fake, client in
            let upload = try await Self.startMultipart(client)
            let part = TestBytes.varied(8 << 20)
            fake.fault(.anyPart(times: 2, .stall(afterBytes: 1 << 20)))
            try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 1...2 {
                    group.addTask { try await client.part(number, "/b/o", upload, part).status }
                }
                try await fake.waitUntil { $0.stalled == 2 }
                #expect(fake.bytesReceived(part: 1, of: "o") == [1 << 20])
                #expect(fake.record.openParts == 2 && fake.requests(for: .part(2)).first?.status == nil)
                fake.releaseStalls()
                for try await status in group { #expect(status == 200) }
            }
            #expect(fake.bytesReceived(part: 1, of: "o") == [8 << 20])
            try await fake.waitUntil { $0.openParts == 0 }
            #expect(fake.record.peakOpenParts == 2)
        }
    }

    @Test func stalledRequestIsOverWhenTheClientHangsUp() async throws {
        try await RawClient.with { fake, client in
            let upload = try await Self.startMultipart(client)
            fake.fault(.part(1), .stall(afterBytes: .max))
            let request = Task { try await client.part(1, "/b/o", upload, ByteBuffer(string: "part")) }
            try await fake.waitUntil { $0.stalled == 1 }
            request.cancel()
            try await fake.waitUntil { $0.requests.last?.isOver == true }
            let list = try await client.send(.GET, "/b/o?uploadId=\(upload)")
            #expect(list.element("Part") == nil)
        }
    }

    // MARK: Resumable uploads

    @Test func sessionTellsWhatItKeptOfAChunk() async throws {
        try await RawClient.with { fake, client in
            let bytes = TestBytes.varied(4 * Self.unit)
            let range = "0-\(4 * Self.unit - 1)/\(4 * Self.unit)"
            let session = try await client.startSession("b", "o")
            fake.fault(.finalChunk, .persistOnly(1000))
            fake.fault(.finalChunk, .persistOnly(Int64(Self.unit) + 1000))
            fake.fault(.finalChunk, .statusAfterPersisting(503, bytes: 2 * Int64(Self.unit)))
            fake.fault(.finalChunk, .reset(afterBytes: 3 * Int64(Self.unit) + 1))
            let none = try await client.put(session, range, bytes)
            #expect(none.status == 308 && none.header("range") == nil)
            let one = try await client.put(session, range, bytes)
            #expect(one.status == 308 && one.header("range") == "bytes=0-\(Self.unit - 1)")
            #expect(try await client.put(session, range, bytes).status == 503)
            let two = try await client.put(session, "*/*")
            #expect(two.header("range") == "bytes=0-\(2 * Self.unit - 1)")
            await #expect(throws: (any Error).self) { _ = try await client.put(session, range, bytes) }
            let three = try await client.put(session, "*/\(4 * Self.unit)")
            #expect(three.status == 308 && three.header("range") == "bytes=0-\(3 * Self.unit - 1)")
            fake.fault(.finalChunk, .lostAnswer)
            await #expect(throws: (any Error).self) { _ = try await client.put(session, range, bytes) }
            let done = try await client.put(session, "*/*")
            #expect(done.status == 200 && done.json["crc32c"] == .string(FakeGoogleStorageTests.text(bytes)))
            #expect(fake.object("b", "o")?.bytes == bytes)
            #expect(fake.violations == [])
        }
    }

    @Test func sessionIsGone() async throws {
        try await RawClient.with { fake, client in
            for status in [410, 404] {
                let session = try await client.startSession("b", "o")
                fake.fault(.sessionStatus, .dropSession(status: status))
                for _ in 0..<2 { #expect(try await client.put(session, "*/*").status == status) }
            }
            let session = try #require(try await client.startSession("b", "o"))
            #expect(try await client.send(.DELETE, session).status == 499)
            #expect(try await client.put(session, "*/*").status == 499)
            #expect(fake.openSessions == [] && fake.violations == [])
        }
    }
}
