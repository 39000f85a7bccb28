import LoopbackServers
import NIOCore
import TestSupport
import Testing

@testable import MigrationKit

/// Where nothing passes, it is told which side is waited for.
@Suite struct WaitWatchTests {
    private typealias Told = Watched<[String]>

    /// A stream that waits for its source, and a reader who takes a chunk when it is told to.
    private func telling(
        _ told: Told,
        _ body: @escaping @Sendable (ManualTime, Handover, ByteStream.AsyncIterator, WaitWatch) async throws -> Void
    ) async throws {
        let time = ManualTime()
        try await time.ruling {
            let (watch, source) = (WaitWatch(), Handover(limit: 1000))
            let stream = watch.watching(source.stream).makeAsyncIterator()
            await watch.telling { side, time in
                told.change { $0.append("\(side) \(time.components.seconds)") }
                return true
            } during: {
                do { try await body(time, source, stream, watch) } catch { Issue.record("\(error)") }
            }
        }
    }

    /// Moves the time on, a second after the other, until something more is told or the time is over.
    private func pass(_ seconds: Int, _ time: ManualTime, _ told: Told, until count: Int? = nil) async throws {
        for _ in 0..<seconds {
            time.advance(by: .seconds(1))
            for _ in 0..<50 { await Task.yield() }
        }
        guard let count else { return }
        try await waitUntil("what is told", last: "\(told.change { $0 })") {
            if told.change({ $0.count }) >= count { return true }
            time.advance(by: .milliseconds(10))
            return false
        }
    }

    @Test func serverIsToldOfThatSendsNothing() async throws {
        let told = Told([])
        try await telling(told) { time, source, stream, _ in
            async let taken = stream.next()
            try await pass(10, time, told, until: 1)
            #expect(told.change { $0 } == ["source 10"])
            // Not every second.
            try await pass(60, time, told, until: 2)
            #expect(told.change { $0.count } == 2)
            try await source.give(ByteBuffer(string: "a"))
            _ = try await taken
        }
    }

    @Test func storeIsToldOfThatTakesNothing() async throws {
        let told = Told([])
        try await telling(told) { time, source, stream, _ in
            try await source.give(ByteBuffer(string: "a"))
            _ = try await stream.next()
            try await pass(10, time, told, until: 1)
            #expect(told.change { $0 } == ["store 10"])
        }
    }

    /// The rows of a chunk come one after the other, and all of them are handed on at once.
    @Test func whatArrivesIsNotWaitedFor() async throws {
        let told = Told([])
        try await telling(told) { time, source, stream, watch in
            async let taken = stream.next()
            for _ in 0..<5 {
                try await pass(9, time, told)
                watch.noteArrival()
            }
            #expect(told.change { $0 } == [])
            await source.end(.success(()))
            _ = try await taken
            try await pass(20, time, told)
            #expect(told.change { $0 } == [])
        }
    }
}
