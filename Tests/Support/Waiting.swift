import Foundation
import Synchronization

/// How long tests wait for what has to come: far longer than it takes, on a busy machine too.
package enum Waiting {
    package static let limit = Duration.seconds(110)
}

/// A wait that was given up.
package struct WaitedInVain: Error, CustomStringConvertible {
    /// What was waited for, and what was there instead.
    package var description: String

    package init(_ what: String, for limit: Duration = Waiting.limit, last: String) {
        description = "\(what): not within \(limit.formatted()). The last that was seen:\n\(last)"
    }

    /// - Parameters:
    ///   - file: Where a test waits; that line says for what.
    ///   - last: What was there instead.
    package init(file: String, line: Int, for limit: Duration = Waiting.limit, last: String) {
        let lines = (try? String(contentsOfFile: file, encoding: .utf8))?
            .split(separator: "\n", omittingEmptySubsequences: false)
        let code = lines?.dropFirst(line - 1).first.map { "`\($0.trimmingCharacters(in: .whitespaces))`, " } ?? ""
        self.init("\(code)\(file.split(separator: "/").last ?? ""):\(line)", for: limit, last: last)
    }
}

/// Waits for something, and not for ever.
///
/// - Parameters:
///   - what: What it is.
///   - last: Tells what is there instead.
///   - body: Returns once it is so. It is cancelled when it is given up, and nobody waits for it then.
/// - Throws: ``WaitedInVain``.
package func within<Value: Sendable>(
    _ what: String, for limit: Duration = Waiting.limit,
    last: @escaping @autoclosure @Sendable () async -> String = "nothing is known of it",
    _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    // No task group: that would wait for a body that does not hear of its cancellation.
    let end = FirstEnd<Value>()
    let waiting = Task {
        do { end.take(.success(try await body())) } catch { end.take(.failure(error)) }
    }
    let alarm = Task {
        try await Task.sleep(for: limit)
        end.take(.failure(WaitedInVain(what, for: limit, last: await last())))
    }
    defer {
        waiting.cancel()
        alarm.cancel()
    }
    return try await withTaskCancellationHandler {
        try await withCheckedThrowingContinuation { end.tell($0) }
    } onCancel: {
        waiting.cancel()
    }
}

/// Looks again and again whether something is so, and not for ever.
package func waitUntil(
    _ what: String, last: @escaping @autoclosure @Sendable () async -> String = "nothing is known of it",
    _ isSo: @escaping @Sendable () async throws -> Bool
) async throws {
    try await within(what, last: await last()) {
        while !(try await isSo()) { try await Task.sleep(for: .milliseconds(5)) }
    }
}

/// How the first of several tasks has ended.
private final class FirstEnd<Value: Sendable>: Sendable {
    private typealias Listener = CheckedContinuation<Value, any Error>

    private let state = Mutex<(end: Result<Value, any Error>?, listener: Listener?)>((nil, nil))

    func take(_ end: Result<Value, any Error>) {
        let listener = state.withLock { state -> Listener? in
            guard state.end == nil else { return nil }
            state.end = end
            defer { state.listener = nil }
            return state.listener
        }
        listener?.resume(with: end)
    }

    /// Called once.
    func tell(_ listener: CheckedContinuation<Value, any Error>) {
        let end = state.withLock { state in
            if state.end == nil { state.listener = listener }
            return state.end
        }
        if let end { listener.resume(with: end) }
    }
}
