import FakeGoogle
import NIOCore
import NIOHTTP1
import Testing

@testable import MigrationKit
@testable import MigrationKitBase

/// An upload in one stream goes on from where the store says that it is.
@Suite(.serialized, .timeLimit(.minutes(30))) struct SessionFaultTests {
    private static let unit: Int64 = 256 << 10

    // MARK: The beginning

    @Test func whoMayNotSendPartsSendsOneStreamAndIsTold() async throws {
        try await GoogleBucket.with(.oneStream) { bucket in
            try await bucket.putWell(.twoPieces)
            #expect(bucket.told.count == 1)
            #expect(
                bucket.told.first?.contains(
                    "does not allow multipart uploads by this key: uploading one slower stream instead") == true)
            #expect(bucket.fake.requests(for: .sessionChunk).map(\.bodyBytes) == [Int64(TransferSizes.small.piece)])
            #expect(bucket.fake.requests(for: .finalChunk).map(\.bodyBytes) == [1000])
        }
    }

    @Test(arguments: [0, 1, 1000, 256 << 10, 1 << 20])
    func smallObjectGoesInOnePiece(size: Int) async throws {
        try await GoogleBucket.with(sizes: .real) { bucket in
            try await bucket.putWell(Payload(size))
            #expect(bucket.fake.requests.count == 2 && bucket.told == [])
        }
    }

    @Test func beginningIsTriedAgain() async throws {
        try await GoogleBucket.with { bucket in
            for status in [408, 429, 500, 502, 503, 504] { bucket.fake.fault(.startSession, .status(status)) }
            for fault in [.reset(), .lostAnswer, .stall()] as [FaultAction] { bucket.fake.fault(.startSession, fault) }
            try await bucket.passing(stalls: 1) { try await bucket.putWell(.small) }
            #expect(bucket.times(.startSession) == 10)
        }
    }

    @Test(arguments: ["http://example.com/upload", "https://127.0.0.1/upload", "http://127.0.0.1:1/x", "", nil])
    func addressThatIsNotTheServersIsRefused(location: String?) async throws {
        try await GoogleBucket.with { bucket in
            bucket.fake.fault(.startSession, .header("Location", location))
            let error = try await bucket.refused(.small)
            #expect(error.message.contains("on another host") && error.next != nil)
            #expect(bucket.fake.requests.count == 1)
        }
    }

    // MARK: Pieces

    @Test func outageIsFollowedByAQuestion() async throws {
        try await GoogleBucket.with { bucket in
            for status in [408, 429, 500, 502, 503, 504] { bucket.fake.fault(.finalChunk, .status(status)) }
            for status in [503, 502] { bucket.fake.fault(.sessionStatus, .status(status)) }
            bucket.fake.fault(.sessionStatus, .lostAnswer)
            try await bucket.putWell(.small)
            #expect(bucket.times(.finalChunk) == 7 && bucket.times(.sessionStatus) == 9)
        }
    }

    @Test func onlyWhatTheStoreDoesNotHaveIsSentAgain() async throws {
        try await GoogleBucket.with(.oneStream, sizes: .real) { bucket in
            bucket.fake.fault(.sessionChunk, .statusAfterPersisting(503, bytes: 4 << 20))
            bucket.fake.fault(.sessionChunk, .reset(afterBytes: (2 << 20) + 17))
            bucket.fake.fault(.sessionChunk, .persistOnly(0))
            bucket.fake.fault(.sessionChunk, .persistOnly(Self.unit * 3 + 5))
            bucket.fake.fault(.sessionChunk, .lostAnswer)
            try await bucket.putWell(.twoRealPieces)
            let sent = bucket.fake.requests(for: .sessionChunk).map(\.headers).map { $0.first(name: "content-range") }
            let end = (16 << 20) - 1
            let kept = [0, 4 << 20, 6 << 20, 6 << 20, (6 << 20) + 3 * Int(Self.unit)]
            #expect(sent == kept.map { "bytes \($0)-\(end)/*" })
            #expect(bucket.times(.sessionStatus) == 3)
        }
    }

    @Test func storeThatKeepsNothingOfTheFirstPieceIsSentItAgain() async throws {
        try await GoogleBucket.with(sizes: .real) { bucket in
            bucket.fake.fault(.finalChunk, .persistOnly(0))
            bucket.fake.fault(.finalChunk, .persistOnly(Self.unit + 1))
            try await bucket.putWell(.realSmall)
            let size = Payload.realSmall.size
            #expect(bucket.fake.requests(for: .finalChunk).map(\.bodyBytes) == [size, size, size - Self.unit])
        }
    }

    @Test func pieceThatStandsStillIsGivenUp() async throws {
        try await GoogleBucket.with { bucket in
            bucket.fake.fault(.finalChunk, .stall())
            bucket.fake.fault(.finalChunk, .stall(afterBytes: Payload.small.size))
            bucket.fake.fault(.sessionStatus, .stall())
            try await bucket.passing(stalls: 1, 1, 1) { try await bucket.putWell(.small) }
        }
    }

    // MARK: The end

    @Test(arguments: [FaultAction.lostAnswer, .tornAnswer(afterBytes: 20), .statusAfterPersisting(503, bytes: .max)])
    func endWhoseAnswerIsLostIsAskedFor(fault: FaultAction) async throws {
        try await GoogleBucket.with { bucket in
            bucket.fake.fault(.finalChunk, fault)
            try await bucket.putWell(.small)
            // What is stored whole, and not yet an object, is finished without a byte.
            #expect(bucket.fake.requests(for: .finalChunk).map(\.bodyBytes) == [Payload.small.size])
        }
    }

    /// A 200 says that the object is made, and a body that cannot be read does not say which.
    static let unreadable = [
        "", "{", "{}", "<html>", "null", #"{"size": "1000"}"#, #"{"size": "1000", "crc32c": ""}"#,
        #"{"size": "one", "crc32c": "AAAAAA=="}"#, #"{"kind": "storage#object", "size": "1000", "crc3"#,
    ]

    @Test(arguments: unreadable)
    func endWhoseAnswerCannotBeReadIsAskedFor(body: String) async throws {
        try await GoogleBucket.with { bucket in
            bucket.fake.fault(.finalChunk, .body(body))
            bucket.fake.fault(.sessionStatus, .body(body))
            try await bucket.putWell(.small)
            #expect(bucket.fake.requests(for: .finalChunk).map(\.bodyBytes) == [Payload.small.size])
            #expect(bucket.times(.sessionStatus) == 2)
            #expect(bucket.told.allSatisfy { $0.contains("sent a response that cannot be read") })
            #expect(bucket.told.count == 2)
        }
    }

    @Test(arguments: unreadable)
    func successOfSomebodyElseIsNotTakenForTheStores(body: String) async throws {
        try await GoogleBucket.with { bucket in
            bucket.fake.fault(.finalChunk, .answer(body))
            try await bucket.putWell(.small)
            #expect(bucket.times(.finalChunk) == 2)
        }
    }

    @Test func nextRunAsksForTheAnswerThatThisOneCouldNotRead() async throws {
        try await GoogleBucket.with(patience: .milliseconds(50)) { bucket in
            let notes = try Notes.begun()
            bucket.fake.fault(.finalChunk, .body("{"))
            bucket.fake.fault(.sessionStatus, times: .max, .body("{"))
            let error = try await bucket.refused(.small, notes: notes.notes)
            #expect(error.message.contains("cannot be read") && !error.message.contains("differs"))
            #expect(error.next?.contains("run the same command again") == true)
            bucket.fake.removeFaults()
            try await bucket.putWell(.small, notes: notes.reopened())
            #expect(bucket.times(.finalChunk) == 1)
        }
    }

    @Test func objectThatIsNotWhatWasSentIsAnError() async throws {
        try await GoogleBucket.with { bucket in
            bucket.fake.fault(.finalChunk, .wrongChecksum)
            let error = try await bucket.refused(.small)
            #expect(error.message.contains("is not what was sent: the store's checksum differs (CRC32C "))
            #expect(error.next?.contains("Ask for it to be removed") == true)
        }
    }

    @Test func objectOfAnotherSizeIsAnErrorThatTellsBoth() async throws {
        try await GoogleBucket.with { bucket in
            bucket.fake.fault(.finalChunk, .body(#"{"size": "999", "crc32c": "AAAAAA=="}"#))
            let error = try await bucket.refused(.small)
            let size = Quantity.count(Int(Payload.small.size))
            #expect(error.message.contains("is not what was sent: it has 999 bytes, but \(size) were sent."))
        }
    }
}
