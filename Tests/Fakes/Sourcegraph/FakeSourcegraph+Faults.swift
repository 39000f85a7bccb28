package import FakeServer
import Synchronization
import TestSupport

extension FakeSourcegraph {
    /// What is done to a request instead of answering it as asked.
    package enum Fault: Sendable, Equatable {
        /// Nothing is done; 502 and 504 come with a gateway's page.
        case status(Int, retryAfter: Int? = nil, body: String? = nil)
        /// Nothing is done; somebody else is to be asked.
        case redirect(String, status: Int = 302)
        /// Nothing is done; the connection is cut.
        case reset
        /// Nothing happens, until `releaseStalls` or the connection's end; then it is answered.
        case stall
        /// What was asked for is done, and the connection is cut without a word.
        case lostAnswer
        /// What was asked for is done; so many bytes into the answer the connection is cut.
        case tornAnswer(afterBytes: Int)
        /// 200 with this as body, such as a login page; nothing is done.
        case answer(String, contentType: String = "text/html; charset=utf-8")
        /// 200 with errors and no data; nothing is done.
        case errors([String])
        /// All is answered but one field, such as `Query.executors`, which has an error.
        case fieldError(String, String)
        /// Whatever comes in pages has the same page again, and another one after it.
        case endlessPages
        /// 200 with a body of so many bytes, which may be packed.
        case hugeAnswer(bytes: Int, isGzipped: Bool = false)
        /// 200, and what is said to be gzip is none.
        case damagedGzip
    }

    /// Which requests something happens to, how often, and what.
    package struct FaultRule: Sendable {
        /// nil: any.
        package var operation: String?
        /// What the document has to hold; nil: anything.
        package var text: String?
        /// So many matching requests are let through before.
        package var skip: Int
        package var times: Int
        package var fault: Fault
    }

    /// Adds a rule. A request gets the first one that matches it and is not used up.
    package func fault(
        _ fault: Fault, on operation: String? = nil, with text: String? = nil, skip: Int = 0, times: Int = 1
    ) {
        withState {
            $0.rules.append(FaultRule(operation: operation, text: text, skip: skip, times: times, fault: fault))
        }
    }

    package func removeFaults() { withState { $0.rules = [] } }

    /// What happens to a request, and one time less is left of it.
    package static func takeRule(for request: Request, in state: inout State) -> Fault? {
        let index = state.rules.firstIndex { rule in
            rule.times > 0 && (rule.operation == nil || rule.operation == request.operation)
                && (rule.text.map { request.query?.contains($0) == true } ?? true)
        }
        guard let index else { return nil }
        if state.rules[index].skip > 0 {
            state.rules[index].skip -= 1
            return nil
        }
        state.rules[index].times -= 1
        return state.rules[index].fault
    }

    /// Lets everything go on that is stalled now.
    package func releaseStalls() {
        let stalls = withState { state in
            defer { (state.stalls, state.record.stalled) = ([:], 0) }
            return state.stalls
        }
        for stall in stalls.values { stall.resume() }
    }

    /// Returns when the test releases it, or the connection is closed.
    package func stall(_ request: Int, on connection: HTTPConnection) async {
        // For ever would be as long as its client waits.
        let alarm = Task { [weak self] in
            try await Task.sleep(for: Waiting.limit)
            self?.withState { $0.record.violations.append("request \(request) is stalled for \(Waiting.limit)") }
            self?.releaseStall(of: request)
        }
        defer { alarm.cancel() }
        await withCheckedContinuation { continuation in
            withState { state in
                state.stalls[request] = continuation
                state.record.stalled = state.stalls.count
            }
            connection.whenClosed { [weak self] in self?.releaseStall(of: request) }
        }
    }

    private func releaseStall(of request: Int) {
        let stall = withState { state in
            let stall = state.stalls.removeValue(forKey: request)
            state.record.stalled = state.stalls.count
            return stall
        }
        stall?.resume()
    }
}
