/// Who touched a bucket, as far as that was written down.
public struct BucketAudit: Sendable, Encodable {
    /// The bucket.
    public var bucket: String
    /// The project that owns it.
    public var project: String
    /// Since when was looked.
    public var since: String
    /// Every access, the oldest first.
    public var accesses: [BucketAccess]
    /// Whether access is written down; nil: that may not be seen.
    public var logging: DataAccessLogging?
    /// What is not shown, or may not be, a sentence each.
    public var gaps: [String]

    /// The same thing, done by the same account in the same way, however often: an object is read in pieces.
    public struct Group: Sendable {
        /// The first time.
        public var first: BucketAccess
        /// When it was the last time.
        public var last: String
        /// How often.
        public var count: Int
    }

    /// What one account did.
    public struct Principal: Sendable, Hashable, Encodable {
        /// Its address; nil: all who were not logged in.
        public var name: String?
        /// How often each action was done, such as `get`.
        public var done: [String: Int] = [:]
        /// How often something was refused, or failed.
        public var refused = 0
        /// When it was first seen.
        public var first: String
        /// When it was last seen.
        public var last: String
    }

    /// What was done, in the order of the first time.
    public var groups: [Group] {
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
    public var principals: [Principal] {
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
    public func encode(to encoder: any Encoder) throws {
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
