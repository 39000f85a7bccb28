import FakeServer
import Foundation
import NIOCore
import NIOHTTP1
import Synchronization
package import TestSupport

/// Cloud Logging and Resource Manager on this machine, as far as an audit asks them. What the APIs' own descriptions do
/// not have in it is a violation.
package final class FakeAuditLogs: Sendable {
    /// What is answered.
    package struct Answers: Sendable {
        /// The log, page by page.
        package var pages: [[AnyJSON]] = [[]]
        package var policy: AnyJSON = ["version": 1, "etag": "BwYkD0Zr3mU="]
        /// Statuses that come first, one a request, in place of entries and of the policy.
        package var entryFailures: [Int] = []
        package var policyFailures: [Int] = []
        /// There is always another page: with the token of the last one, or a new one.
        package var isEndless = false
        package var repeatsToken = false
        /// What is answered in place of all this.
        package var nonsense: String?

        package init(
            pages: [[AnyJSON]] = [[]], policy: AnyJSON = ["version": 1, "etag": "BwYkD0Zr3mU="],
            entryFailures: [Int] = [], policyFailures: [Int] = [], isEndless: Bool = false, repeatsToken: Bool = false,
            nonsense: String? = nil
        ) {
            self.pages = pages
            self.policy = policy
            self.entryFailures = entryFailures
            self.policyFailures = policyFailures
            self.isEndless = isEndless
            self.repeatsToken = repeatsToken
            self.nonsense = nonsense
        }
    }

    package struct Record: Sendable {
        package var questions: [AnyJSON] = []
        package var paths: [String] = []
        package var quotaProjects: [String?] = []
        package var scopes: [String] = []
        package var violations: [String] = []
        package var tokens: Set<String> = []
    }

    private struct State {
        var answers: Answers
        var record = Record()
    }

    private let state: Mutex<State>
    private let server = Mutex<HTTPServer?>(nil)

    private init(_ answers: Answers) { state = Mutex(State(answers: answers)) }

    /// A fake, for as long as the body runs.
    package static func running(_ answers: Answers = Answers(), _ body: (FakeAuditLogs) async throws -> Void)
        async throws
    {
        let fake = FakeAuditLogs(answers)
        let server = try await HTTPServer { await fake.serve($0) }
        fake.server.withLock { $0 = server }
        do { try await body(fake) } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    package var endpoint: String { "http://127.0.0.1:\(server.withLock { $0?.port } ?? 0)" }
    package var record: Record { state.withLock { $0.record } }

    /// Leads commands and flows here.
    package var environment: [String: String] {
        [
            "CLOUDSDK_API_ENDPOINT_OVERRIDES_LOGGING": endpoint + "/",
            "CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDRESOURCEMANAGER": endpoint,
        ]
    }

    /// An operator's key, with this fake as the one to ask for tokens.
    package func key() throws -> String {
        let account = try FakeServiceAccount.shared.get()
        let key: AnyJSON = [
            "type": "service_account", "project_id": "acme", "private_key_id": .string(account.keyID),
            "private_key": .string(account.privateKey), "client_email": "operator@acme.iam.gserviceaccount.com",
            "token_uri": .string(endpoint + "/token"), "quota_project_id": "acme-billing",
        ]
        return key.text
    }

    private func serve(_ connection: HTTPConnection) async {
        while let head = await connection.nextHead() {
            var body = ByteBuffer()
            do {
                while let chunk = try await connection.nextBody() { body.writeImmutableBuffer(chunk) }
                let response = answer(to: head, body)
                let reason = HTTPResponseStatus(statusCode: response.status).reasonPhrase
                var text = "HTTP/1.1 \(response.status) \(reason)\r\nContent-Length: \(response.body.readableBytes)\r\n"
                for (name, value) in response.headers { text += "\(name): \(value)\r\n" }
                try await connection.write(ByteBuffer(string: text + "\r\n"))
                try await connection.write(response.body)
            } catch { return }
        }
    }

    private func answer(to head: HTTPRequestHead, _ body: ByteBuffer) -> FakeResponse {
        state.withLock { (state: inout State) -> FakeResponse in
            if head.uri == "/token" { return Self.token(body, &state.record) }
            state.record.paths.append(head.uri)
            state.record.quotaProjects.append(head.headers.first(name: "X-Goog-User-Project"))
            let token = head.headers.first(name: "Authorization")?.split(separator: " ").last.map(String.init) ?? ""
            guard state.record.tokens.contains(token) else { return Self.refused(401, "UNAUTHENTICATED") }
            if head.headers.first(name: "Content-Type")?.hasPrefix("application/json") != true {
                state.record.violations.append("\(head.uri): the body is not called JSON")
            }
            let question = AnyJSON(parsing: body.readableBytesView)
            let isLog = head.uri.hasPrefix("/v2/")
            let response: FakeResponse
            do {
                let document = try (isLog ? DiscoveryDocument.logging : DiscoveryDocument.resourceManager).get()
                state.record.violations += document.problems(
                    method: head.method.rawValue, path: head.uri, query: [], body: question)
                let answer = isLog ? Self.entries(question ?? .null, &state) : Self.policy(&state)
                if answer.status == 200, let json = AnyJSON(parsing: answer.body.readableBytesView) {
                    state.record.violations += document.problems(
                        ofAnswer: json, method: head.method.rawValue, path: head.uri)
                }
                response = answer
            } catch {
                state.record.violations.append("\(error)")
                return Self.refused(500, "INTERNAL")
            }
            return state.answers.nonsense.map { FakeResponse(status: 200, body: ByteBuffer(string: $0)) } ?? response
        }
    }

    private static func entries(_ question: AnyJSON, _ state: inout State)
        -> FakeResponse
    {
        if !state.answers.entryFailures.isEmpty {
            let status = state.answers.entryFailures.removeFirst()
            if status == 401 { state.record.tokens = [] }
            return refused(status, "PERMISSION_DENIED")
        }
        // "The values of other method parameters should be identical to those in the previous call."
        func rest(_ question: AnyJSON?) -> AnyJSON {
            .object((question?.object ?? [:]).filter { $0.key != "pageToken" })
        }
        if let first = state.record.questions.first, rest(first) != rest(question) {
            state.record.violations.append("another question for another page")
        }
        state.record.questions.append(question)
        let page = Int((question["pageToken"]?.string ?? "page-0").dropFirst(5)) ?? -1
        let pages = state.answers.pages
        if !state.answers.isEndless, !pages.indices.contains(page) { return refused(400, "INVALID_ARGUMENT") }
        var answer: [String: AnyJSON] = [:]
        if pages.indices.contains(page), !pages[page].isEmpty { answer["entries"] = .array(pages[page]) }
        let next = state.answers.repeatsToken ? 1 : page + 1
        if state.answers.isEndless || pages.indices.contains(next) { answer["nextPageToken"] = .string("page-\(next)") }
        return .json(body: .object(answer))
    }

    private static func policy(_ state: inout State) -> FakeResponse {
        guard state.answers.policyFailures.isEmpty else {
            return refused(state.answers.policyFailures.removeFirst(), "PERMISSION_DENIED")
        }
        return .json(body: state.answers.policy)
    }

    private static func token(_ body: ByteBuffer, _ record: inout Record) -> FakeResponse {
        let form = Dictionary(FakeRequest.form(String(buffer: body))) { first, _ in first }
        var claims = (form["assertion"] ?? "").split(separator: ".").dropFirst().first.map(String.init) ?? ""
        claims = claims.replacing("-", with: "+").replacing("_", with: "/")
        claims += String(repeating: "=", count: (4 - claims.count % 4) % 4)
        let scope = Data(base64Encoded: claims).flatMap { AnyJSON(parsing: $0) }?["scope"]?.string
        record.scopes.append(scope ?? "")
        let token = "ya29.\(UUID().uuidString)"
        record.tokens.insert(token)
        return .json(body: ["access_token": .string(token), "expires_in": 3600, "token_type": "Bearer"])
    }

    private static func refused(_ status: Int, _ name: String) -> FakeResponse {
        .json(
            status,
            body: [
                "error": [
                    "code": .integer(Int64(status)), "status": .string(name),
                    "message": "Permission denied for all log views",
                ]
            ])
    }
}
