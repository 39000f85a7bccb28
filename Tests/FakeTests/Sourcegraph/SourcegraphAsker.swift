import AsyncHTTPClient
import FakeSourcegraph
import Foundation
import NIOCore
import NIOHTTP1
import TestSupport

/// Requests put together by hand: what the fake is asked here is what is written in the test.
struct SourcegraphAsker: Sendable {
    struct Answer: Sendable {
        var status: Int
        var headers: HTTPHeaders
        var body: ByteBuffer

        var text: String { String(buffer: body) }
        var json: AnyJSON { AnyJSON(parsing: body.readableBytesView) ?? .null }
        var data: AnyJSON? { json["data"] }
        /// The messages of its errors.
        var errors: [String] { json["errors"]?.array?.compactMap { $0["message"]?.string } ?? [] }
    }

    let fake: FakeSourcegraph
    private let client: HTTPClient

    /// An instance, and somebody who asks it, for as long as the body runs.
    static func with<Value: Sendable>(
        _ version: String = "5.1.8", options: FakeSourcegraph.Options = .init(),
        instance: (inout FakeInstance) -> Void = { _ in },
        body: (FakeSourcegraph, SourcegraphAsker) async throws -> Value
    ) async throws -> Value {
        try await FakeSourcegraph.with(version: version, options: options, instance: instance) { fake in
            let client = HTTPClient(
                eventLoopGroupProvider: .singleton, configuration: .init(redirectConfiguration: .disallow))
            do {
                let value = try await body(fake, SourcegraphAsker(fake: fake, client: client))
                try await client.shutdown()
                return value
            } catch {
                try await client.shutdown()
                throw error
            }
        }
    }

    private init(fake: FakeSourcegraph, client: HTTPClient) { (self.fake, self.client) = (fake, client) }

    func send(
        _ body: ByteBuffer, _ headers: HTTPHeaders, path: String = "/.api/graphql", method: HTTPMethod = .POST
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: fake.endpoint + path)
        (request.method, request.headers, request.body) = (method, headers, .bytes(body))
        let response = try await client.execute(request, timeout: .seconds(300))
        return Answer(
            status: Int(response.status.code), headers: response.headers,
            body: try await response.body.collect(upTo: 1 << 26))
    }

    /// Asks with the site admin's token, unless another one is given.
    func ask(_ query: String, _ variables: AnyJSON = .null, token: String? = nil) async throws -> Answer {
        let body: AnyJSON = ["query": .string(query), "variables": variables]
        return try await send(
            ByteBuffer(string: body.text),
            ["Authorization": "token \(token ?? fake.token)", "Content-Type": "application/json"])
    }
}
