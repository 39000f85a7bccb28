internal import MigrationKitFoundation
internal import NIOCore
internal import NIOHTTP1

/// The audit logs of a project, and whether they are on: Cloud Logging and Resource Manager, read only.
package struct AuditLogs: Sendable {
    package let project: String
    private let logging: GoogleClient
    private let resourceManager: GoogleClient
    private let retry: Retry

    /// As many as the API gives at once.
    private static let pageSize = 1000
    /// A page holds whole entries; some are large.
    private static let replyLimit = 64 << 20
    /// Pages may be empty while the server searches on. So many of them are a search without end.
    private static let emptyPageLimit = 1000

    /// - Parameters:
    ///   - project: Whose logs.
    ///   - environment: `CLOUDSDK_API_ENDPOINT_OVERRIDES_LOGGING`, `CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDRESOURCEMANAGER`,
    ///     the proxy's and certificates' variables count.
    /// - Throws: ``MigrationError`` with code `usage` if one of these cannot be used.
    package init(
        project: String, credentials: GoogleCredentials, retry: RetryPolicy, environment: [String: String],
        onNotice: @escaping @Sendable (MigrationNotice) -> Void
    ) throws {
        self.project = project
        self.retry = Retry(retry, next: "Check the network, then run the same command again.", onNotice: onNotice)
        var options = GoogleClient.Options()
        (options.retry, options.onNotice) = (retry, onNotice)
        func client(_ api: String) throws -> GoogleClient {
            try GoogleClient(
                api, override: "CLOUDSDK_API_ENDPOINT_OVERRIDES_\(api.uppercased())",
                scopes: ["https://www.googleapis.com/auth/cloud-platform.read-only"], credentials: credentials,
                options: options, environment: environment)
        }
        logging = try client("logging")
        resourceManager = try client("cloudresourcemanager")
    }

    /// Whose rights count, for messages.
    package var account: String { logging.account }

    /// All entries that a filter lets through, the newest first.
    ///
    /// - Throws: ``MigrationError`` if they may not be read, or there is no end to them.
    package func entries(_ filter: String) async throws -> [JSONValue] {
        struct Question: Encodable, Sendable {
            var resourceNames: [String]
            var filter: String
            var orderBy = "timestamp desc"
            var pageSize: Int
            var pageToken: String?
        }
        var question = Question(resourceNames: ["projects/\(project)"], filter: filter, pageSize: Self.pageSize)
        var entries: [JSONValue] = []
        var seen: Set<String> = []
        var emptyPages = 0
        repeat {
            let page = try await ask("The audit log of \(project)", logging, "/v2/entries:list", question)
            let more = page["entries"]?.elements ?? []
            entries += more
            emptyPages = more.isEmpty ? emptyPages + 1 : 0
            question.pageToken = (page["nextPageToken"]?.text).flatMap { $0.isEmpty ? nil : $0 }
            guard let token = question.pageToken else { break }
            guard seen.insert(token).inserted, emptyPages < Self.emptyPageLimit else {
                throw MigrationError(
                    .failed, "The audit log of \(project) is too long to read.",
                    next: "Run the same command again for a shorter time, such as --since=1d.")
            }
        } while true
        return entries
    }

    /// Whether access to objects is written down; nil if the account may not see that.
    package func dataAccessLogging() async throws -> DataAccessLogging? {
        let path = "/v1/projects/\(GoogleClient.encoded(project)):getIamPolicy"
        let question = ["options": ["requestedPolicyVersion": 3]]
        do {
            return DataAccessLogging(
                policy: try await ask("The policy of \(project)", resourceManager, path, question))
        } catch let error as MigrationError where error.code == .unmetRequirement {
            return nil
        }
    }

    /// Asks what changes nothing, and so may be asked again.
    private func ask(
        _ what: String, _ client: GoogleClient, _ path: String, _ question: some Encodable
    ) async throws -> JSONValue {
        let body = try JSONText.encode(question, pretty: false)
        do {
            let answer = try await retry(what) {
                let reply = try await client.send {
                    var request = client.request(
                        .POST, try client.url(path), headers: ["Content-Type": "application/json; charset=utf-8"],
                        body: .bytes(ByteBuffer(string: body)))
                    request.replyLimit = Self.replyLimit
                    return request
                }
                let answer: JSONValue = try reply.expecting(200).json()
                guard case .object = answer else {
                    throw TransientFailure("\(reply.host) sent a response that cannot be read")
                }
                return answer
            }
            retry.madeProgress()
            return answer
        } catch let error as GoogleAPIError {
            throw meaning(of: error, what)
        }
    }

    private func meaning(of error: GoogleAPIError, _ what: String) -> MigrationError {
        if let common = error.commonRefusal(what, account: account) { return common }
        return switch error.status {
        case 401:
            MigrationError(
                .unmetRequirement, "Google rejected the access token of \(account).",
                next: "Check --credentials, and that the clock of this machine is right.", details: [error.message])
        case 403:
            MigrationError(
                .unmetRequirement, "\(account) is not allowed to read the Data Access logs of \(project).",
                next:
                    "Grant it roles/logging.privateLogViewer in the project \(project), which owns the bucket, and check "
                    + "that the Cloud Logging API is enabled there.",
                details: [error.message])
        case 404:
            MigrationError(
                .unmetRequirement, "There is no project \(project), or \(account) is not allowed to see it.",
                next: "Check --bucket-project.", details: [error.message])
        default: error.error(what, next: "Check --bucket-project and --bucket.")
        }
    }
}
