package import FakeServer
import NIOCore
import NIOHTTP1
import TestSupport

extension FakeCloudSQL {
    /// More than any body of a client's.
    private static let bodyLimit = 32 << 20

    package func serve(_ connection: HTTPConnection) async {
        while let head = await connection.nextHead() {
            guard (try? await serve(head, on: connection)) == true,
                head.headers.first(name: "connection")?.lowercased() != "close"
            else { return }
        }
    }

    /// - Returns: Whether the connection can be used for another request.
    private func serve(_ head: HTTPRequestHead, on connection: HTTPConnection) async throws -> Bool {
        var bytes = ByteBuffer()
        while let chunk = try await connection.nextBody() {
            guard bytes.readableBytes + chunk.readableBytes <= Self.bodyLimit else { throw HTTPConnection.Closed() }
            bytes.writeImmutableBuffer(chunk)
        }
        let request = begin(head, bytes)
        switch request.fault {
        case .stall:
            await stall(request.id, on: connection)
            guard !connection.isClosed else { return false }
        case .reset:
            await connection.reset()
            return false
        default: break
        }
        let problems = Self.problems(of: request, bytes)
        state.change { $0.record.violations += problems }
        let response: FakeResponse
        if let injected = Self.injected(request) {
            response = injected
        } else if let problem = problems.first {
            response = Self.failure(400, "invalid", problem)
        } else {
            response = await answer(to: request)
            check(response, to: request)
        }
        return try await send(response, to: request, on: connection)
    }

    private func begin(_ head: HTTPRequestHead, _ bytes: ByteBuffer) -> Request {
        let parts = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var path = String(parts[0])
        // gcloud's clients speak v1beta4, which has the same methods in another place.
        if path.hasPrefix("/sql/v1beta4/") { path = "/v1/" + path.dropFirst("/sql/v1beta4/".count) }
        let document = try? DiscoveryDocument.sqladmin.get()
        let id = document?.id(method: head.method.rawValue, path: path) ?? ""
        return state.change { [path] state in
            var request = Request(
                id: state.record.requests.count, method: String(id.dropFirst("sql.".count)),
                httpMethod: head.method.rawValue, path: path,
                query: parts.count > 1 ? FakeRequest.form(parts[1]) : [], headers: head.headers)
            request.body = bytes.readableBytes > 0 ? AnyJSON(parsing: bytes.readableBytesView) : nil
            request.fault = Self.takeRule(for: request.method, in: &state)
            state.record.requests.append(request)
            return request
        }
    }

    // MARK: Google's description

    /// What Google's description of the API does not allow, or its servers do not.
    private static func problems(of request: Request, _ bytes: ByteBuffer) -> [String] {
        if bytes.readableBytes > 0 {
            guard request.body != nil else { return ["\(request.httpMethod) \(request.path): the body is not JSON"] }
            guard request.headers.first(name: "content-type")?.hasPrefix("application/json") == true else {
                return ["\(request.httpMethod) \(request.path): the body is not said to be JSON"]
            }
        }
        do {
            return try DiscoveryDocument.sqladmin.get()
                .problems(method: request.httpMethod, path: request.path, query: request.query, body: request.body)
        } catch {
            return ["the description of the API cannot be read: \(error)"]
        }
    }

    /// Whether the fake itself keeps to the description.
    private func check(_ response: FakeResponse, to request: Request) {
        guard response.status == 200, let document = try? DiscoveryDocument.sqladmin.get() else { return }
        guard let body = AnyJSON(parsing: response.body.readableBytesView) else {
            return violate("the answer of \(request.method) is not JSON")
        }
        let problems = document.problems(ofAnswer: body, method: request.httpMethod, path: request.path)
        state.change { $0.record.violations += problems }
    }

    // MARK: Writing

    private func send(_ response: FakeResponse, to request: Request, on connection: HTTPConnection) async throws
        -> Bool
    {
        if request.fault == .lostAnswer {
            await connection.reset()
            return false
        }
        var body = response.body
        if case .wrongAnswer(let text) = request.fault { body = ByteBuffer(string: text) }
        var head = "HTTP/1.1 \(response.status) \(HTTPResponseStatus(statusCode: response.status).reasonPhrase)\r\n"
        for (name, value) in response.headers { head += "\(name): \(value)\r\n" }
        head += "Content-Length: \(body.readableBytes)\r\n\r\n"
        state.change { $0.record.requests[request.id].status = response.status }
        try await connection.write(ByteBuffer(string: head))
        if case .tornAnswer(let count) = request.fault {
            if let piece = body.readSlice(length: min(count, max(0, body.readableBytes - 1))) {
                try await connection.write(piece)
            }
            return false
        }
        if body.readableBytes > 0 { try await connection.write(body) }
        return true
    }
}
