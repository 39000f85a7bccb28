import NIOCore
import TestSupport

/// All that a fake was asked for, in the order of arrival.
package struct FakeRecord: Sendable {
    /// How somebody came by a token.
    package struct Grant: Sendable, Equatable {
        package enum Kind: Sendable { case serviceAccount, refreshToken, exchange, impersonation, instance }
        package var kind: Kind
        /// Whose: an account's address, a client's id or an audience.
        package var subject: String
        package var scopes: [String]
        package var delegates: [String] = []
        package var token: String
    }

    package var requests: [FakeRequest] = []
    package var grants: [Grant] = []
    /// What a client of Google's must not do, or not with these rights. Empty at the end of a good test.
    package var violations: [String] = []
    package var connections = 0
    /// Requests that are stalled now.
    package var stalled = 0
    /// All that ever were.
    package var stallsBegun = 0
    /// Part requests that are not answered yet, by their ids, and the most there ever were.
    package var openPartIDs: Set<Int> = []
    package var openParts: Int { openPartIDs.count }
    package var peakOpenParts = 0

    /// Bytes of one part that came, in each request for it.
    package func bytesReceived(part: Int, of object: String) -> [Int64] {
        requests.filter { $0.operation == .part(part) && $0.object == object }.map(\.bodyBytes)
    }

    package func requests(for operation: FakeOperation) -> [FakeRequest] {
        requests.filter { $0.operation == operation }
    }

    /// What came last, for who waits in vain.
    package var lastLines: String {
        let lines = requests.suffix(10).map { request in
            "\(request.operation) \(request.object): \(request.status.map(String.init) ?? "no answer"), "
                + (request.isOver ? "over" : "not over")
        }
        return (lines + ["\(requests.count) requests, \(stalled) stalled, violations: \(violations)"])
            .joined(separator: "\n")
    }
}

extension FakeGoogleStorage {
    package var record: FakeRecord { change { $0.record } }
    package var requests: [FakeRequest] { record.requests }
    package var violations: [String] { record.violations }
    package var grants: [FakeRecord.Grant] { record.grants }

    package func requests(for operation: FakeOperation) -> [FakeRequest] { record.requests(for: operation) }

    package func bytesReceived(part: Int, of object: String) -> [Int64] { record.bytesReceived(part: part, of: object) }

    /// Returns as soon as the record is so, or the test is cancelled.
    ///
    /// - Throws: ``WaitedInVain``.
    package func waitUntil(
        file: String = #filePath, line: Int = #line, _ predicate: @escaping @Sendable (FakeRecord) -> Bool
    ) async throws {
        try await state.wait(file: file, line: line, last: { $0.record.lastLines }, until: { predicate($0.record) })
    }

    /// The one way to the state: whoever waits for what has just come to be is told.
    @discardableResult
    package func change<Value: Sendable>(_ body: (inout State) throws -> Value) rethrows -> Value {
        try state.change(body)
    }
}
