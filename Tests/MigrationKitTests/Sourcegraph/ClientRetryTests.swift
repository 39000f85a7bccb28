import NIOHTTP1
import Testing

@testable import MigrationKit

@Suite(.timeLimit(.minutes(30))) struct ClientRetryTests {
    @Test(arguments: [429, 500, 502, 503, 504])
    func queryIsTriedAgain(status: Int) async throws {
        let instance = try await LoopbackInstance(.init(status: status, body: "busy"), .value(3))
        #expect(try await instance.client().ask() == 3)
        #expect(instance.server.requests.count == 2)
        #expect(instance.notices.count == 1)
        #expect(instance.notices.first?.hasPrefix("The value: HTTP status \(status), `busy`. Trying again") == true)
    }

    @Test func instanceIsLeftAloneForAsLongAsItWants() async throws {
        let busy = LoopbackServer.Reply(status: 429, headers: ["Retry-After": "1"], body: "")
        let instance = try await LoopbackInstance(busy, .value(3))
        let start = ContinuousClock.now
        #expect(try await instance.client().ask() == 3)
        #expect(ContinuousClock.now - start >= .seconds(1))
    }

    @Test func brokenConnectionIsTriedAgain() async throws {
        let first = TestFirst()
        let instance = try await LoopbackInstance { _ in
            if first.isIt { throw LoopbackServer.HangsUp() }
            return .value(3)
        }
        #expect(try await instance.client().ask() == 3)
        #expect(instance.server.requests.count == 2)
    }

    @Test func patienceEnds() async throws {
        let instance = try await LoopbackInstance(.init(status: 503, body: "busy"))
        let error = await #expect(throws: MigrationError.self) {
            try await instance.client(patience: .milliseconds(30)).ask()
        }
        #expect(error?.code == .failed)
        #expect(error?.message.hasPrefix("The value: HTTP status 503, `busy`") == true)
        #expect(instance.server.requests.count > 1)
    }

    @Test(arguments: [429, 500, 503])
    func mutationIsSentOnce(status: Int) async throws {
        let instance = try await LoopbackInstance(.init(status: status, body: "busy"), .value(3))
        let error = await #expect(throws: MigrationError.self) { try await instance.client().ask(.mutation) }
        #expect(error?.message.contains("whether it was done is not known") == true)
        #expect(error?.next != nil)
        #expect(instance.server.requests.count == 1)
        #expect(instance.notices == [])
    }

    @Test func mutationWhoseAnswerIsLostIsNotSentAgain() async throws {
        let instance = try await LoopbackInstance { _ in throw LoopbackServer.HangsUp() }
        let error = await #expect(throws: MigrationError.self) { try await instance.client().ask(.mutation) }
        #expect(error?.message.contains("whether it was done is not known") == true)
        #expect(instance.server.requests.count == 1)
    }

    @Test func mutationThatIsDoneIsDone() async throws {
        let instance = try await LoopbackInstance(.value(5))
        #expect(try await instance.client().ask(.mutation) == 5)
    }

    @Test(arguments: [400, 401, 403, 404, 303])
    func refusalIsNotTriedAgain(status: Int) async throws {
        let instance = try await LoopbackInstance(.init(status: status, body: "no"), .value(3))
        await #expect(throws: MigrationError.self) { try await instance.client().ask() }
        #expect(instance.server.requests.count == 1)
    }
}
