import LoopbackServers
import NIOCore
import NIOHTTP1
import Testing

@testable import MigrationKitBase
@testable import MigrationKitSourcegraphAPI

/// What an instance answers is not believed more than it deserves.
@Suite(.timeLimit(.minutes(30))) struct ClientAnswerTests {
    private func error(_ reply: LoopbackServer.Reply) async throws -> MigrationError? {
        let instance = try await LoopbackInstance(reply)
        return await #expect(throws: MigrationError.self) { try await instance.client().ask() }
    }

    @Test(arguments: [
        (#"{"errors": [{"message": "a"}, {"message": "b", "path": ["x"]}], "data": {"value": 1}}"#, ["a", "b"]),
        (#"{"data": null, "errors": [{"message": "a"}]}"#, ["a"]),
        (#"{"data": "nonsense", "errors": [{"message": "a"}]}"#, ["a"]),
        (#"{"errors": [{"message": 1}, "x"]}"#, ["an error without a message", "an error without a message"]),
        (#"{"errors": "x"}"#, ["an error without a message"]),
        (#"{"errors": {"message": "a"}}"#, ["a"]),
    ])
    func errorsAreErrorsWhateverDataCameWithThem(body: String, messages: [String]) async throws {
        let instance = try await LoopbackInstance(.init(body: body))
        let errors = await #expect(throws: GraphQLErrors.self) { try await instance.client().ask() }
        #expect(errors?.messages == messages)
        #expect(instance.server.requests.count == 1)
    }

    @Test(arguments: [#"{"data": {"value": 1}, "errors": []}"#, #"{"data": {"value": 1}, "errors": null}"#])
    func noErrorsAreNone(body: String) async throws {
        #expect(try await LoopbackInstance(.init(body: body)).client().ask() == 1)
    }

    @Test func errorsAreShownInPartAndSayWhoMayAsk() {
        let many = GraphQLErrors(messages: (1...20).map { "\($0)" } + [String(repeating: "x", count: 9999)])
        #expect(many.error("The value").details.count == 10)
        let long = GraphQLErrors(messages: [String(repeating: "x", count: 9999)]).error("The value")
        #expect(long.details.first?.count == 500)
        let denied = GraphQLErrors(messages: ["must be site admin"]).error("The value")
        #expect(denied.code == .unmetRequirement && denied.next?.contains("site admin") == true)
    }

    @Test func rejectedTokenIsTold() async throws {
        let error = try await error(.init(status: 401, body: "Invalid access token.\n"))
        #expect(error?.code == .unmetRequirement)
        #expect(error?.message == "127.0.0.1 rejected the access token (HTTP 401: Invalid access token).")
        #expect(error?.next?.contains("SRC_ACCESS_TOKEN") == true)
    }

    @Test func missingTokenIsNamed() async throws {
        let error = try await error(.init(status: 401, body: "Private mode requires authentication.\n"))
        #expect(error?.code == .unmetRequirement)
        let expected =
            "SRC_ACCESS_TOKEN is not set, and 127.0.0.1 requires it (HTTP 401: Private mode requires authentication.)."
        #expect(error?.message == expected)
        #expect(error?.next?.contains("site admin") == true)
    }

    @Test func tokenThatMayNotIsTold() async throws {
        let error = try await error(.init(status: 403, body: "The subject user of a sudo access token …"))
        #expect(error?.code == .unmetRequirement)
        #expect(
            error?.message.hasPrefix("The value: 127.0.0.1 does not allow this (HTTP 403: The subject user") == true)
    }

    /// A cause that is not known is not named.
    @Test(arguments: [401, 403]) func gatewayThatRefusesIsNotTakenForTheInstance(status: Int) async throws {
        let iap = try await error(
            .init(status: status, headers: ["Content-Type": "text/html"], body: "Invalid IAP credentials: empty token"))
        let said = "HTTP \(status): Invalid IAP credentials: empty token"
        #expect(iap?.message == "The value: the request was refused, but not by Sourcegraph (\(said)).")
        #expect(iap?.next?.contains("SRC_HEADER_") == true && iap?.next?.contains("access token") == false)
        let page = try await error(.init(status: status, body: "<html><body>Request blocked"))
        #expect(page?.message == "The value: the request was refused, but not by Sourcegraph (HTTP \(status)).")
        let words = try await error(.init(status: status, body: "token expired"))
        #expect(words?.message == "The value: refused (HTTP \(status): token expired).")
        #expect(words?.next?.contains("SRC_HEADER_") == true && words?.next?.contains("SRC_ACCESS_TOKEN") == true)
    }

    @Test(arguments: [
        (404, "404 page not found"), (200, "<!DOCTYPE html><title>Sign in</title>"), (200, ""), (200, "[1]"),
        (200, #"{"message": "Authentication required", "code": "E401"}"#),
    ])
    func whatIsNotSourcegraphIsTold(status: Int, body: String) async throws {
        let error = try await error(.init(status: status, body: body))
        #expect(error?.code == .failed)
        let expected = "The value: the response of 127.0.0.1 is not from Sourcegraph's API (HTTP \(status))."
        #expect(error?.message == expected)
        #expect(error?.next?.contains("SRC_ENDPOINT") == true)
    }

    @Test func pageOfAGatewayIsNotShown() async throws {
        let error = try await error(.init(status: 418, body: "<html>long"))
        #expect(error?.message == "The value: 127.0.0.1 refused the request (HTTP 418).")
    }

    @Test func controlCharactersOfAnAnswerAreShownAsSuch() async throws {
        let error = try await error(.init(status: 400, body: "\u{1B}[2Jgone"))
        #expect(error?.message.contains(#"(HTTP 400: \u{1b}[2Jgone)"#) == true)
    }

    @Test(arguments: [
        (#"{"data": {"value": "x"}}"#, "`data.value` has the wrong type"),
        (#"{"data": {}}"#, "`data.value` is missing"), (#"{"data": []}"#, "`data` has the wrong type"),
    ])
    func answerOfAnotherShapeIsToldByItsPlace(body: String, place: String) async throws {
        let expected = "The value: the instance sent an unexpected response: \(place)."
        #expect(try await error(.init(body: body))?.message == expected)
    }

    @Test(arguments: ["{}", #"{"data": null}"#])
    func answerWithoutDataIsAnError(body: String) async throws {
        #expect(try await error(.init(body: body))?.message == "The value: the instance sent no data.")
    }

    @Test func hugeAnswerIsRefused() async throws {
        let bytes = ByteBuffer(repeating: UInt8(ascii: " "), count: (32 << 20) + 1)
        #expect(try await error(.init(bytes: bytes))?.message.contains("more data than was requested") == true)
    }

    @Test func answerThatBlowsUpIsRefused() async throws {
        let bytes = ByteBuffer(repeating: UInt8(ascii: " "), count: (32 << 20) + 1)
        let packed = try await Gzip.compressed(bytes)
        let error = try await error(.init(headers: ["Content-Encoding": "gzip"], bytes: packed))
        #expect(error?.message == "The response of 127.0.0.1 is far larger than expected.")
    }
}
