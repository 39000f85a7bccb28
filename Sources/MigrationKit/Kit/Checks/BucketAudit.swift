/// Who touched a bucket, as far as that was written down.
package struct BucketAudit: Sendable, Encodable {
    /// The bucket.
    package var bucket: String
    /// The project that owns it.
    package var project: String
    /// Since when was looked.
    package var since: String
    /// Every access, the oldest first.
    package var accesses: [BucketAccess]
    /// Whether access is written down; nil: that may not be seen.
    package var logging: DataAccessLogging?
    /// What is not shown, or may not be, a sentence each.
    package var gaps: [String]

    /// The same thing, done by the same account in the same way, however often: an object is read in pieces.
    package struct Group: Sendable {
        /// The first time.
        package var first: BucketAccess
        /// When it was the last time.
        package var last: String
        /// How often.
        package var count: Int
    }

    /// What one account did.
    package struct Principal: Sendable, Hashable, Encodable {
        /// Its address; nil: all who were not logged in.
        package var name: String?
        /// How often each action was done, such as `get`.
        package var done: [String: Int] = [:]
        /// How often something was refused, or failed.
        package var refused = 0
        /// When it was first seen.
        package var first: String
        /// When it was last seen.
        package var last: String
    }

    /// What was done, in the order of the first time.
    package var groups: [Group] {
        var groups: [Group] = []
        var places: [[String?]: Int] = [:]
        for access in accesses {
            let key = [access.principal, access.action, access.object, access.address, access.outcome.rawValue]
            if let place = places[key] {
                groups[place].count += 1
                groups[place].last = access.time
            } else {
                places[key] = groups.count
                groups.append(Group(first: access, last: access.time, count: 1))
            }
        }
        return groups
    }

    /// Who did it, in the order of the first time.
    package var principals: [Principal] {
        var principals: [Principal] = []
        var places: [String?: Int] = [:]
        for access in accesses {
            let place = places[access.principal] ?? principals.count
            if place == principals.count {
                places[access.principal] = place
                principals.append(Principal(name: access.principal, first: access.time, last: access.time))
            }
            principals[place].last = access.time
            if access.outcome == .granted {
                principals[place].done[access.action, default: 0] += 1
            } else {
                principals[place].refused += 1
            }
        }
        return principals
    }

    /// Encodes what is computed, too.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(bucket, forKey: .bucket)
        try container.encode(project, forKey: .project)
        try container.encode(since, forKey: .since)
        try container.encode(accesses, forKey: .accesses)
        try container.encode(principals, forKey: .principals)
        try container.encodeIfPresent(logging, forKey: .logging)
        try container.encode(gaps, forKey: .gaps)
    }

    private enum CodingKeys: String, CodingKey {
        case bucket, project, since, accesses, principals, logging, gaps
    }
}
