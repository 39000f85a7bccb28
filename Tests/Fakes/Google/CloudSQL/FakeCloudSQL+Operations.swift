package import FakeServer
import Foundation
import NIOHTTP1
import TestSupport

extension FakeCloudSQL {
    /// Reserves the instance for one operation, which then has to be accepted or withdrawn.
    ///
    /// - Returns: Its name; nil if another one is in progress.
    package func reserve(_ type: String, _ request: Request, database: String? = nil) -> String? {
        let user = user(of: request)
        let context = request.body?["importContext"]
        return state.change { state in
            for index in state.record.operations.indices { state.record.operations[index].look() }
            guard state.record.operations.allSatisfy({ $0.status == .done }) else { return nil }
            var operation = Operation(name: UUID().uuidString.lowercased(), type: type, user: user)
            (operation.importContext, operation.database) = (context, database)
            operation.looksLeft = options.looks
            state.record.operations.append(operation)
            return operation.name
        }
    }

    /// The request is refused: there never was an operation.
    package func withdraw(_ name: String) {
        state.change { $0.record.operations.removeAll { $0.name == name } }
    }

    /// There is an operation from now on, and this is what is answered.
    package func accept(_ name: String, _ request: Request) -> FakeResponse {
        state.change { state in
            let instance = state.instance
            guard let index = state.index(of: name) else { return Self.failure(500, "internalError", "no \(name)") }
            Self.takeFaults(index, in: &state)
            state.record.operations[index].isAccepted = true
            state.record.requests[request.id].operation = name
            return .json(body: state.record.operations[index].json(instance))
        }
    }

    /// Accepts an operation whose work has been done, or fails if a test wants it.
    package func acceptDone(_ name: String, _ request: Request) -> FakeResponse {
        let response = accept(name, request)
        finish(name, plannedFailure(of: name))
        return response
    }

    /// How a test wants an operation to fail; nothing is to be done then.
    package func plannedFailure(of name: String) -> Operation.Failure? {
        state.change { state in
            guard let index = state.index(of: name) else { return nil }
            Self.takeFaults(index, in: &state)
            return state.record.operations[index].faults?.compactMap { fault -> Operation.Failure? in
                guard case .fails(let code, let message) = fault else { return nil }
                return Operation.Failure(code: code, message: message)
            }.first
        }
    }

    private static func takeFaults(_ index: Int, in state: inout State) {
        let operation = state.record.operations[index]
        guard operation.faults == nil else { return }
        let faults = takeRules(type: operation.type, uri: operation.uri, in: &state)
        state.record.operations[index].faults = faults
        for case .unlisted(let lists) in faults { state.record.operations[index].listsLeft = lists }
    }

    package func operation(_ name: String) -> Operation? { record.operations.first { $0.name == name } }

    package func finish(_ name: String, _ error: Operation.Failure? = nil) {
        state.change { state in
            if let index = state.index(of: name) { state.record.operations[index].end(error) }
        }
    }

    private func user(of request: Request) -> String {
        let token = (request.headers.first(name: "authorization") ?? "").dropFirst("Bearer ".count)
        return storage.grants.first { $0.token == token }?.subject ?? "operator@example.com"
    }

    // MARK: Those of others

    /// Puts an operation on the instance that nobody here has asked for, such as `BACKUP_VOLUME` or `MAINTENANCE`.
    ///
    /// - Parameter looks: Ends it when it has been seen, or was in somebody's way, so often; nil: ``endForeignOperation(_:error:)``
    ///   does.
    @discardableResult
    package func startForeignOperation(_ type: String, by user: String = "", looks: Int? = nil) -> String {
        state.change { state in
            var operation = Operation(name: UUID().uuidString.lowercased(), type: type, user: user)
            operation.isAccepted = true
            operation.start()
            if let looks {
                operation.looksLeft = looks
                operation.end(nil)
            }
            state.record.operations.append(operation)
            return operation.name
        }
    }

    package func endForeignOperation(_ name: String, error: Operation.Failure? = nil) { finish(name, error) }

    // MARK: Requests

    package func getOperation(_ request: Request) -> FakeResponse {
        let name = request.pieces.last ?? ""
        return state.change { state in
            let instance = state.instance
            guard let index = state.index(of: name), state.record.operations[index].isAccepted else {
                return Self.noOperation
            }
            state.record.operations[index].looks += 1
            guard !state.record.operations[index].isForgotten else { return Self.noOperation }
            state.record.operations[index].look()
            return .json(body: state.record.operations[index].json(instance))
        }
    }

    /// The text is assumed.
    private static var noOperation: FakeResponse {
        failure(404, "operationDoesNotExist", "The Cloud SQL operation does not exist.")
    }

    /// Pages of what there ever was, the newest first. A token is the place where the next page begins.
    package func listOperations(_ request: Request) -> FakeResponse {
        let size = min(options.pageSize, request.query("maxResults").flatMap { Int($0) } ?? options.pageSize)
        guard size > 0 else { return Self.failure(400, "invalid", "Invalid value for maxResults.") }
        let token = request.query("pageToken")
        guard let start = token.map({ Int($0.replacing("page-", with: "")) }) ?? 0, start >= 0 else {
            return Self.failure(400, "invalid", "Invalid page token.")
        }
        return state.change { state in
            let instance = state.instance
            var fields: [String: AnyJSON] = ["kind": "sql#operationsList"]
            guard request.query("instance") ?? instance.name == instance.name else {
                return .json(body: .object(fields))
            }
            let all = state.record.operations.indices.reversed().filter { index in
                let operation = state.record.operations[index]
                guard operation.isAccepted, !operation.isForgotten else { return false }
                if operation.listsLeft > 0 { state.record.operations[index].listsLeft -= 1 }
                return operation.listsLeft == 0
            }
            let page = all.dropFirst(start).prefix(size)
            for index in page { state.record.operations[index].look() }
            if !page.isEmpty { fields["items"] = .array(page.map { state.record.operations[$0].json(instance) }) }
            if start + size < all.count { fields["nextPageToken"] = .string("page-\(start + size)") }
            return .json(body: .object(fields))
        }
    }

    /// Only imports and exports can be cancelled; the refusals' texts and statuses are assumed.
    package func cancelOperation(_ request: Request) -> FakeResponse {
        let pieces = request.pieces
        let name = pieces.count > 4 ? pieces[4] : ""
        return state.change { state in
            guard let index = state.index(of: name), state.record.operations[index].isAccepted else {
                return Self.noOperation
            }
            guard ["IMPORT", "EXPORT"].contains(state.record.operations[index].type) else {
                return Self.failure(400, "invalid", "Invalid request: the operation cannot be cancelled.")
            }
            guard state.record.operations[index].status != .done else {
                return Self.failure(400, "invalid", "Invalid request: the operation is done already.")
            }
            state.record.operations[index].isCancelled = true
            return .json(body: [:])
        }
    }
}

extension FakeCloudSQL.State {
    package func index(of name: String) -> Int? { record.operations.firstIndex { $0.name == name } }
}
