import FakeServer
package import Foundation
import NIOCore
import NIOHTTP1
import Synchronization
package import TestSupport

/// A Sourcegraph instance on this machine, as far as its GraphQL API goes, of any release from 3.20 to 7.2.
///
/// It refuses what that release refuses, and keeps account of it: a test is good if ``violations`` is empty at its
/// end. What it is to do wrong is told by ``fault(_:on:skip:times:)``, what it holds by ``change(_:)``.
package final class FakeSourcegraph: Sendable {
    package struct Options: Sendable {
        /// Where its API is; behind a gateway there may be something before `/.api/graphql`.
        package var path = "/.api/graphql"
        /// Whether answers are packed for those who can unpack them.
        package var gzipsAnswers = true
        package var limits = GraphQLValidator.Limits()

        package init(
            path: String = "/.api/graphql", gzipsAnswers: Bool = true,
            limits: GraphQLValidator.Limits = GraphQLValidator.Limits()
        ) {
            self.path = path
            self.gzipsAnswers = gzipsAnswers
            self.limits = limits
        }
    }

    package struct State: Sendable {
        package var instance: FakeInstance
        package var record = Record()
        package var rules: [FaultRule] = []
        package var stalls: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    package let options: Options
    package let state: Watched<State>
    private let server = Mutex<HTTPServer?>(nil)
    private let port = Atomic<Int>(0)

    /// `http://127.0.0.1:PORT`.
    package var endpoint: String { "http://127.0.0.1:\(port.load(ordering: .relaxed))" }

    /// The instance's address, as `SRC_ENDPOINT` has it.
    package var url: URL {
        var components = URLComponents()
        (components.scheme, components.host) = ("http", "127.0.0.1")
        components.port = port.load(ordering: .relaxed)
        components.path = String(options.path.dropLast("/.api/graphql".count))
        return components.url ?? URL(filePath: "/")
    }

    /// A site admin's token.
    package var token: String { FakeInstance.adminToken }
    /// The token of somebody who is not a site admin.
    package var userToken: String { FakeInstance.userToken }

    package init(_ instance: FakeInstance, _ options: Options = Options()) async throws {
        self.options = options
        state = Watched(State(instance: instance))
        let server = try await HTTPServer { [weak self] connection in await self?.serve(connection) }
        port.store(server.port, ordering: .relaxed)
        self.server.withLock { $0 = server }
    }

    /// Closes all connections. The record and the instance stay.
    package func stop() async {
        await server.withLock { $0 }?.stop()
        releaseStalls()
    }

    /// An instance for as long as the body runs.
    ///
    /// - Parameters:
    ///   - version: What it says is its version; the API is that release's, or the newest's if it is none.
    ///   - instance: Changes what it holds before it starts.
    package static func with<Value: Sendable>(
        version: String = "5.1.8", options: Options = Options(), instance: (inout FakeInstance) -> Void = { _ in },
        body: (FakeSourcegraph) async throws -> Value
    ) async throws -> Value {
        var held = FakeInstance(version: version)
        instance(&held)
        let fake = try await FakeSourcegraph(held, options)
        do {
            let value = try await body(fake)
            await fake.stop()
            return value
        } catch {
            await fake.stop()
            throw error
        }
    }

    /// What it holds now.
    package var instance: FakeInstance { state.change { $0.instance } }

    /// Changes what it holds, or only reads it; also while it runs.
    @discardableResult
    package func change<Value: Sendable>(_ body: (inout FakeInstance) throws -> Value) rethrows -> Value {
        try withState { try body(&$0.instance) }
    }
}
