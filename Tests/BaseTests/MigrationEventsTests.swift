import Foundation
import MigrationKitBase
import Synchronization
import Testing

/// A flow's events as a sequence, as a program outside the library reads them.
@Suite(.timeLimit(.minutes(5))) struct MigrationEventsTests {
    private struct Failure: Error {}

    private func texts(_ events: MigrationEvents<some Sendable>) async -> [String] {
        var texts: [String] = []
        for await event in events { texts.append(event.text ?? "-") }
        return texts
    }

    @Test func eventsComeInOrderAndEndWithTheWork() async throws {
        let run = MigrationEvents { onEvent in
            for number in 1...1000 { onEvent(.notice(.init(.analyzed, "\(number)"))) }
            return "done"
        }
        #expect(await texts(run) == (1...1000).map { "\($0)" })
        #expect(try await run.value == "done")
    }

    @Test func whatTheWorkThrowsIsTheValues() async {
        let run = MigrationEvents<Void> { onEvent in
            onEvent(.warning(.init(.analyzed, "soon")))
            throw Failure()
        }
        #expect(await texts(run) == ["warning: soon"])
        await #expect(throws: Failure.self) { try await run.value }
    }

    @Test func workEndsWithTheTaskThatReads() async throws {
        let run = MigrationEvents { onEvent in
            onEvent(.notice(.init(.analyzed, "begun")))
            try await Task.sleep(for: .seconds(600))
        }
        let (begun, continuation) = AsyncStream.makeStream(of: Void.self)
        let reader = Task { for await _ in run { continuation.yield() } }
        for await _ in begun { break }
        reader.cancel()
        await reader.value
        await #expect(throws: CancellationError.self) { try await run.value }
    }

    @Test func workEndsWithTheTaskThatWaits() async throws {
        let run = MigrationEvents<Void> { _ in try await Task.sleep(for: .seconds(600)) }
        let waiter = Task { try await run.value }
        waiter.cancel()
        await #expect(throws: CancellationError.self) { try await waiter.value }
    }

    @Test func workGoesOnWhenNobodyReadsOn() async throws {
        let (gate, continuation) = AsyncStream.makeStream(of: Void.self)
        let run = MigrationEvents { onEvent in
            onEvent(.notice(.init(.analyzed, "begun")))
            for await _ in gate { break }
            onEvent(.notice(.init(.analyzed, "unheard")))
            return 7
        }
        for await _ in run { break }
        continuation.yield()
        #expect(try await run.value == 7)
    }

    // MARK: What is made of them

    @Test func progressIsGathered() {
        var progress = MigrationProgress()
        progress.take(.started("primary", total: 200))
        progress.take(.started("codeintel", total: nil))
        let half = progress.take(.advanced("primary", bytes: 100, detail: "public.repo"))
        #expect(half?.name == "primary" && half?.detail == "public.repo" && half?.fractionCompleted == 0.5)
        let unknown = progress.take(.advanced("codeintel", bytes: 5, detail: nil))
        #expect(unknown?.bytes == 5 && unknown?.fractionCompleted == nil)
        // An estimate that has shown itself to be wrong is none.
        let more = progress.take(.advanced("primary", bytes: 201, detail: nil))
        #expect(more?.bytes == 201 && more?.total == nil)
        #expect(progress.underWay.map(\.name) == ["primary", "codeintel"])
        progress.take(.finished("primary", summary: "done"))
        #expect(progress.underWay.map(\.name) == ["codeintel"])
    }

    @Test func textIsThatOfTheCommands() {
        let error = MigrationError(.failed, "It broke.")
        let texts: [(MigrationEvent, String?)] = [
            (.started("primary", total: nil), nil), (.advanced("primary", bytes: 1, detail: nil), nil),
            (.finished("primary", summary: ""), nil), (.finished("primary", summary: "1 GB"), "primary: 1 GB"),
            (.failed("primary", error), "primary: failed. It broke."),
            (.notice(.init(.analyzed, "a\n\nb\u{1B}")), "a\nb\\u{1b}"),
            (.warning(.init(.analyzed, "password=hunter2")), "warning: password=<redacted>"),
        ]
        for (event, text) in texts { #expect(event.text == text) }
    }

    @Test func errorIsWhatFoundationShows() {
        let error: any Error = MigrationError(
            .failed, "It broke: password=hunter2 here.", next: "Mend it.", details: ["line 1", "line 2"])
        #expect(error.localizedDescription == "It broke: password=<redacted> here.")
        let localized = error as? MigrationError
        #expect(localized?.failureReason == "line 1\nline 2")
        #expect(localized?.recoverySuggestion == "Mend it.")
        #expect(MigrationError(.failed, "It broke.").failureReason == nil)
    }
}
