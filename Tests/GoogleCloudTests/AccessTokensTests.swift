import Foundation
import LoopbackServers
import Synchronization
import TestSupport
import Testing

@testable import MigrationKitBase
@testable import MigrationKitGoogleCloud

@Suite struct AccessTokensTests {
    let accounts: GoogleAccounts
    let clock = TestClock()

    init() throws { accounts = try GoogleAccounts() }

    /// A server whose tokens are `token-1`, `token-2` ….
    private func counting(lifetime: Int = 3600, delay: Duration = .zero) async throws -> LoopbackServer {
        let count = Mutex(0)
        return try await LoopbackServer { _ in
            try await Task.sleep(for: delay)
            let number = count.withLock { count in
                count += 1
                return count
            }
            return .token("token-\(number)", lifetime: lifetime)
        }
    }

    private func tokens(_ server: LoopbackServer, patience: Duration = .milliseconds(100)) throws -> AccessTokens {
        try accounts.credentials(GoogleAccounts.authorizedUser(server.url)).tokens(patience: patience, clock: clock)
    }

    @Test func fiftyCallersShareOneGrant() async throws {
        let server = try await counting(delay: .milliseconds(50))
        let tokens = try tokens(server)
        let all = try await withThrowingTaskGroup(of: Secret.self) { group in
            for _ in 0..<50 { group.addTask { try await tokens.token() } }
            return try await group.reduce(into: Set<Secret>()) { $0.insert($1) }
        }
        #expect(all == [Secret("token-1")])
        #expect(server.requests.count == 1)
    }

    @Test func tokenIsFetchedAnewFiveMinutesBeforeItEnds() async throws {
        let server = try await counting()
        let tokens = try tokens(server)
        #expect(try await tokens.token().revealed == "token-1")
        clock.advance(3299)
        #expect(try await tokens.token().revealed == "token-1")
        clock.advance(2)
        #expect(try await tokens.token().revealed == "token-2")
        #expect(server.requests.count == 2)
    }

    @Test(arguments: [(300, 149.0, 151.0), (60, 29, 31), (599, 299, 300), (601, 300, 302)])
    func shortLivedTokenIsFetchedAnewAtHalfOfItsLife(lifetime: Int, before: Double, after: Double) async throws {
        let server = try await counting(lifetime: lifetime)
        let tokens = try tokens(server)
        _ = try await tokens.token()
        clock.advance(before)
        #expect(try await tokens.token().revealed == "token-1")
        clock.advance(after - before)
        #expect(try await tokens.token().revealed == "token-2")
    }

    @Test(arguments: [0, -5, .max])
    func lifetimeThatIsNoneStillGivesAToken(lifetime: Int) async throws {
        let server = try await counting(lifetime: lifetime)
        let tokens = try tokens(server)
        #expect(try await tokens.token().revealed == "token-1")
        clock.advance(13 * 3600)
        #expect(try await tokens.token().revealed == "token-2")
    }

    @Test func discardedTokenIsReplacedOnce() async throws {
        let server = try await counting()
        let tokens = try tokens(server)
        let first = try await tokens.token()
        for _ in 0..<3 { await tokens.discard(first) }
        #expect(try await tokens.token().revealed == "token-2")
        // Another part was refused with the same old token, later.
        await tokens.discard(first)
        #expect(try await tokens.token().revealed == "token-2")
        #expect(server.requests.count == 2)
    }

    @Test(.timeLimit(.minutes(1))) func callerThatIsCancelledLeavesAtOnceAndTakesNothingFromOthers() async throws {
        let gate = AsyncStream<Void>.makeStream()
        let server = try await LoopbackServer { _ in
            for await _ in gate.stream { break }
            return .token("token-1")
        }
        let tokens = try tokens(server)
        let impatient = Task { try await tokens.token() }
        let other = Task { try await tokens.token() }
        try await waitUntil("two that wait for a request") {
            let waiting = await tokens.waitingCalls
            return waiting == 2 && !server.requests.isEmpty
        }
        impatient.cancel()
        await #expect(throws: CancellationError.self) { try await impatient.value }
        gate.continuation.yield()
        #expect(try await other.value.revealed == "token-1")
        #expect(server.requests.count == 1)
    }

    @Test func lastCallerToLeaveEndsTheRequestAndTheNextBeginsAnother() async throws {
        let count = Mutex(0)
        let server = try await LoopbackServer { _ in
            let isFirst = count.withLock { count in
                count += 1
                return count == 1
            }
            if isFirst { try await Task.sleep(for: .seconds(3600)) }
            return .token("token-1")
        }
        let tokens = try tokens(server)
        let only = Task { try await tokens.token() }
        try await waitUntil("a request for a token") { !server.requests.isEmpty }
        only.cancel()
        await #expect(throws: CancellationError.self) { try await only.value }
        #expect(try await tokens.token().revealed == "token-1")
        #expect(server.requests.count == 2)
    }

    @Test func failureIsNotKept() async throws {
        let isBroken = Mutex(true)
        let server = try await LoopbackServer { _ in
            isBroken.withLock { $0 } ? .refusal("invalid_grant", "Token has been expired or revoked.") : .token("t")
        }
        let tokens = try tokens(server)
        for _ in 0..<2 { await #expect(throws: MigrationError.self) { try await tokens.token() } }
        isBroken.withLock { $0 = false }
        #expect(try await tokens.token().revealed == "t")
        #expect(server.requests.count == 3)
    }

    @Test func passingFailuresAreTriedAgain() async throws {
        let count = Mutex(0)
        let server = try await LoopbackServer { _ in
            let number = count.withLock { count in
                count += 1
                return count
            }
            switch number {
            case 1: return .init(status: 503, body: "<html>")
            case 2: return .init(status: 429, body: "")
            case 3: throw LoopbackServer.HangsUp()
            default: return .token("t")
            }
        }
        #expect(try await tokens(server, patience: .seconds(600)).token().revealed == "t")
        #expect(server.requests.count == 4)
    }

    @Test func serverThatCannotBeReachedIsGivenUpAfterAWhile() async throws {
        let nobody = SilentPort()
        defer { withExtendedLifetime(nobody) {} }
        let url = "http://127.0.0.1:\(nobody.port)"
        let tokens = try accounts.credentials(GoogleAccounts.authorizedUser(url)).tokens()
        let error = await #expect(throws: MigrationError.self) { try await tokens.token() }
        let message = error?.message ?? ""
        #expect(message.contains("cannot connect to 127.0.0.1: connection refused"), "\(message)")
        #expect(message.contains("access token"))
        #expect(error?.next?.contains("network") == true)
    }

    @Test(arguments: [
        "", "<html>Sign in</html>", "{}", #"{"access_token": ""}"#, #"{"access_token": "a\r\nX: b"}"#,
        #"{"access_token": 1}"#, #"{"access_token": "ä", "expires_in": 1}"#,
    ])
    func answerThatIsNoTokenIsAnError(body: String) async throws {
        let server = try await LoopbackServer { _ in .init(body: body) }
        let error = await #expect(throws: MigrationError.self) { try await tokens(server).token() }
        #expect(error?.message == "The response of 127.0.0.1 is not an access token.")
    }
}
