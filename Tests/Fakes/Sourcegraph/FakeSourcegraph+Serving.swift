package import FakeServer
import Foundation
import MigrationKitBase
package import NIOCore
import NIOHTTP1
import Synchronization
package import TestSupport

extension FakeSourcegraph {
    /// A request's body, unpacked.
    package struct Body: Sendable {
        package var bytes = ByteBuffer()
        /// Why it cannot be read.
        package var problem: String?
        package var json: AnyJSON? { AnyJSON(parsing: bytes.readableBytesView) }
    }

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
        let body = try await body(of: head, on: connection)
        let request = begin(head, body)
        defer { withState { $0.record.open -= 1 } }
        switch request.fault {
        case .stall:
            await stall(request.id, on: connection)
            guard !connection.isClosed else { return false }
        case .reset:
            await connection.reset()
            return false
        default: break
        }
        let response = withState { Self.gatewayAnswer(to: request, &$0) } ?? answer(to: request, body)
        return try await send(response, to: request, on: connection)
    }

    // MARK: Reading

    private func body(of head: HTTPRequestHead, on connection: HTTPConnection) async throws -> Body {
        var body = Body()
        while let chunk = try await connection.nextBody() {
            guard body.bytes.readableBytes + chunk.readableBytes <= Self.bodyLimit else {
                throw HTTPConnection.Closed()
            }
            body.bytes.writeImmutableBuffer(chunk)
        }
        guard head.headers.first(name: "content-encoding") == "gzip" else { return body }
        // Older servers do not look at the header.
        guard instance.api >= SourcegraphVersion(3, 21) else {
            body.problem = "gzip was sent to \(instance.api), which cannot unpack it"
            return body
        }
        do {
            body.bytes = try await Gzip.decompressed(body.bytes, limit: Self.bodyLimit, name: "the request")
        } catch {
            body.problem = "the request's body is not gzip"
        }
        return body
    }

    private func begin(_ head: HTTPRequestHead, _ body: Body) -> Request {
        let parts = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let json = body.problem == nil ? body.json : nil
        let query = json?["query"]?.string
        return withState { state in
            var request = Request(
                id: state.record.requests.count, method: head.method.rawValue, path: String(parts[0]),
                search: parts.count > 1 ? String(parts[1]) : nil, headers: head.headers)
            request.query = query
            request.variables = json?["variables"]?.object ?? [:]
            request.operation =
                json?["operationName"]?.string
                ?? query.flatMap { try? GraphQLParser.document($0).operations.first?.name }
            request.fault = Self.takeRule(for: request, in: &state)
            state.record.requests.append(request)
            state.record.open += 1
            state.record.peakOpen = max(state.record.peakOpen, state.record.open)
            return request
        }
    }

    // MARK: Writing

    private func send(_ response: FakeResponse, to request: Request, on connection: HTTPConnection) async throws
        -> Bool
    {
        if request.fault == .lostAnswer {
            await connection.reset()
            return false
        }
        var response = response
        let isHuge = if case .hugeAnswer(_, let isGzipped) = request.fault { !isGzipped } else { false }
        let takesGzip = request.headers["accept-encoding"].contains { $0.contains("gzip") }
        if request.fault == .damagedGzip {
            response = response.adding("Content-Encoding", "gzip")
        } else if options.gzipsAnswers, takesGzip, !isHuge, response.status == 200 {
            response.body = try await Gzip.compressed(response.body)
            response = response.adding("Content-Encoding", "gzip")
        }
        response = response.adding("Date", Self.date(Date(timeIntervalSinceNow: instance.clockAhead)))
        var head = "HTTP/1.1 \(response.status) \(HTTPResponseStatus(statusCode: response.status).reasonPhrase)\r\n"
        for (name, value) in response.headers { head += "\(name): \(value)\r\n" }
        head += "Content-Length: \(response.body.readableBytes)\r\n\r\n"
        withState { $0.record.requests[request.id].status = response.status }
        try await connection.write(ByteBuffer(string: head))
        if case .tornAnswer(let count) = request.fault {
            let count = min(count, max(0, response.body.readableBytes - 1))
            if let piece = response.body.readSlice(length: count) { try await connection.write(piece) }
            await connection.reset()
            return false
        }
        while let piece = response.body.readSlice(length: min(response.body.readableBytes, 1 << 20)),
            piece.readableBytes > 0
        {
            try await connection.write(piece)
        }
        return true
    }

    /// A date as HTTP has it.
    private static func date(_ date: Date) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = .gmt
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return formatter.string(from: date)
    }
}
