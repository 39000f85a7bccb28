import FakeSourcegraph
import Foundation
import Synchronization
import Testing

@testable import MigrationKit
@testable import MigrationKitBase
@testable import MigrationKitSourcegraphAPI

extension FakeSourcegraph {
    /// The acceptance test of an instance that was what it is now, but for what has been changed since.
    func test(
        _ expected: SnapshotSummary, token: String? = nil, onEvent: @escaping MigrationEventHandler = { _ in }
    ) throws -> TestInstance {
        TestInstance(client: try client(token: token), expected: expected, onEvent: onEvent)
    }

    /// What the acceptance test finds once something has been changed.
    func findings(after change: (inout FakeInstance) -> Void = { _ in }) async throws -> [Finding] {
        let expected = try await connected().summary()
        withState { state in
            state.instance.synchronise()
            change(&state.instance)
        }
        return try await test(expected).run().findings
    }

    /// Does something with the instance each time that a request is held back, and lets it go on.
    func changing(
        atEachStall change: @escaping @Sendable (inout FakeInstance) -> Void, _ body: () async throws -> Void
    ) async rethrows {
        let helper = Task {
            while !Task.isCancelled {
                try await self.waitUntil { $0.stalled > 0 }
                guard !Task.isCancelled else { return }
                self.change { change(&$0) }
                self.releaseStalls()
            }
        }
        defer { helper.cancel() }
        try await body()
    }

    /// The global settings that are in force.
    var settings: String? { instance.latestSettings?.contents }
}

extension FakeInstance {
    /// As many connections to GitHub.
    mutating func setCodeHosts(_ count: Int) {
        externalServices = (1...count).map { number in
            ExternalService(id: number, kind: "GITHUB", displayName: "GitHub \(number)", lastSyncAt: Date())
        }
    }

    /// What an instance does once it runs: its code hosts were last synchronised by itself.
    mutating func synchronise() {
        for index in externalServices.indices { externalServices[index].lastSyncAt = Date() }
    }

    mutating func setSettings(_ text: String?) {
        settings = text.map { [SettingsRow(id: 7, author: 1, createdAt: Date(), contents: $0)] } ?? []
    }
}

extension [Finding] {
    /// The one of a name.
    func named(_ name: String) throws -> Finding {
        try #require(first { $0.name == name }, "\(name): \(text)")
    }
}

/// Counts, from whichever task.
final class Counter: Sendable {
    private let count = Mutex(0)

    /// How often it was asked, this time included.
    func next() -> Int {
        count.withLock { count in
            count += 1
            return count
        }
    }
}
