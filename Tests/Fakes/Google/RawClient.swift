import AsyncHTTPClient
import Foundation
package import NIOCore
package import NIOHTTP1
package import TestSupport

/// Requests put together by hand: what the fake is asked here is what is written in the test.
package struct RawClient: Sendable {
    package struct Answer: Sendable {
        package var status: Int
        package var headers: HTTPHeaders
        package var body: String

        package func header(_ name: String) -> String? { headers.first(name: name) }

        package var json: AnyJSON { AnyJSON(parsing: body.utf8) ?? .null }

        /// The text of the first element with this name.
        package func element(_ name: String) -> String? {
            guard let start = body.range(of: "<\(name)>"), let end = body.range(of: "</\(name)>") else { return nil }
            return String(body[start.upperBound..<end.lowerBound])
        }
    }

    package let endpoint: String
    private let client: HTTPClient

    /// A client for as long as the body runs.
    package static func with<Value: Sendable>(
        _ options: FakeGoogleStorage.Options = .init(),
        _ body: (FakeGoogleStorage, RawClient) async throws -> Value
    ) async throws -> Value {
        try await FakeGoogleStorage.running(options) { fake in
            let client = HTTPClient(
                eventLoopGroupProvider: .singleton, configuration: .init(redirectConfiguration: .disallow))
            do {
                let value = try await body(fake, RawClient(endpoint: fake.endpoint, client: client))
                try await client.shutdown()
                return value
            } catch {
                try await client.shutdown()
                throw error
            }
        }
    }

    private init(endpoint: String, client: HTTPClient) { (self.endpoint, self.client) = (endpoint, client) }

    /// - Parameter target: A path, or a whole URI.
    package func send(
        _ method: HTTPMethod, _ target: String, _ headers: HTTPHeaders = [:], _ body: ByteBuffer? = nil
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: target.hasPrefix("http") ? target : endpoint + target)
        request.method = method
        request.headers = headers
        if let body { request.body = .bytes(body) }
        let response = try await client.execute(request, timeout: .seconds(60))
        let text = try await response.body.collect(upTo: 1 << 26)
        return Answer(
            status: Int(response.status.code), headers: response.headers, body: String(buffer: text))
    }

    package func send(_ method: HTTPMethod, _ target: String, _ headers: HTTPHeaders = [:], text: String) async throws
        -> Answer
    {
        try await send(method, target, headers, ByteBuffer(string: text))
    }

    /// Starts a session and tells its URI.
    package func startSession(_ bucket: String, _ name: String, _ query: String = "", metadata: AnyJSON = [:])
        async throws
        -> String?
    {
        try await send(
            .POST, "/upload/storage/v1/b/\(bucket)/o?uploadType=resumable&name=\(name)\(query)",
            ["Content-Type": "application/json; charset=UTF-8"], text: metadata.text
        ).header("location")
    }

    /// Sends a chunk, or asks for the status if it has no bytes.
    package func put(_ session: String?, _ range: String, _ bytes: ByteBuffer = .init(), _ hash: String? = nil)
        async throws
        -> Answer
    {
        var headers: HTTPHeaders = ["Content-Range": "bytes \(range)"]
        if let hash { headers.add(name: "X-Goog-Hash", value: "crc32c=\(hash)") }
        return try await send(.PUT, session ?? "/", headers, bytes)
    }

    /// Sends a part and tells its ETag.
    package func part(_ number: Int, _ target: String, _ upload: String?, _ bytes: ByteBuffer, _ hash: String? = nil)
        async throws -> Answer
    {
        let hash = hash ?? FakeChecksum.text(FakeChecksum.of(bytes))
        return try await send(
            .PUT, "\(target)?partNumber=\(number)&uploadId=\(upload ?? "")", ["X-Goog-Hash": "crc32c=\(hash)"], bytes)
    }

    package func complete(_ target: String, _ upload: String?, _ parts: [(Int, String?)]) async throws -> Answer {
        let list = parts.map { "<Part><PartNumber>\($0.0)</PartNumber><ETag>\($0.1 ?? "")</ETag></Part>" }.joined()
        return try await send(
            .POST, "\(target)?uploadId=\(upload ?? "")", ["Content-Type": "application/xml"],
            text: "<CompleteMultipartUpload>\(list)</CompleteMultipartUpload>")
    }
}
