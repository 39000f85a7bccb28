import Foundation
import LoopbackServers
import NIOCore
import NIOHTTP1
import NIOSSL
import Synchronization

@testable import MigrationKitBase
@testable import MigrationKitSourcegraphAPI

/// A server that answers as a test wants, and a client that asks it with a token that nobody may see.
final class LoopbackInstance: Sendable {
    static let token = "sgp_hunter2token"
    static let header = "hunter2header"

    let server: LoopbackServer
    private let said = Mutex<[String]>([])
    private let told = Mutex<[String]>([])

    /// What the request log showed.
    var log: String { said.withLock { $0.joined(separator: "\n") } }
    /// What was told of failures that are not final.
    var notices: [String] { told.withLock { $0 } }

    init(
        tls: NIOSSLContext? = nil,
        _ answer: @escaping @Sendable (LoopbackServer.Request) async throws -> LoopbackServer.Reply
    ) async throws {
        server = try await LoopbackServer(tls: tls, answer)
    }

    /// One that answers each request with the next of these, and the last one again.
    convenience init(_ replies: LoopbackServer.Reply...) async throws {
        let next = Mutex(0)
        try await self.init { _ in
            let index = next.withLock { next in
                defer { next += 1 }
                return next
            }
            return replies[min(index, replies.count - 1)]
        }
    }

    func client(
        _ endpoint: String? = nil, proxy: String? = nil, headers: [String: String] = ["x-gateway": "Bearer \(header)"],
        patience: Duration = .seconds(600), environment: [String: String] = [:],
        _ change: (inout SourcegraphClient.Options) -> Void = { _ in }
    ) throws -> SourcegraphClient {
        var options = SourcegraphClient.Options()
        options.retry.patience = patience
        options.retry.firstDelay = .milliseconds(1)
        options.retry.longestDelay = .milliseconds(10)
        // The client keeps the server alive.
        options.log.onText = { text in self.said.withLock { $0.append(text) } }
        options.onNotice = { notice in self.told.withLock { $0.append(notice.text) } }
        change(&options)
        let access = SourcegraphAccess(
            endpoint: URL(string: endpoint ?? server.url) ?? URL(filePath: "/"), token: Secret(Self.token),
            headers: headers.mapValues { Secret($0) }, proxy: proxy.map { Secret($0) })
        return try SourcegraphClient(access, options: options, environment: environment)
    }
}

struct TestAnswer: Decodable, Sendable, Equatable { var value: Int }

extension GraphQLQuery {
    static let test = GraphQLQuery("Test", "$first: Int!", "value", variables: ["first": 3])
    static let mutation = GraphQLQuery(name: "Change", text: "mutation Change { value }", variables: [:])
}

extension SourcegraphClient {
    func ask(_ query: GraphQLQuery = .test) async throws -> Int {
        try await answer(query, as: TestAnswer.self, "The value").value
    }
}

extension LoopbackServer.Reply {
    static func value(_ value: Int) -> Self { .init(body: #"{"data": {"value": \#(value)}}"#) }

    static func redirect(_ status: Int = 307, to place: String) -> Self {
        .init(status: status, headers: ["Location": place], body: "")
    }
}

/// True once.
final class TestFirst: Sendable {
    private let isFirst = Mutex(true)

    var isIt: Bool {
        isFirst.withLock { isFirst in
            defer { isFirst = false }
            return isFirst
        }
    }
}

/// A port that is known only once a server has been made.
final class TestPort: Sendable {
    private let port = Mutex(0)

    var value: Int { port.withLock { $0 } }

    func set(_ value: Int) { port.withLock { $0 = value } }
}
