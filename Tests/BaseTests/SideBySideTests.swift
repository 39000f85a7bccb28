import Testing

@testable import MigrationKitBase

/// What comes of work on several things at once.
@Suite(.timeLimit(.minutes(5))) struct SideBySideTests {
    private func outcome(_ results: [Result<Int, any Error>]) -> MigrationError? {
        do {
            _ = try results.allOrError("uploads")
            return nil
        } catch { return error as? MigrationError }
    }

    private let torn = MigrationError(.tornDump, "a is torn.", next: "Dump again.", details: ["at byte 7"])
    private let refused = MigrationError(.unreachable, "b is refused.", next: "Ask.")
    private let stopped = MigrationError(.interrupted, "Stopped: 1 MB of c are stored.", next: "Run it again.")

    @Test func valuesComeInTheOrderOfTheThings() async throws {
        let (turn, next) = AsyncStream.makeStream(of: Void.self)
        let results = await SideBySide.results(of: [1, 2]) { item in
            // The first ends only when the second has.
            if item == 1 { for await _ in turn { break } } else { next.yield() }
            return item
        }
        #expect(try results.allOrError("uploads") == [1, 2])
    }

    @Test func failureLeavesTheOthersToEnd() async {
        let results = await SideBySide.results(of: [1, 2, 3]) { item in
            if item == 1 { throw torn }
            return item
        }
        #expect(results.count { (try? $0.get()) != nil } == 2)
        #expect(outcome(results)?.message == "a is torn.")
    }

    @Test func severalFailuresAreTold() throws {
        let error = try #require(outcome([.failure(torn), .success(1), .failure(refused)]))
        #expect(error.code == .tornDump && error.next == "Dump again.")
        #expect(error.message == "2 of 3 uploads failed.")
        #expect(error.details == ["a is torn.", "  at byte 7", "b is refused."])
    }

    @Test func whatWasStoppedHasNotFailed() throws {
        let both = try #require(outcome([.failure(stopped), .failure(stopped), .success(1)]))
        #expect(both.code == .interrupted && both.message == "Stopped." && both.next == "Run it again.")
        #expect(both.details == [stopped.message, stopped.message])
        let mixed = try #require(outcome([.failure(stopped), .failure(torn), .failure(CancellationError())]))
        #expect(mixed.code == .tornDump && mixed.message == "1 of 3 uploads failed.")
        #expect(mixed.details.contains(stopped.message))
        #expect(outcome([.failure(CancellationError()), .failure(stopped)])?.message == stopped.message)
        #expect(throws: CancellationError.self) {
            _ = try [Result<Int, any Error>.failure(CancellationError()), .success(1)].allOrError("uploads")
        }
    }
}
