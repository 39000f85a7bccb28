package import FakeServer
package import NIOCore
import NIOHTTP1
import Synchronization
import TestSupport

/// A request that has been read, as far as it came.
package struct Exchange: Sendable {
    package let request: FakeRequest
    package var fault: FaultAction?
    package var body = ByteBuffer()
    /// Of the body; only computed for parts.
    package var checksum = FakeChecksum()

    /// A checksum as the answer is to tell it.
    package func told(_ crc32c: UInt32) -> String { FakeChecksum.text(fault == .wrongChecksum ? ~crc32c : crc32c) }
}

extension FakeGoogleStorage {
    package func serve(_ connection: HTTPConnection) async {
        let number = change { state in
            state.record.connections += 1
            return state.record.connections
        }
        while let head = await connection.nextHead() {
            let request = begin(head, number)
            let goesOn = try? await serve(request, head, on: connection)
            end(request)
            guard goesOn == true, head.headers.first(name: "connection")?.lowercased() != "close" else { return }
        }
    }

    private func begin(_ head: HTTPRequestHead, _ connection: Int) -> FakeRequest {
        change { state in
            var request = FakeRequest(id: state.record.requests.count, connection: connection, head)
            request.fault = Self.takeRule(for: request, in: &state)
            state.record.requests.append(request)
            if request.operation.isPart {
                state.record.openPartIDs.insert(request.id)
                state.record.peakOpenParts = max(state.record.peakOpenParts, state.record.openParts)
            }
            return request
        }
    }

    private func end(_ request: FakeRequest) {
        change { state in
            state.record.requests[request.id].isOver = true
            state.record.openPartIDs.remove(request.id)
        }
    }

    /// - Returns: Whether the connection can be used for another request.
    private func serve(_ request: FakeRequest, _ head: HTTPRequestHead, on connection: HTTPConnection) async throws
        -> Bool
    {
        var exchange = Exchange(request: request, fault: request.fault)
        if head.headers.first(name: "expect")?.lowercased() == "100-continue" {
            try await connection.write(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n"))
        }
        do {
            try await read(&exchange, from: connection)
        } catch {
            // Whoever sends a chunk and breaks off has sent what has come.
            if request.operation == .sessionChunk || request.operation == .finalChunk { keepTornChunk(exchange) }
            throw error
        }
        let (read, problems) = (exchange, Self.problems(of: exchange))
        let response = change { state in
            state.record.violations += problems
            if let text = Self.text(of: read) { state.record.requests[request.id].body = text }
            return problems.isEmpty
                ? answer(read, &state) : Self.failure(400, "invalid", problems.joined(separator: "; "), request)
        }
        if options.latency > .zero { try await Task.sleep(for: options.latency) }
        // Whoever reads the answer may send the next part on another connection before we are back.
        change { _ = $0.record.openPartIDs.remove(request.id) }
        return try await send(response, to: exchange, on: connection)
    }

    /// What Google's description of the JSON API does not allow.
    private static func problems(of exchange: Exchange) -> [String] {
        let request = exchange.request
        guard request.isInDiscoveryDocument else { return [] }
        var body: AnyJSON?
        if request.operation == .insert {
            guard let parts = RelatedParts(exchange) else { return ["\(request.target): not two related parts"] }
            body = parts.resource
        } else if exchange.body.readableBytes > 0 {
            body = AnyJSON(parsing: exchange.body.readableBytesView)
            guard body != nil else { return ["\(request.method) \(request.path): the body is not JSON"] }
        }
        do {
            return try DiscoveryDocument.storage.get()
                .problems(method: request.method, path: request.path, query: request.query, body: body)
        } catch {
            return ["the description of the API cannot be read: \(error)"]
        }
    }

    private static func text(of exchange: Exchange) -> String? {
        let type = exchange.request.headers.first(name: "content-type") ?? ""
        guard exchange.body.readableBytes > 0, exchange.body.readableBytes < 1 << 20 else { return nil }
        let isText = ["json", "xml", "form-urlencoded"].contains { type.contains($0) }
        return isText ? String(buffer: exchange.body) : nil
    }

    // MARK: Reading

    private func read(_ exchange: inout Exchange, from connection: HTTPConnection) async throws {
        let clock = ContinuousClock()
        let start = clock.now
        let id = exchange.request.id
        var received: Int64 = 0
        let length = exchange.request.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
        exchange.body.reserveCapacity(min(length, 1 << 26))
        var limit: Int64? =
            switch exchange.fault {
            case .reset(let bytes), .stall(let bytes), .earlyStatus(_, let bytes): bytes
            default: nil
            }
        if limit == 0 {
            try await strike(exchange, connection)
            limit = nil
        }
        while var chunk = try await connection.nextBody() {
            while chunk.readableBytes > 0 {
                let count = Int(min(Int64(chunk.readableBytes), (limit ?? .max) - received))
                guard let piece = chunk.readSlice(length: count) else { break }
                received += Int64(count)
                exchange.body.writeImmutableBuffer(piece)
                if exchange.request.operation.isPart { exchange.checksum.update(piece) }
                let sum = received
                change { $0.record.requests[id].bodyBytes = sum }
                if received == limit {
                    try await strike(exchange, connection)
                    limit = nil
                }
            }
            if let rate = options.bytesPerSecond {
                try await clock.sleep(until: start + .seconds(Double(received) / Double(rate)))
            }
        }
        if limit != nil { try await strike(exchange, connection) }
    }

    private func strike(_ exchange: Exchange, _ connection: HTTPConnection) async throws {
        if case .stall = exchange.fault {
            await stall(exchange.request.id, on: connection)
            guard connection.isClosed else { return }
        }
        if case .earlyStatus(let status, _) = exchange.fault {
            let response = Self.outage(status, exchange.request).adding("Connection", "close")
            _ = try await send(response, to: exchange, on: connection)
            throw HTTPConnection.Closed()
        }
        await connection.reset()
        throw HTTPConnection.Closed()
    }

    // MARK: Writing

    private func send(_ response: FakeResponse, to exchange: Exchange, on connection: HTTPConnection) async throws
        -> Bool
    {
        if exchange.fault == .lostAnswer {
            await connection.reset()
            return false
        }
        var (response, body) = (response, response.body)
        if case .header(let name, let value) = exchange.fault {
            response.headers.remove(name: name)
            if let value { response.headers.add(name: name, value: value) }
        }
        if case .body(let text) = exchange.fault { body = ByteBuffer(string: text) }
        var head = "HTTP/1.1 \(response.status) \(HTTPResponseStatus(statusCode: response.status).reasonPhrase)\r\n"
        for (name, value) in response.headers { head += "\(name): \(value)\r\n" }
        if response.status != 204 { head += "Content-Length: \(body.readableBytes)\r\n" }
        var isTorn = false
        if case .tornAnswer(let bytes) = exchange.fault {
            body = body.getSlice(at: body.readerIndex, length: min(bytes, max(0, body.readableBytes - 1))) ?? body
            isTorn = true
        }
        if exchange.request.method == "HEAD" { body.clear() }
        change { $0.record.requests[exchange.request.id].status = response.status }
        try await connection.write(ByteBuffer(string: head + "\r\n"))
        while let piece = body.readSlice(length: min(body.readableBytes, 256 * 1024)), piece.readableBytes > 0 {
            try await connection.write(piece)
            if let rate = options.bytesPerSecond {
                try await Task.sleep(for: .seconds(Double(piece.readableBytes) / Double(rate)))
            }
        }
        return !isTorn
    }
}
