package import FakeServer
import TestSupport

extension FakeCloudSQL {
    /// What is done to a request instead of answering it as asked.
    package enum Fault: Sendable, Equatable {
        /// Nothing is done; the envelope has the usual reason and message of this status if none is given.
        case status(Int, reason: String? = nil, message: String? = nil, retryAfter: Int? = nil)
        /// Nothing is done; the connection is cut.
        case reset
        /// Nothing happens, until `releaseStalls` or the connection's end; then it is answered.
        case stall
        /// What was asked for is done, and the connection is cut without a word.
        case lostAnswer
        /// What was asked for is done; so many bytes into the answer the connection is cut.
        case tornAnswer(afterBytes: Int)
        /// 200 with this as body; nothing is done.
        case answer(String)
        /// What was asked for is done; 200 with this as body.
        case wrongAnswer(String)
    }

    /// Which requests something happens to, how often, and what.
    package struct FaultRule: Sendable {
        /// Such as `operations.get`; nil: any.
        package var method: String?
        /// So many matching requests are let through before.
        package var skip: Int
        package var times: Int
        package var fault: Fault
    }

    /// What happens to an operation. Several may happen to one.
    package enum OperationFault: Sendable, Equatable {
        /// It ends with this error, and nothing is done.
        case fails(code: String = "INTERNAL_ERROR", message: String = "An internal error occurred.")
        /// Of an import: the program that loads is killed when so many bytes have come to it and are dealt with.
        case killed(afterBytes: Int)
        /// Of an import: all bytes after so many are missing, and nobody notices.
        case cutOff(afterBytes: Int)
        /// Of an import: nothing goes on after so many bytes until `releaseOperations`.
        case held(afterBytes: Int = 0)
        /// So many times it is told of, then nobody knows it.
        case forgotten(afterLooks: Int)
        /// So many lists lack it.
        case unlisted(lists: Int)
    }

    package struct OperationRule: Sendable {
        package var type: String
        package var uri: String?
        package var skip: Int
        package var times: Int
        package var fault: OperationFault
    }

    /// Adds a rule. A request gets the first one that matches it and is not used up.
    package func fault(_ fault: Fault, on method: String? = nil, skip: Int = 0, times: Int = 1) {
        state.change { $0.rules.append(FaultRule(method: method, skip: skip, times: times, fault: fault)) }
    }

    /// Adds a rule for operations that begin from now on. Each gets all that match it and are not used up.
    ///
    /// - Parameter uri: Of imports; nil: any.
    package func fault(
        operation fault: OperationFault, type: String = "IMPORT", of uri: String? = nil, skip: Int = 0, times: Int = 1
    ) {
        let rule = OperationRule(type: type, uri: uri, skip: skip, times: times, fault: fault)
        state.change { $0.operationRules.append(rule) }
    }

    package func removeFaults() { state.change { ($0.rules, $0.operationRules) = ([], []) } }

    /// Lets every request go on that is stalled now.
    package func releaseStalls() { state.change { $0.releases += 1 } }

    /// Lets every operation go on that is held now, or the one that is named.
    package func releaseOperations(_ name: String? = nil) {
        state.change { state in
            for index in state.record.operations.indices where name ?? state.name(index) == state.name(index) {
                state.record.operations[index].isReleased = true
            }
        }
    }

    // MARK: Matching

    /// What happens to a request, and one time less is left of it.
    package static func takeRule(for method: String, in state: inout State) -> Fault? {
        let index = state.rules.firstIndex { $0.times > 0 && $0.method ?? method == method }
        guard let index else { return nil }
        if state.rules[index].skip > 0 {
            state.rules[index].skip -= 1
            return nil
        }
        state.rules[index].times -= 1
        return state.rules[index].fault
    }

    /// What happens to an operation, and one time less is left of each.
    package static func takeRules(type: String, uri: String?, in state: inout State) -> [OperationFault] {
        state.operationRules.indices.compactMap { index in
            let rule = state.operationRules[index]
            guard rule.times > 0, rule.type == type, rule.uri == nil || rule.uri == uri else { return nil }
            if rule.skip > 0 {
                state.operationRules[index].skip -= 1
                return nil
            }
            state.operationRules[index].times -= 1
            return rule.fault
        }
    }

    /// Returns when the test releases it, or the connection is closed.
    package func stall(_ request: Int, on connection: HTTPConnection) async {
        connection.whenClosed { [weak self] in self?.state.change { _ = $0.gone.insert(request) } }
        let releases = state.change { state in
            state.record.stalled += 1
            return state.releases
        }
        let isInTime = await state.wait {
            $0.releases > releases || $0.gone.contains(request) || $0.isStopping
        }
        if !isInTime { violate("request \(request) is stalled for \(Waiting.limit)") }
        state.change { $0.record.stalled -= 1 }
    }
}

extension FakeCloudSQL.State {
    fileprivate func name(_ index: Int) -> String { record.operations[index].name }
}
