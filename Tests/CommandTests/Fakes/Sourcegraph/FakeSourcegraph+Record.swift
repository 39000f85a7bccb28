import NIOHTTP1

extension FakeSourcegraph {
    /// A request as it came, all of it.
    struct Request: Sendable {
        var id: Int
        var method: String
        /// Without what is behind `?`.
        var path: String
        /// What is behind `?`; nil if there is none.
        var search: String?
        var headers: HTTPHeaders
        /// The operation's name.
        var operation: String?
        /// The document.
        var query: String?
        var variables: [String: JSONValue] = [:]
        /// The name of the user whose token it had.
        var viewer: String?
        var fault: Fault?
        /// The answer's; nil as long as there is none.
        var status: Int?
    }

    /// All that a fake was asked, in the order of arrival.
    struct Record: Sendable {
        var requests: [Request] = []
        /// What the release would refuse, or a client of it must not do. Empty at the end of a good test.
        var violations: [String] = []
        /// Requests that are stalled now.
        var stalled = 0
        /// Requests that are not answered yet.
        var open = 0
        /// The most that there were of them at a time.
        var peakOpen = 0

        func requests(for operation: String) -> [Request] { requests.filter { $0.operation == operation } }

        /// What came last, for who waits in vain.
        var lastLines: String {
            let lines = requests.suffix(10).map { request in
                "\(request.operation ?? request.path): \(request.status.map(String.init) ?? "no answer")"
            }
            return (lines + ["\(requests.count) requests, \(stalled) stalled, violations: \(violations)"])
                .joined(separator: "\n")
        }
    }

    var record: Record { state.change { $0.record } }
    var requests: [Request] { record.requests }
    var violations: [String] { record.violations }

    func requests(for operation: String) -> [Request] { record.requests(for: operation) }

    /// Returns as soon as the record is so, or the test is cancelled.
    ///
    /// - Throws: ``WaitedInVain``.
    func waitUntil(
        file: String = #filePath, line: Int = #line, _ predicate: @escaping @Sendable (Record) -> Bool
    ) async throws {
        try await state.wait(file: file, line: line, last: { $0.record.lastLines }, until: { predicate($0.record) })
    }

    /// The one way to the state: whoever waits for what has just come to be is told.
    @discardableResult
    func withState<Value: Sendable>(_ body: (inout State) throws -> Value) rethrows -> Value {
        try state.change(body)
    }
}
