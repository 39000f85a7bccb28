import TestClusters
import TestSupport

/// Waiting for something on the VM in a workplace's folder.
extension Workplace {
    /// Runs `body`, and stops it after two minutes: then it throws what has not come, and how the VM stands.
    func awaiting<Value: Sendable>(
        _ what: String, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await within(what, last: stateOfVM, body)
    }

    /// The containers, with what they have said last, what was run last, and what sshd says.
    private var stateOfVM: String {
        func last(_ count: Int, of file: String) -> [String] {
            let text = (try? folder.text("vm/\(file)")) ?? ""
            return text.split(whereSeparator: \.isNewline).suffix(count).map { "    \($0)" }
        }
        var lines: [String] = []
        for name in (try? folder.list("vm/containers")) ?? [] {
            let fields = ["status", "health", "restarts", "exitcode"].map { field in
                let text = (try? folder.text("vm/containers/\(name)/\(field)"))?.trimmingPrefix("\n") ?? ""
                return "\(field) \(text.prefix { $0 != "\n" })"
            }
            lines.append("\(name): \(fields.joined(separator: ", "))")
            lines += last(5, of: "containers/\(name)/log") + last(5, of: "containers/\(name)/supervisor.log")
        }
        lines += ["invocations:"] + last(10, of: "invocations") + ["sshd:"] + last(10, of: "ssh/log")
        return lines.joined(separator: "\n")
    }
}
