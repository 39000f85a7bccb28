package import NIOHTTP1
package import TestSupport

extension FakeSourcegraph {
    /// A request as it came, all of it.
    package struct Request: Sendable {
        package var id: Int
        package var method: String
        /// Without what is behind `?`.
        package var path: String
        /// What is behind `?`; nil if there is none.
        package var search: String?
        package var headers: HTTPHeaders
        /// The operation's name.
        package var operation: String?
        /// The document.
        package var query: String?
        package var variables: [String: AnyJSON] = [:]
        /// The name of the user whose token it had.
        package var viewer: String?
        package var fault: Fault?
        /// The answer's; nil as long as there is none.
        package var status: Int?
    }

    /// All that a fake was asked, in the order of arrival.
    package struct Record: Sendable {
        package var requests: [Request] = []
        /// What the release would refuse, or a client of it must not do. Empty at the end of a good test.
        package var violations: [String] = []
        /// Requests that are stalled now.
        package var stalled = 0
        /// Requests that are not answered yet.
        package var open = 0
        /// The most that there were of them at a time.
        package var peakOpen = 0

        package func requests(for operation: String) -> [Request] { requests.filter { $0.operation == operation } }

        /// What came last, for who waits in vain.
        package var lastLines: String {
            let lines = requests.suffix(10).map { request in
                "\(request.operation ?? request.path): \(request.status.map(String.init) ?? "no answer")"
            }
            return (lines + ["\(requests.count) requests, \(stalled) stalled, violations: \(violations)"])
                .joined(separator: "\n")
        }
    }

    package var record: Record { state.change { $0.record } }
    package var requests: [Request] { record.requests }
    package var violations: [String] { record.violations }

    package func requests(for operation: String) -> [Request] { record.requests(for: operation) }

    /// Returns as soon as the record is so, or the test is cancelled.
    ///
    /// - Throws: ``WaitedInVain``.
    package func waitUntil(
        file: String = #filePath, line: Int = #line, _ predicate: @escaping @Sendable (Record) -> Bool
    ) async throws {
        try await state.wait(file: file, line: line, last: { $0.record.lastLines }, until: { predicate($0.record) })
    }

    /// The one way to the state: whoever waits for what has just come to be is told.
    @discardableResult
    package func withState<Value: Sendable>(_ body: (inout State) throws -> Value) rethrows -> Value {
        try state.change(body)
    }
}
