package import FakeServer
import Synchronization
import TestSupport

/// What is done to a request instead of answering it as asked.
package enum FaultAction: Sendable, Equatable {
    /// The body is read and nothing else done.
    case status(Int, retryAfter: Int? = nil)
    /// As a status, but a session keeps the first bytes of the chunk.
    case statusAfterPersisting(Int, bytes: Int64)
    /// Answered as soon as so many bytes of the body have come, and closed: the rest is not wanted.
    case earlyStatus(Int, afterBytes: Int64)
    /// RST as soon as so many bytes of the body have come. A session keeps what it has of them.
    case reset(afterBytes: Int64 = 0)
    /// So many bytes of the body are read, or all if it has fewer; then nothing, until `releaseStalls` or the
    /// connection's end.
    case stall(afterBytes: Int64 = 0)
    /// What was asked for is done, but so many bytes into the answer's body the connection is closed.
    case tornAnswer(afterBytes: Int = 0)
    /// What was asked for is done, and the connection is closed without a word.
    case lostAnswer
    /// What was asked for is done; the checksum in the answer is another one.
    case wrongChecksum
    /// 200 with an `<Error>` as body; nothing is done.
    case errorInSuccess(code: String = "InternalError", message: String = "We encountered an internal error.")
    /// What was asked for is done; the answer has this header, or lacks it.
    case header(String, String?)
    /// 200 with this as body, whatever was asked for; nothing is done.
    case answer(String)
    /// What was asked for is done; the answer has this as its body, as when it was cut off by somebody who counts anew.
    case body(String)
    /// Refused for this reason, in the words of the API that was asked.
    case refused(Int, reason: String, code: String, message: String)
    /// Answered with a page of HTML, by whoever stands between.
    case page(Int, String)
    /// 403, as for a right that has been withdrawn.
    case denied(FakeGoogleStorage.Permission)
    /// A session keeps only the first bytes of a chunk, and says so.
    case persistOnly(Int64)
    /// The session is gone: 410 when younger than a week, 404 when older.
    case dropSession(status: Int = 410)
    /// The multipart upload is not known any more.
    case dropUpload
    /// 401, as for a token that has expired.
    case unauthorized
}

/// Which requests something happens to, how often, and what.
package struct FaultRule: Sendable {
    package var matches: @Sendable (FakeRequest) -> Bool
    /// So many matching requests are let through before.
    package var skip: Int
    package var times: Int
    package var action: FaultAction

    package init(
        skip: Int = 0, times: Int = 1, _ action: FaultAction, where matches: @escaping @Sendable (FakeRequest) -> Bool
    ) {
        (self.skip, self.times, self.action, self.matches) = (skip, times, action, matches)
    }

    package init(
        _ operation: FakeOperation, of object: String? = nil, skip: Int = 0, times: Int = 1, _ action: FaultAction
    ) {
        self.init(skip: skip, times: times, action) { $0.operation == operation && object ?? $0.object == $0.object }
    }

    package static func anyPart(of object: String? = nil, skip: Int = 0, times: Int = 1, _ action: FaultAction) -> Self
    {
        Self(skip: skip, times: times, action) { $0.operation.isPart && object ?? $0.object == $0.object }
    }
}

extension FakeGoogleStorage {
    /// Adds a rule. A request gets the first one that matches it and is not used up.
    package func fault(_ rule: FaultRule) { change { $0.rules.append(rule) } }

    package func fault(
        _ operation: FakeOperation, of object: String? = nil, skip: Int = 0, times: Int = 1, _ action: FaultAction
    ) {
        fault(FaultRule(operation, of: object, skip: skip, times: times, action))
    }

    package func removeFaults() { change { $0.rules = [] } }

    /// Lets everything go on that is stalled now.
    package func releaseStalls() {
        let stalls = change { state in
            defer { (state.stalls, state.record.stalled) = ([:], 0) }
            return state.stalls
        }
        for stall in stalls.values { stall.resume() }
    }

    /// What happens to a request, and one time less is left of it.
    package static func takeRule(for request: FakeRequest, in state: inout State) -> FaultAction? {
        guard let index = state.rules.firstIndex(where: { $0.times > 0 && $0.matches(request) }) else { return nil }
        if state.rules[index].skip > 0 {
            state.rules[index].skip -= 1
            return nil
        }
        state.rules[index].times -= 1
        return state.rules[index].action
    }

    /// Returns when the test releases it, or the connection is closed.
    package func stall(_ request: Int, on connection: HTTPConnection) async {
        // For ever would be as long as its client waits.
        let alarm = Task { [weak self] in
            try await Task.sleep(for: Waiting.limit)
            self?.change { $0.record.violations.append("request \(request) is stalled for \(Waiting.limit)") }
            self?.releaseStall(of: request)
        }
        defer { alarm.cancel() }
        await withCheckedContinuation { continuation in
            change { state in
                state.stalls[request] = continuation
                state.record.stallsBegun += 1
                state.record.stalled = state.stalls.count
            }
            connection.whenClosed { [weak self] in self?.releaseStall(of: request) }
        }
    }

    private func releaseStall(of request: Int) {
        let stall = change { state in
            let stall = state.stalls.removeValue(forKey: request)
            state.record.stalled = state.stalls.count
            return stall
        }
        stall?.resume()
    }
}
