import TestSupport

/// Entries of Data Access logs, as Cloud Storage writes them.
enum LogEntries {
    static let uploader = "acme-writer@acme-migration.iam.gserviceaccount.com"

    /// One entry.
    ///
    /// - Parameters:
    ///   - second: When, in seconds of a minute.
    ///   - change: What is odd about it, in its payload.
    static func entry(
        _ action: String, _ object: String?, by principal: String? = uploader, at second: Int = 0,
        granted: Bool = true, code: Int64? = nil, agent: String = "MigrationKit/1.0.0",
        _ change: (inout [String: AnyJSON]) -> Void = { _ in }
    ) -> AnyJSON {
        let bucket = "projects/_/buckets/acme-snapshot"
        let resource = object.map { "\(bucket)/objects/\($0)" } ?? bucket
        var payload: [String: AnyJSON] = [
            "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
            "serviceName": "storage.googleapis.com", "methodName": .string("storage.objects.\(action)"),
            "resourceName": .string(resource), "status": .object(code.map { ["code": .integer($0)] } ?? [:]),
            "authenticationInfo": .object(principal.map { ["principalEmail": .string($0)] } ?? [:]),
            "authorizationInfo": [
                [
                    "resource": .string(resource), "permission": .string("storage.objects.\(action)"),
                    "granted": .bool(granted),
                ]
            ],
            "requestMetadata": ["callerIp": "203.0.113.7", "callerSuppliedUserAgent": .string(agent)],
        ]
        change(&payload)
        let time = "2026-11-20T10:11:\(second < 10 ? "0" : "")\(second).123456Z"
        return [
            "insertId": "abc", "timestamp": .string(time), "receiveTimestamp": .string(time), "severity": "INFO",
            "logName": "projects/acme-migration/logs/cloudaudit.googleapis.com%2Fdata_access",
            "resource": ["type": "gcs_bucket", "labels": ["bucket_name": "acme-snapshot", "location": "us"]],
            "protoPayload": .object(payload),
        ]
    }

    /// A policy that has everything written down.
    static func policy(
        _ types: [String] = ["DATA_READ", "DATA_WRITE"], service: String = "storage.googleapis.com",
        exempted: [String] = []
    ) -> AnyJSON {
        let logs = types.map { type -> AnyJSON in
            ["logType": .string(type), "exemptedMembers": .array(exempted.map { .string($0) })]
        }
        return [
            "version": 1, "etag": "BwYkD0Zr3mU=",
            "auditConfigs": [["service": .string(service), "auditLogConfigs": .array(logs)]],
            "bindings": [["role": "roles/owner", "members": ["user:owner@example.com"]]],
        ]
    }
}
