/// `summary.json`: what an instance is, so that the migrated one can be held against it.
///
/// The keys that `src snapshot summary` writes are there as it writes them, and `src snapshot test` reads them; what is
/// known beyond that stands beside them, under `instance`.
public struct SnapshotSummary: Sendable, Hashable, Encodable {
    /// Connections to code hosts.
    package var externalServices: [ExternalService]
    /// Ways to log in.
    package var authProviders: [AuthProvider]
    /// What `src` does not ask for; nil in a summary that it wrote.
    package var instance: Instance?

    /// A connection to a code host.
    package struct ExternalService: Sendable, Hashable, Codable {
        /// `GITHUB`, `GITLAB`, …: an open set, for releases add and drop kinds.
        package var kind: String
        /// Its GraphQL id, which goes with the database wherever it goes.
        package var id: String

        /// A connection of that kind and id.
        package init(kind: String, id: String) {
            self.kind = kind
            self.id = id
        }
    }

    /// A way to log in.
    package struct AuthProvider: Sendable, Hashable, Codable {
        /// `builtin`, `saml`, `github`, …
        package var serviceType: String
        /// Which of several of that type; empty for `builtin`, and just after boot for one whose metadata the instance
        /// has not fetched yet.
        package var serviceID: String

        /// A way of that type and id.
        package init(serviceType: String, serviceID: String) {
            self.serviceType = serviceType
            self.serviceID = serviceID
        }
    }

    /// What `src` does not ask for.
    package struct Instance: Sendable, Hashable, Codable {
        /// The program that wrote it, with its version.
        package var createdBy = "MigrationKit \(MigrationKitVersion.current)"
        /// When, ISO 8601 in UTC.
        package var createdAt = JSONText.timestamp()
        /// What the instance says of its version.
        package var productVersion: String
        /// Its id.
        package var siteID: String
        /// How many connections there are of each kind.
        package var codeHosts: [String: Int]
        /// How many there are of what else can be counted: `users`, `repositories`, …
        package var counts: [String: Int]
        /// What could not be counted, and why.
        package var notCounted: [String: String]
        /// The alerts that site admins saw: what was there before is no fault of a migration.
        package var alerts: [String]
    }

    /// Name of the object.
    public static let name = "summary.json"

    /// Makes a summary; see the properties.
    package init(externalServices: [ExternalService], authProviders: [AuthProvider], instance: Instance? = nil) {
        self.externalServices = externalServices
        self.authProviders = authProviders
        self.instance = instance
    }
}
