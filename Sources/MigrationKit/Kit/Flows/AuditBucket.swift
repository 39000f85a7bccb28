package import MigrationKitFoundation

/// Finds out who touched a bucket.
///
/// 1. The project's policy tells whether access is written down at all.
/// 2. The Data Access log tells what was done, page by page.
package struct AuditBucket: Sendable {
    private let bucket: String
    private let logs: AuditLogs
    private let onEvent: MigrationEventHandler

    /// How far back is looked.
    package var since = Duration.seconds(7 * 24 * 3600)
    /// The time by which that counts.
    package var now = Date()

    /// How long Google keeps Data Access logs, unless somebody has set another time for the log bucket `_Default`.
    private static let retention = Duration.seconds(30 * 24 * 3600)

    /// Names a bucket.
    ///
    /// - Parameters:
    ///   - bucket: The bucket's name.
    ///   - project: The project that owns it, where its logs are.
    ///   - credentials: Whose rights count; nil: those that Google's own programs would use.
    ///   - retry: How long is tried again.
    ///   - environment: `CLOUDSDK_API_ENDPOINT_OVERRIDES_LOGGING`, `CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDRESOURCEMANAGER`,
    ///     the proxy's and certificates' variables count.
    ///   - onEvent: Is told of what has to be tried again, and of what the audit cannot show.
    /// - Throws: ``MigrationError`` with code `usage` if one of these cannot be used.
    package init(
        bucket: String, project: String, credentials: GoogleCredentials? = nil, retry: RetryPolicy = RetryPolicy(),
        environment: [String: String] = ProcessInfo.processInfo.environment,
        onEvent: @escaping MigrationEventHandler = { _ in }
    ) throws {
        // Both become part of a filter.
        guard case .googleCloudStorage(bucket, "") = try BucketLocation(bucket) else {
            throw MigrationError(
                .usage, "`\(bucket.printable)` is not a Google Cloud Storage bucket, so it has no audit log.",
                next: "Specify one: --bucket=gs://name.")
        }
        self.bucket = bucket
        self.onEvent = onEvent
        logs = try AuditLogs(
            project: try GoogleNames.project(project),
            credentials: try credentials ?? .applicationDefault(environment: environment), retry: retry,
            environment: environment, onNotice: { onEvent(.warning($0)) })
    }

    /// Looks.
    ///
    /// - Returns: Who did what. That something is missing from it proves little: see ``BucketAudit/gaps``.
    /// - Throws: ``MigrationError`` if the log cannot be read.
    package func run() async throws -> BucketAudit {
        let start = (now - since / .seconds(1)).formatted(.iso8601)
        let logging = try await logs.dataAccessLogging()
        let entries = try await logs.entries(filter(since: start))
        let accesses = entries.compactMap(BucketAccess.init(entry:))
        let audit = BucketAudit(
            bucket: bucket, project: logs.project, since: start, accesses: accesses.reversed(), logging: logging,
            gaps: gaps(logging, found: accesses.count, unread: entries.count - accesses.count))
        for gap in audit.gaps { onEvent(.warning(.init(.auditIncomplete, gap, ["bucket": .init(bucket)]))) }
        return audit
    }

    /// Source: the fields of AuditLog entries of Cloud Storage, "Cloud Audit Logs with Cloud Storage".
    private func filter(since start: String) -> String {
        let methods = ["create", "get", "list", "delete"].map { "\"storage.objects.\($0)\"" }.joined(separator: " OR ")
        return [
            "logName=\"projects/\(logs.project)/logs/cloudaudit.googleapis.com%2Fdata_access\"",
            "resource.type=\"gcs_bucket\"", "resource.labels.bucket_name=\"\(bucket)\"",
            "protoPayload.\"@type\"=\"type.googleapis.com/google.cloud.audit.AuditLog\"",
            "protoPayload.serviceName=\"storage.googleapis.com\"", "protoPayload.methodName=(\(methods))",
            "timestamp>=\"\(start)\"",
        ].joined(separator: " AND ")
    }

    private func gaps(_ logging: DataAccessLogging?, found: Int, unread: Int) -> [String] {
        var gaps =
            logging?.gaps(in: logs.project) ?? [
                "\(logs.account) is not allowed to see whether data access logs are on in \(logs.project): grant it "
                    + "roles/iam.securityReviewer there, or look under IAM & Admin, Audit Logs."
            ]
        if since > Self.retention {
            gaps.append(
                "Data access logs are kept for 30 days, unless the log bucket _Default of \(logs.project) was set to keep "
                    + "them longer: older entries are gone.")
        }
        if unread > 0 { gaps.append("Log entries that could not be read and are not shown: \(unread).") }
        if found == 0 {
            gaps.append(
                "The log shows no access. That is not proof: without roles/logging.privateLogViewer in \(logs.project), "
                    + "\(logs.account) is shown no such entries, and new ones take some minutes to appear.")
        }
        return gaps
    }
}
