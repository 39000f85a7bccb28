import NIOCore

/// All that a fake was asked for, in the order of arrival.
struct FakeRecord: Sendable {
    /// How somebody came by a token.
    struct Grant: Sendable, Equatable {
        enum Kind: Sendable { case serviceAccount, refreshToken, exchange, impersonation, instance }
        var kind: Kind
        /// Whose: an account's address, a client's id or an audience.
        var subject: String
        var scopes: [String]
        var delegates: [String] = []
        var token: String
    }

    var requests: [FakeRequest] = []
    var grants: [Grant] = []
    /// What a client of Google's must not do, or not with these rights. Empty at the end of a good test.
    var violations: [String] = []
    var connections = 0
    /// Requests that are stalled now.
    var stalled = 0
    /// All that ever were.
    var stallsBegun = 0
    /// Part requests that are open now, and the most there ever were.
    var openParts = 0
    var peakOpenParts = 0

    /// Bytes of one part that came, in each request for it.
    func bytesReceived(part: Int, of object: String) -> [Int64] {
        requests.filter { $0.operation == .part(part) && $0.object == object }.map(\.bodyBytes)
    }

    func requests(for operation: FakeOperation) -> [FakeRequest] { requests.filter { $0.operation == operation } }

    /// What came last, for who waits in vain.
    var lastLines: String {
        let lines = requests.suffix(10).map { request in
            "\(request.operation) \(request.object): \(request.status.map(String.init) ?? "no answer"), "
                + (request.isOver ? "over" : "not over")
        }
        return (lines + ["\(requests.count) requests, \(stalled) stalled, violations: \(violations)"])
            .joined(separator: "\n")
    }
}

extension FakeGoogleStorage {
    var record: FakeRecord { change { $0.record } }
    var requests: [FakeRequest] { record.requests }
    var violations: [String] { record.violations }
    var grants: [FakeRecord.Grant] { record.grants }

    func requests(for operation: FakeOperation) -> [FakeRequest] { record.requests(for: operation) }

    func bytesReceived(part: Int, of object: String) -> [Int64] { record.bytesReceived(part: part, of: object) }

    /// Returns as soon as the record is so, or the test is cancelled.
    ///
    /// - Throws: ``WaitedInVain``.
    func waitUntil(
        file: String = #filePath, line: Int = #line, _ predicate: @escaping @Sendable (FakeRecord) -> Bool
    ) async throws {
        try await state.wait(file: file, line: line, last: { $0.record.lastLines }, until: { predicate($0.record) })
    }

    /// The one way to the state: whoever waits for what has just come to be is told.
    @discardableResult
    func change<Value: Sendable>(_ body: (inout State) throws -> Value) rethrows -> Value {
        try state.change(body)
    }
}
