package import Foundation
package import MigrationKitBase

/// What an instance holds, and what it says of itself: a small company's, in good health. A test changes what it is
/// about.
package struct FakeInstance: Sendable {
    /// What it says is its version; it may name no release.
    package var version: String
    /// The release whose API it has.
    package var api: SourcegraphVersion
    package var siteID = "7f0a3a4e-6d0c-4b53-9f5e-2c3d6a1b8e90"
    /// Whether requests without a token are answered at all.
    package var isPublic = false
    /// How far its clock is ahead of this machine's.
    package var clockAhead: TimeInterval = 0

    package var users: [User]
    package var accessTokens: [AccessToken]
    package var organizations = ["engineering", "security"]
    package var externalServices: [ExternalService]
    /// In the order of their ids.
    package var permissionJobs: [PermissionJob]
    package var permissionStats: [String: Int] = ["queueSize": 3]
    package var authProviders: [AuthProvider]
    package var alerts: [Alert]
    package var migrations: [OutOfBandMigration]
    package var executors: [Executor]
    package var savedSearches: [SavedSearch]
    package var statusMessages: [StatusMessage] = []

    /// Of what is only counted, by the field of `Query` or `Site`.
    package var counts = [
        "repositories": 412, "campaigns": 9, "batchChanges": 9, "insightViews": 4, "searchContexts": 3,
        "notebooks": 5, "webhooks": 1, "gitHubApps": 1, "roles": 2, "prompts": 2, "externalAccounts": 2,
    ]

    /// All global settings that there ever were, the last ones being in force.
    package var settings: [SettingsRow]
    /// Whether `GLOBAL_SETTINGS_FILE` is set, so that settings cannot be changed.
    package var hasGlobalSettingsFile = false
    package var siteConfiguration = SiteConfiguration()
    /// Whether `SITE_CONFIG_FILE` is set.
    package var hasSiteConfigFile = false
    package var autoUpgradeEnabled = false
    /// What 5.0 says of drift; empty: nothing.
    package var schemaDriftText = ""
    package var schemaDrift: [SchemaDrift] = []

    /// Fields that cannot be answered, such as `Query.insightViews` or `Site.alerts`, and what the server says instead.
    package var fieldErrors: [String: String] = [:]
    /// Is called before each mutation is done: what somebody else does in the meantime.
    package var beforeMutation: (@Sendable (inout FakeInstance) -> Void)?

    /// The token of the first user, who is a site admin.
    package static let adminToken = "sgp_a4c1f0d2b7e9a4c1f0d2b7e9a4c1f0d2b7e9a4c1"
    /// The token of the second one, who is not.
    package static let userToken = "sgp_5d8e2b91c0f75d8e2b91c0f75d8e2b91c0f75d8e"

    /// - Parameter version: A release; the API of one that is none is that of the newest.
    package init(version: String, now: Date = Date()) {
        func ago(_ minutes: Double) -> Date { now.addingTimeInterval(-minutes * 60) }
        self.version = version
        api = SourcegraphVersion(version) ?? SourcegraphVersion(7, 2, 1943)
        users = [
            User(id: 1, username: "ada", siteAdmin: true, emails: [User.Email(email: "ada@example.com")]),
            User(id: 2, username: "grace", emails: [User.Email(email: "grace@example.com", verified: false)]),
            User(id: 3, username: "alan"),
        ]
        accessTokens = [
            AccessToken(id: 1, token: Self.adminToken, user: 1, note: "migration", scopes: ["user:all"]),
            AccessToken(id: 2, token: Self.userToken, user: 2, note: "laptop", scopes: ["user:all"]),
        ]
        externalServices = [
            ExternalService(id: 1, kind: "GITHUB", displayName: "GitHub", repoCount: 380, lastSyncAt: ago(4)),
            ExternalService(id: 2, kind: "GITLAB", displayName: "GitLab", repoCount: 30, lastSyncAt: ago(3)),
            ExternalService(id: 4, kind: "BITBUCKETSERVER", displayName: "Bitbucket", repoCount: 2, lastSyncAt: ago(5)),
        ]
        permissionJobs = (1...5).map { id in
            PermissionJob(id: id, queuedAt: ago(Double(30 - id)), finishedAt: ago(Double(29 - id)))
        }
        authProviders = [
            AuthProvider(type: "builtin", displayName: "Builtin username-password authentication"),
            AuthProvider(
                type: "github", serviceID: "https://github.com/", clientID: "Iv1.0123456789abcdef",
                displayName: "GitHub"),
        ]
        alerts = []
        migrations = [
            OutOfBandMigration(id: 1, description: "Backfill data version", introduced: "3.25.0", deprecated: "4.0.0"),
            OutOfBandMigration(id: 20, description: "Move insights out of settings", introduced: "3.35.0"),
        ]
        executors = []
        savedSearches = [
            SavedSearch(id: 1, owner: "User:1", description: "Secrets in code", query: "AKIA type:diff"),
            SavedSearch(id: 2, owner: "User:2", description: "Left to do", query: "todo lang:go"),
        ]
        settings = [
            SettingsRow(
                id: 1, author: 1, createdAt: ago(50_000),
                contents: "{\n  // Ask the platform team before you change this.\n  \"search.contextLines\": 3\n}")
        ]
    }

    /// The settings in force; nil if there have never been any.
    package var latestSettings: SettingsRow? { settings.last }

    package func user(token: String) -> User? {
        accessTokens.first { $0.token == token }.flatMap { token in users.first { $0.id == token.user } }
    }
}
