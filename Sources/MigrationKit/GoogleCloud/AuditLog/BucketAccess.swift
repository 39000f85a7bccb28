/// Somebody touched a bucket: one entry of its audit log. All of it may be hostile: a user agent is whatever a client
/// says.
///
/// Source: google.cloud.audit.AuditLog, and the entries of Cloud Storage's Data Access logs.
package struct BucketAccess: Sendable, Hashable, Encodable {
    /// What came of it.
    package enum Outcome: String, Sendable, Encodable {
        /// It was done.
        case granted
        /// The right was missing.
        case denied
        /// The right was there, but it was not done: there was no such object, for one.
        case failed
    }

    /// When, as the log has it: RFC 3339 in UTC.
    package var time: String
    /// Who: an account's address; nil: nobody who was logged in.
    package var principal: String?
    /// What: `create`, `get`, `list` or `delete`.
    package var action: String
    /// The object's name; nil: the bucket itself.
    package var object: String?
    /// From where: an IP address, or what Google has in place of one.
    package var address: String?
    /// With which program, by its own words.
    package var userAgent: String?
    /// What came of it.
    package var outcome: Outcome

    /// `PERMISSION_DENIED` of google.rpc.Code.
    private static let permissionDenied = 7.0

    /// Reads an entry; nil if it is none of an audit log.
    package init?(entry: JSONValue) {
        guard let payload = entry["protoPayload"], let method = payload["methodName"]?.text,
            let time = entry["timestamp"]?.text
        else { return nil }
        self.time = time
        let authentication = payload["authenticationInfo"]
        let names = [authentication?["principalEmail"]?.text, authentication?["principalSubject"]?.text]
        principal = names.compactMap(\.self).first { !$0.isEmpty }
        action = method.split(separator: ".").last.map(String.init) ?? method
        object = (payload["resourceName"]?.text).flatMap(Self.object)
        address = payload["requestMetadata"]?["callerIp"]?.text
        userAgent = payload["requestMetadata"]?["callerSuppliedUserAgent"]?.text
        var code = 0.0
        if case .number(let number)? = payload["status"]?["code"] { code = number }
        let checks = payload["authorizationInfo"]?.elements ?? []
        // What is not said to be granted, where it was looked at, is not.
        if code == Self.permissionDenied || checks.contains(where: { $0["granted"] != .bool(true) }) {
            outcome = .denied
        } else {
            outcome = code == 0 ? .granted : .failed
        }
    }

    /// `primary.sql` of `projects/_/buckets/B/objects/primary.sql`.
    private static func object(_ resource: String) -> String? {
        guard let start = resource.firstRange(of: "/objects/") else { return nil }
        let name = resource[start.upperBound...]
        return name.isEmpty ? nil : String(name)
    }
}
