internal import Foundation

/// `summary.json`: what an instance is, so that the migrated one can be held against it.
///
/// The keys that `src snapshot summary` writes are there as it writes them, and `src snapshot test` reads them; what is
/// known beyond that stands beside them, under ``instance``.
public struct SnapshotSummary: Sendable, Hashable, Encodable {
    /// Connections to code hosts.
    public var externalServices: [ExternalService]
    /// Ways to log in.
    public var authProviders: [AuthProvider]
    /// What `src` does not ask for; nil in a summary that it wrote.
    public var instance: Instance?

    /// A connection to a code host.
    public struct ExternalService: Sendable, Hashable, Codable {
        /// `GITHUB`, `GITLAB`, …: an open set, for releases add and drop kinds.
        public var kind: String
        /// Its GraphQL id, which goes with the database wherever it goes.
        public var id: String

        /// A connection of that kind and id.
        public init(kind: String, id: String) {
            self.kind = kind
            self.id = id
        }
    }

    /// A way to log in.
    public struct AuthProvider: Sendable, Hashable, Codable {
        /// `builtin`, `saml`, `github`, …
        public var serviceType: String
        /// Which of several of that type; empty for `builtin`, and just after boot for one whose metadata the instance
        /// has not fetched yet.
        public var serviceID: String

        /// A way of that type and id.
        public init(serviceType: String, serviceID: String) {
            self.serviceType = serviceType
            self.serviceID = serviceID
        }
    }

    /// What `src` does not ask for.
    public struct Instance: Sendable, Hashable, Codable {
        /// The program that wrote it, with its version.
        public var createdBy = "MigrationKit \(MigrationKitVersion.current)"
        /// When, ISO 8601 in UTC.
        public var createdAt = JSONText.timestamp()
        /// What the instance says of its version.
        public var productVersion: String
        /// Its id.
        public var siteID: String
        /// How many connections there are of each kind.
        public var codeHosts: [String: Int]
        /// How many there are of what else can be counted: `users`, `repositories`, …
        public var counts: [String: Int]
        /// What could not be counted, and why.
        public var notCounted: [String: String]
        /// The alerts that site admins saw: what was there before is no fault of a migration.
        public var alerts: [String]
    }

    /// Name of the object.
    public static let name = "summary.json"

    /// Makes a summary; see the properties.
    public init(externalServices: [ExternalService], authProviders: [AuthProvider], instance: Instance? = nil) {
        self.externalServices = externalServices
        self.authProviders = authProviders
        self.instance = instance
    }
}
