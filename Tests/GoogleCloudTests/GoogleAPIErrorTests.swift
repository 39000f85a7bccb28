import Foundation
import NIOCore
import NIOHTTP1
import Testing

@testable import MigrationKitBase
@testable import MigrationKitGoogleCloud
@testable import MigrationKitHTTP

@Suite struct GoogleAPIErrorTests {
    private func error(_ status: Int, _ body: String, _ headers: HTTPHeaders = [:]) -> GoogleAPIError {
        GoogleAPIError(
            HTTPReply(status: status, headers: headers, body: ByteBuffer(string: body), host: "storage.googleapis.com"))
    }

    @Test func jsonEnvelopeIsUnderstood() {
        let error = error(
            403,
            #"{"error": {"code": 403, "message": "no access", "errors": [{"reason": "forbidden"}], "status": "X"}}"#)
        #expect(error.reason == "forbidden")
        #expect(error.message == "no access")
        #expect(self.error(404, #"{"error": {"message": "m", "status": "NOT_FOUND"}}"#).reason == "NOT_FOUND")
    }

    @Test func oauthFormIsUnderstood() {
        let error = error(400, #"{"error": "invalid_grant", "error_description": "Invalid JWT Signature."}"#)
        #expect(error.reason == "invalid_grant")
        #expect(error.message == "Invalid JWT Signature.")
        #expect(self.error(400, #"{"error": "invalid_grant"}"#).message == "invalid_grant")
    }

    @Test func xmlIsUnderstood() {
        let error = error(
            403,
            "<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>Denied.</Message><Details>d &lt;</Details></Error>"
        )
        #expect(error.reason == "AccessDenied")
        #expect(error.message == "Denied. d <")
    }

    @Test(arguments: [
        "", "null", "<html><body>Sign in</body></html>", "{", #"{"error": 7}"#, #"{"error": {"message": 7}}"#, "<Error",
        String(repeating: "[", count: 100_000), String(repeating: "<Error>", count: 100_000),
    ])
    func anythingElseIsItsStatus(body: String) {
        let error = error(502, body)
        #expect(error.reason == "")
        #expect(error.message == "HTTP status 502")
    }

    @Test func plainTextIsTheMessage() {
        #expect(error(403, "No such object: b/a", ["Content-Type": "text/plain"]).message == "No such object: b/a")
        #expect(error(403, "", ["Content-Type": "text/plain"]).message == "HTTP status 403")
    }

    @Test func pageOfSomebodyElseIsNoAnswerOfTheAPI() {
        let page = error(403, " \n<html><title>Blocked</title><style>p {}</style><p>by <b>Zscaler</b>\u{1b}</p>")
        #expect(!page.isOfTheAPI && page.cause == .somebodyElse)
        #expect(page.said == #"Blocked by Zscaler \u{1b}"#)
        #expect(error(403, String(repeating: "<p>x", count: 100_000)).said.count == 200)
        #expect(error(403, "<html><script>1 < 2").said == "")
        for body in ["", "null", "no", "<Error><Code>AccessDenied</Code></Error>", #"{"error": "x"}"#] {
            #expect(error(403, body).isOfTheAPI && error(403, body).cause == nil, "\(body)")
        }
    }

    @Test(
        arguments: [
            ("The billing account for the owning project is disabled in state absent", .billing),
            ("Cloud SQL Admin API has not been used in project 1 before or it is disabled. Enable it by …", .apiOff),
            ("Request is prohibited by organization's policy. vpcServiceControlsUniqueIdentifier: x", .perimeter),
            ("a@b does not have storage.objects.get access to the object.", .permission("storage.objects.get")),
            ("a@b does not have any access to anything", nil), ("Access denied.", nil),
            ("The client is not authorized to make this request.", nil),
        ] as [(String, GoogleRefusal?)])
    func causeIsWhatTheWordsEstablish(message: String, cause: GoogleRefusal?) {
        #expect(error(403, #"{"error": {"message": "\#(message)"}}"#).cause == cause)
    }

    @Test func messageIsCutAndWithoutControlCharacters() {
        let long = String(repeating: "x", count: 10_000)
        #expect(error(400, #"{"error": {"message": "\#(long)"}}"#).message.count == 500)
        #expect(error(400, #"{"error": {"message": "a\u001b[31m\nb"}}"#).message == #"a\u{1b}[31m\u{a}b"#)
    }

    @Test(arguments: [
        (408, true), (429, true), (500, true), (503, true), (599, true), (400, false), (403, false), (412, false),
    ])
    func statusDecidesWhetherToTryAgain(status: Int, isTransient: Bool) {
        #expect(error(status, "").isTransient == isTransient)
    }

    @Test func refusalInA200IsSeen() {
        #expect(error(200, "<Error><Code>InternalError</Code></Error>").isTransient)
        #expect(!error(200, "<Error><Code>AccessDenied</Code></Error>").isTransient)
    }

    @Test(
        arguments: [
            ("5", Duration.seconds(5)), ("0", .zero), ("99999999", .seconds(3600)), ("-1", nil), ("soon", nil),
            ("99999999999999999999", nil),
        ] as [(String, Duration?)])
    func serverSaysWhenToComeBack(value: String, expected: Duration?) {
        #expect(error(503, "", ["Retry-After": value]).asTransientFailure.retryAfter == expected)
    }

    @Test func serversClockIsRead() {
        let time = error(400, "", ["Date": "Fri, 15 Jan 2027 08:00:00 GMT"]).serverTime
        #expect(time?.timeIntervalSince1970 == 1_800_000_000)
        #expect(error(400, "", ["Date": "yesterday"]).serverTime == nil)
    }
}
