import LoopbackServers
import NIOCore
import NIOHTTP1
import Testing

@testable import MigrationKitBase

@Suite(.timeLimit(.minutes(30))) struct ClientRetryTests {
    @Test(arguments: [429, 500, 502, 503, 504])
    func queryIsTriedAgain(status: Int) async throws {
        let instance = try await LoopbackInstance(.init(status: status, body: "busy"), .value(3))
        #expect(try await instance.client().ask() == 3)
        #expect(instance.server.requests.count == 2)
        #expect(instance.notices.count == 1)
        #expect(instance.notices.first?.hasPrefix("The value: HTTP \(status): busy. Trying again") == true)
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
        #expect(error?.message.hasPrefix("The value: HTTP 503: busy") == true)
        #expect(instance.server.requests.count > 1)
    }

    @Test(arguments: [500, 502, 503])
    func mutationIsSentOnce(status: Int) async throws {
        let instance = try await LoopbackInstance(.init(status: status, body: "busy"), .value(3))
        let error = await #expect(throws: MigrationError.self) { try await instance.client().ask(.mutation) }
        #expect(error?.message.contains("not known whether the change was made") == true)
        #expect(error?.next != nil)
        #expect(instance.server.requests.count == 1)
        #expect(instance.notices == [])
    }

    /// Whoever limits the rate says so before anything is done.
    @Test func mutationThatWasNotCarriedOutIsTriedAgain() async throws {
        let instance = try await LoopbackInstance(.init(status: 429, body: "slow down"), .value(3))
        #expect(try await instance.client().ask(.mutation) == 3)
        #expect(instance.server.requests.count == 2)
        #expect(instance.notices.first?.hasPrefix("The value: HTTP 429: slow down. Trying again") == true)
    }

    @Test func mutationThatReachesNobodyIsTriedAgainAndIsKnownNotToBeDone() async throws {
        let instance = try await LoopbackInstance(.value(3))
        // Nothing listens on port 1.
        let client = try instance.client("http://127.0.0.1:1", patience: .milliseconds(30))
        let error = await #expect(throws: MigrationError.self) { try await client.ask(.mutation) }
        #expect(error?.code == .unreachable)
        #expect(error?.message.contains("not known whether the change was made") == false)
        #expect(instance.notices.count > 0)
    }

    @Test(arguments: [#"{"data": {"val"#, "{", #" {"data": {"value": 3}"#])
    func answerThatIsCutOffIsAskedForAgain(body: String) async throws {
        let instance = try await LoopbackInstance(.init(body: body), .value(3))
        #expect(try await instance.client().ask() == 3)
        #expect(instance.notices.first?.hasPrefix("The value: the answer is cut off or damaged. Trying again") == true)
    }

    /// Its first byte, and the checksum at its end.
    @Test(arguments: [true, false])
    func answerWhoseGzipIsDamagedIsABrokenConnection(isHead: Bool) async throws {
        var packed = try await Gzip.compressed(LoopbackServer.Reply.value(4).bytes)
        let position = isHead ? 0 : packed.readableBytes - 8
        packed.setInteger(~(packed.getInteger(at: position, as: UInt8.self) ?? 0), at: position)
        let damaged = LoopbackServer.Reply(headers: ["Content-Encoding": "gzip"], bytes: packed)
        let cut = LoopbackServer.Reply(
            headers: ["Content-Encoding": "gzip"], bytes: packed.getSlice(at: 0, length: 12) ?? packed)
        let instance = try await LoopbackInstance(damaged, cut, .value(3))
        #expect(try await instance.client().ask() == 3)
        #expect(instance.notices.count == 2)
        #expect(instance.notices.allSatisfy { $0.hasPrefix("The value: the gzip data of the response is damaged.") })
    }

    @Test(arguments: [#"{"data": {"val"#, "{"])
    func mutationWhoseAnswerIsCutOffIsNotSentAgain(body: String) async throws {
        let instance = try await LoopbackInstance(.init(body: body), .value(3))
        let error = await #expect(throws: MigrationError.self) { try await instance.client().ask(.mutation) }
        #expect(error?.message.contains("not known whether the change was made") == true)
        #expect(instance.server.requests.count == 1)
    }

    @Test func mutationWhoseAnswerIsLostIsNotSentAgain() async throws {
        let instance = try await LoopbackInstance { _ in throw LoopbackServer.HangsUp() }
        let error = await #expect(throws: MigrationError.self) { try await instance.client().ask(.mutation) }
        #expect(error?.message.contains("not known whether the change was made") == true)
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
