import Foundation
import NIOHTTP1

extension FakeCloudSQL {
    /// A request as it came, all of it.
    struct Request: Sendable {
        var id: Int
        /// The API's name for what is asked, such as `instances.import`; empty if it has none.
        var method = ""
        var httpMethod: String
        /// Without what is behind `?`, and as v1 has it: still percent-encoded.
        var path: String
        var query: [(name: String, value: String)]
        var headers: HTTPHeaders
        /// nil if there is none, or it is not JSON.
        var body: JSONValue?
        var fault: Fault?
        /// The operation that it began.
        var operation: String?
        /// The answer's; nil as long as there is none.
        var status: Int?

        /// What stands between the slashes.
        var pieces: [String] {
            path.split(separator: "/").map { String($0).removingPercentEncoding ?? String($0) }
        }

        func query(_ name: String) -> String? { query.first { $0.name == name }?.value }
    }

    /// All that a fake was asked and has done, in the order of arrival.
    struct Record: Sendable {
        var requests: [Request] = []
        /// All that there ever were, the oldest first; foreign ones too.
        var operations: [Operation] = []
        /// What Google would refuse, or a client of it must not do. Empty at the end of a good test.
        var violations: [String] = []
        /// Those that are kept, the oldest first.
        var backups: [Backup] = []
        /// Requests that are stalled now.
        var stalled = 0

        func requests(for method: String) -> [Request] { requests.filter { $0.method == method } }

        /// Those of an object, such as `gs://bucket/primary.sql`; all if none is named.
        func imports(of uri: String? = nil) -> [Operation] {
            operations.filter { $0.type == "IMPORT" && $0.isAccepted && uri ?? $0.uri == $0.uri }
        }

        /// What came last, for who waits in vain.
        var lastLines: String {
            let asked = requests.suffix(5).map { request in
                "\(request.method): \(request.status.map(String.init) ?? "no answer")"
            }
            let done = operations.suffix(5).map { operation in
                "\(operation.type) \(operation.uri ?? operation.database ?? ""): \(operation.status)"
            }
            return (asked + done + ["\(requests.count) requests, \(stalled) stalled, violations: \(violations)"])
                .joined(separator: "\n")
        }
    }

    var record: Record { state.change { $0.record } }
    var requests: [Request] { record.requests }
    var operations: [Operation] { record.operations.filter(\.isAccepted) }
    var violations: [String] { record.violations }

    func requests(for method: String) -> [Request] { record.requests(for: method) }

    func imports(of uri: String? = nil) -> [Operation] { record.imports(of: uri) }

    /// Returns as soon as the record is so, or the test is cancelled.
    ///
    /// - Throws: ``WaitedInVain``.
    func waitUntil(
        file: String = #filePath, line: Int = #line, _ predicate: @escaping @Sendable (Record) -> Bool
    ) async throws {
        try await state.wait(file: file, line: line, last: { $0.record.lastLines }, until: { predicate($0.record) })
    }

    func violate(_ text: String) { state.change { $0.record.violations.append(text) } }
}
