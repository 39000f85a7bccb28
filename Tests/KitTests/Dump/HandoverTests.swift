import NIOCore
import TestSupport
import Testing

@testable import MigrationKit

/// Bytes go from one task to another in their order, so many at once, and nobody waits for one who is gone.
@Suite struct HandoverTests {
    private struct Broken: Error {}

    @Test(arguments: [1, 10, 1000])
    func bytesArriveInTheirOrderAndAFewAhead(limit: Int) async throws {
        let handover = Handover(limit: limit)
        let taken = Watched(0)
        let most = try await within("all bytes") {
            async let most = {
                var (given, most) = (0, 0)
                for number in 0..<200 {
                    let chunk = ByteBuffer(string: "\(number) ")
                    try await handover.give(chunk)
                    given += chunk.readableBytes
                    most = max(most, given - taken.change { $0 })
                }
                await handover.end(.success(()))
                return most
            }()
            var text = ""
            for try await chunk in handover.stream {
                taken.change { $0 += chunk.readableBytes }
                text += String(buffer: chunk)
            }
            #expect(text == (0..<200).map { "\($0) " }.joined())
            return try await most
        }
        // The last that is given may exceed the limit, and what is taken is counted a moment later.
        #expect(most <= limit + 8)
    }

    @Test func failureComesBehindWhatCameBeforeIt() async throws {
        let handover = Handover(limit: 1000)
        try await handover.give(ByteBuffer(string: "before"))
        await handover.end(.failure(Broken()))
        await handover.end(.success(()))
        let stream = handover.stream.makeAsyncIterator()
        #expect(try await stream.next() == ByteBuffer(string: "before"))
        await #expect(throws: Broken.self) { try await stream.next() }
        await #expect(throws: Broken.self) { try await handover.give(ByteBuffer(string: "after")) }
    }

    @Test func failureOfTheTakerWakesTheGiver() async throws {
        let handover = Handover(limit: 1)
        try await handover.give(ByteBuffer(string: "full"))
        try await within("the giver's end") {
            async let giving: Void = handover.give(ByteBuffer(string: "more"))
            for _ in 0..<20 { await Task.yield() }
            await handover.end(.failure(Broken()))
            do {
                try await giving
                Issue.record("It gave what nobody takes.")
            } catch is Broken {}
        }
    }

    @Test(arguments: 0..<30)
    func cancellationReachesBothSides(yields: Int) async throws {
        let (full, empty) = (Handover(limit: 1), Handover(limit: 1))
        try await full.give(ByteBuffer(string: "full"))
        try await within("the ends of both") {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    await #expect(throws: CancellationError.self) { try await full.give(ByteBuffer(string: "more")) }
                }
                group.addTask {
                    let stream = empty.stream.makeAsyncIterator()
                    await #expect(throws: CancellationError.self) { try await stream.next() }
                }
                for _ in 0..<yields { await Task.yield() }
                group.cancelAll()
                try await group.waitForAll()
            }
        }
    }
}
