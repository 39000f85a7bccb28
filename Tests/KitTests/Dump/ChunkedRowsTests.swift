import Foundation
import NIOCore
import Synchronization
import TestSupport
import Testing

@testable import MigrationKit

/// Lanes read in any order; a dump has one.
@Suite struct ChunkedRowsTests {
    private static let tables = [
        SourceTable.sample("a", blocks: 2000), .sample("b", blocks: 1), .sample("c", blocks: 5000),
    ]

    /// As many as are read and not taken, and the most that ever were.
    private final class Outstanding: Sendable {
        private let state = Mutex<(now: Int, most: Int)>((0, 0))

        var most: Int { state.withLock { $0.most } }

        func change(by difference: Int) {
            state.withLock { state in
                state.now += difference
                state.most = max(state.most, state.now)
            }
        }
    }

    /// What a dump has of chunks whose one row tells where they begin.
    private static func text(of chunks: [TableChunk]) -> String {
        chunks.sorted { $0.number < $1.number }.map { chunk in
            (chunk.isFirst ? chunk.table.head : "") + "\(chunk.start)\n" + (chunk.isLast ? SourceTable.tail : "")
        }.joined()
    }

    @Test(arguments: [(1, 1), (2, 2), (4, 4), (8, 3), (3, 100)])
    func rowsAreInTheDumpsOrderAndAFewAhead(lanes: Int, window: Int) async throws {
        for seed in 0..<10 as Range<UInt64> {
            let rows = ChunkedRows(ChunkPlan(Self.tables), window: window)
            let outstanding = Outstanding()
            let chunks = Watched<[TableChunk]>([])
            let text = try await within("all rows") {
                try await withThrowingTaskGroup(of: String.self) { group in
                    for lane in 0..<lanes {
                        group.addTask {
                            var random = SeededRandom(seed: seed * 100 + UInt64(lane))
                            while let chunk = try await rows.next() {
                                outstanding.change(by: 1)
                                chunks.change { $0.append(chunk) }
                                for _ in 0..<Int.random(in: 0...20, using: &random) { await Task.yield() }
                                await rows.give(ByteBuffer(string: "\(chunk.start)\n"), of: chunk)
                            }
                            return ""
                        }
                    }
                    group.addTask {
                        var text = ""
                        while true {
                            guard let pieces = try await rows.take() else { return text }
                            outstanding.change(by: -1)
                            text += pieces.map { String(buffer: $0) }.joined()
                        }
                    }
                    return try await group.reduce("", +)
                }
            }
            let all = chunks.change { $0 }
            #expect(all.count > 4 && Set(all.map(\.table)) == Set(Self.tables))
            #expect(text == Self.text(of: all))
            // One that is taken may be counted a moment later than its successor.
            #expect(outstanding.most <= window + 1)
        }
    }

    /// Threads of its own, so that tasks meet at any moment, and wait for nobody else's.
    private final class Threads: TaskExecutor {
        private let queue = DispatchQueue(label: "chunks", attributes: .concurrent)

        func enqueue(_ job: consuming ExecutorJob) {
            let job = UnownedJob(job)
            queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
        }
    }

    /// The way of an export: a lane, the dump's order, the way to the bucket. Each of them waits for its neighbors
    /// thousands of times.
    @Test(arguments: [1, 2])
    func nobodyMissesThatThereIsSomethingToDo(lanes: Int) async throws {
        let tables = (0..<5000).map { SourceTable.sample("t\($0)", blocks: 1) }
        let rows = ChunkedRows(ChunkPlan(tables), window: lanes)
        let handover = Handover(limit: 1)
        let threads = Threads()
        let bytes = try await within("all chunks") {
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<lanes {
                    group.addTask(executorPreference: threads) {
                        while let chunk = try await rows.next() {
                            await rows.give(ByteBuffer(string: "row\n"), of: chunk)
                        }
                        return 0
                    }
                }
                group.addTask(executorPreference: threads) {
                    while let pieces = try await rows.take() {
                        for piece in pieces { try await handover.give(piece) }
                    }
                    await handover.end(.success(()))
                    return 0
                }
                group.addTask(executorPreference: threads) {
                    var bytes = 0
                    for try await chunk in handover.stream { bytes += chunk.readableBytes }
                    return bytes
                }
                return try await group.reduce(0, +)
            }
        }
        let dump = tables.map { $0.head + "row\n" + SourceTable.tail }.joined()
        #expect(bytes == dump.utf8.count)
    }

    @Test func noTablesEndAtOnce() async throws {
        let rows = ChunkedRows(ChunkPlan([]), window: 4)
        let end = try await within("the end of no rows") { try await rows.take() }
        #expect(end == nil)
    }

    private struct Broken: Error {}

    @Test func failureOfALaneReachesEverybody() async throws {
        let rows = ChunkedRows(ChunkPlan(Self.tables), window: 1)
        _ = try #require(try await rows.next())
        try await within("the ends of those who wait") {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<3 {
                    group.addTask {
                        let chunk = try await rows.next()
                        #expect(chunk == nil)
                    }
                }
                group.addTask { await #expect(throws: Broken.self) { try await rows.take() } }
                for _ in 0..<20 { await Task.yield() }
                await rows.fail(Broken())
                try await group.waitForAll()
            }
        }
        await #expect(throws: Broken.self) { try await rows.take() }
        #expect(try await rows.next() == nil)
    }

    @Test func firstFailureIsTold() async throws {
        let rows = ChunkedRows(ChunkPlan(Self.tables), window: 1)
        await rows.fail(Broken())
        await rows.fail(CancellationError())
        await #expect(throws: Broken.self) { try await rows.take() }
    }

    /// Before they wait, while they begin to, and after.
    @Test(arguments: 0..<30)
    func cancellationReachesEverybody(yields: Int) async throws {
        let rows = ChunkedRows(ChunkPlan(Self.tables), window: 1)
        _ = try await rows.next()
        try await within("the ends of those who wait") {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<3 {
                    group.addTask { await #expect(throws: CancellationError.self) { try await rows.next() } }
                }
                group.addTask { await #expect(throws: CancellationError.self) { try await rows.take() } }
                for _ in 0..<yields { await Task.yield() }
                group.cancelAll()
                try await group.waitForAll()
            }
        }
    }
}

extension ChunkedRows {
    /// The next chunk of tables that are cut by their blocks.
    func next() async throws -> TableChunk? { try await next { _ in nil } }
}
