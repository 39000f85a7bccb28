import Foundation
package import NIOHTTP1
package import TestSupport

extension FakeCloudSQL {
    /// A request as it came, all of it.
    package struct Request: Sendable {
        package var id: Int
        /// The API's name for what is asked, such as `instances.import`; empty if it has none.
        package var method = ""
        package var httpMethod: String
        /// Without what is behind `?`, and as v1 has it: still percent-encoded.
        package var path: String
        package var query: [(name: String, value: String)]
        package var headers: HTTPHeaders
        /// nil if there is none, or it is not JSON.
        package var body: AnyJSON?
        package var fault: Fault?
        /// The operation that it began.
        package var operation: String?
        /// The answer's; nil as long as there is none.
        package var status: Int?

        /// What stands between the slashes.
        package var pieces: [String] {
            path.split(separator: "/").map { String($0).removingPercentEncoding ?? String($0) }
        }

        package func query(_ name: String) -> String? { query.first { $0.name == name }?.value }
    }

    /// All that a fake was asked and has done, in the order of arrival.
    package struct Record: Sendable {
        package var requests: [Request] = []
        /// All that there ever were, the oldest first; foreign ones too.
        package var operations: [Operation] = []
        /// What Google would refuse, or a client of it must not do. Empty at the end of a good test.
        package var violations: [String] = []
        /// Those that are kept, the oldest first.
        package var backups: [Backup] = []
        /// Requests that are stalled now.
        package var stalled = 0

        package func requests(for method: String) -> [Request] { requests.filter { $0.method == method } }

        /// Those of an object, such as `gs://bucket/primary.sql`; all if none is named.
        package func imports(of uri: String? = nil) -> [Operation] {
            operations.filter { $0.type == "IMPORT" && $0.isAccepted && uri ?? $0.uri == $0.uri }
        }

        /// What came last, for who waits in vain.
        package var lastLines: String {
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

    package var record: Record { state.change { $0.record } }
    package var requests: [Request] { record.requests }
    package var operations: [Operation] { record.operations.filter(\.isAccepted) }
    package var violations: [String] { record.violations }

    package func requests(for method: String) -> [Request] { record.requests(for: method) }

    package func imports(of uri: String? = nil) -> [Operation] { record.imports(of: uri) }

    /// Returns as soon as the record is so, or the test is cancelled.
    ///
    /// - Throws: ``WaitedInVain``.
    package func waitUntil(
        file: String = #filePath, line: Int = #line, _ predicate: @escaping @Sendable (Record) -> Bool
    ) async throws {
        try await state.wait(file: file, line: line, last: { $0.record.lastLines }, until: { predicate($0.record) })
    }

    package func violate(_ text: String) { state.change { $0.record.violations.append(text) } }
}
