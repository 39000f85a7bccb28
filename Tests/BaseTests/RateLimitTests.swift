import TestSupport
import Testing

@testable import MigrationKitBase

/// What is sent stays under the rate, without a clock that has to be waited for.
@Suite struct RateLimitTests {
    private let start = ContinuousClock.now

    private func bucket(_ rate: String) throws -> RateLimit.Bucket { RateLimit.Bucket(try TransferRate(rate)) }

    @Test func littleIsDueAtOnceAndTheRestInItsTime() throws {
        var bucket = try bucket("1MB/s")
        #expect(bucket.delay(for: 200_000, at: start) == .zero)
        #expect(bucket.delay(for: 100_000, at: start) == .milliseconds(100))
        #expect(bucket.delay(for: 1_000_000, at: start) == .milliseconds(1100))
    }

    @Test func idleTimeIsNotSavedUp() throws {
        var bucket = try bucket("1MB/s")
        _ = bucket.delay(for: 1_000_000, at: start)
        let later = start + .seconds(3600)
        #expect(bucket.delay(for: 200_000, at: later) == .zero)
        #expect(bucket.delay(for: 1_000_000, at: later) == .seconds(1))
    }

    @Test func timerThatIsLateCostsNothing() throws {
        var bucket = try bucket("10MB/s")
        var now = start
        for _ in 0..<1000 { now += bucket.delay(for: 100_000, at: now) + .milliseconds(5) }
        let seconds = (now - start) / .seconds(1)
        #expect(seconds > 9.7 && seconds < 10.1, "\(seconds)")
    }

    @Test(arguments: [1, 3, 10])
    func sendersTogetherKeepToTheRateInAnyWindow(senders: Int) throws {
        var bucket = try bucket("1MB/s")
        var random = SeededRandom(seed: UInt64(senders))
        var free = [ContinuousClock.Instant](repeating: start, count: senders)
        var sent: [(at: ContinuousClock.Instant, bytes: Int)] = []
        for _ in 0..<2000 {
            // The one that has waited longest takes next; some are slow themselves.
            let next = free.indices.min { free[$0] < free[$1] } ?? 0
            let bytes = Int.random(in: 1...20_000, using: &random)
            let due = free[next] + bucket.delay(for: bytes, at: free[next])
            sent.append((due, bytes))
            free[next] = due + .milliseconds(Int.random(in: 0...3, using: &random))
        }
        sent.sort { $0.at < $1.at }
        for first in stride(from: 0, to: sent.count, by: 97) {
            var bytes = 0
            for index in first..<sent.count {
                bytes += sent[index].bytes
                let time = (sent[index].at - sent[first].at) / .seconds(1)
                #expect(Double(bytes) <= (time + 0.2) * 1e6 + 20_000)
            }
        }
    }

    @Test func sendersGetOnInTurn() throws {
        var bucket = try bucket("1MB/s")
        let delays = (0..<6).map { _ in bucket.delay(for: 100_000, at: start) }
        #expect(delays == [0, 0, 100, 200, 300, 400].map { .milliseconds($0) })
    }

    @Test func takingWaits() async throws {
        let limit = RateLimit(try TransferRate("1MB/s"))
        let begin = ContinuousClock.now
        try await limit.take(300_000)
        #expect(ContinuousClock.now - begin >= .milliseconds(100))
    }

    @Test func takingEndsWhenItIsCancelled() async throws {
        let limit = RateLimit(try TransferRate("1B/s"))
        let taking = Task { try await limit.take(1_000_000) }
        taking.cancel()
        await #expect(throws: CancellationError.self) { try await taking.value }
    }
}
