import NIOCore
import NIOHTTP1
import Testing

@testable import MigrationKit

/// An upload in one stream goes on from where the store says that it is.
@Suite(.serialized, .timeLimit(.minutes(30))) struct SessionFaultTests {
    private static let unit: Int64 = 256 << 10

    // MARK: The beginning

    @Test func whoMayNotSendPartsSendsOneStreamAndIsTold() async throws {
        try await GoogleBucket.with(.oneStream) { bucket in
            try await bucket.putWell(.twoPieces)
            #expect(bucket.told.count == 1)
            #expect(bucket.told.first?.contains("takes no multipart uploads from this key: one stream instead") == true)
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
            #expect(error.message.contains("at an address that is not its own") && error.next != nil)
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

    @Test(arguments: [FaultAction.wrongChecksum, .answer("{}"), .answer("<html>"), .answer("")])
    func objectThatIsNotWhatWasSentIsAnError(fault: FaultAction) async throws {
        try await GoogleBucket.with { bucket in
            bucket.fake.fault(.finalChunk, fault)
            let error = try await bucket.refused(.small)
            #expect(error.message.contains("is not what was sent"))
            #expect(error.next?.contains("Ask for it to be removed") == true)
        }
    }
}
