import Foundation

extension FakeInstance {
    struct User: Sendable, Equatable {
        var id: Int
        var username: String
        var siteAdmin = false
        var displayName: String?
        var createdAt = Date(timeIntervalSince1970: 1_600_000_000)
        var emails: [Email] = []

        struct Email: Sendable, Equatable {
            var email: String
            var verified = true
        }
    }

    struct AccessToken: Sendable {
        var id: Int
        var token: String
        /// The user's id.
        var user: Int
        var note: String
        var scopes: [String]
    }

    struct ExternalService: Sendable {
        var id: Int
        var kind: String
        var displayName: String
        var config = "{\n  \"url\": \"https://code.example.com\",\n  \"token\": \"REDACTED\"\n}"
        var url = "https://code.example.com/"
        var repoCount = 0
        var lastSyncAt: Date?
        var lastSyncError: String?
        var createdAt = Date(timeIntervalSince1970: 1_610_000_000)
        /// The newest first.
        var syncJobs: [SyncJob] = []
    }

    struct SyncJob: Sendable {
        var id: Int
        var state = "COMPLETED"
        var queuedAt = Date()
        var finishedAt: Date?
        var failureMessage: String?
    }

    struct PermissionJob: Sendable {
        var id: Int
        var state = "COMPLETED"
        var queuedAt: Date
        var startedAt: Date?
        var finishedAt: Date?
        var failureMessage: String?
        var reasonGroup = "SCHEDULE"
        var reason: String? = "REASON_USER_OUTDATED_PERMS"
        var isPartial = false
        /// `USER` or `REPOSITORY`.
        var subject = "USER"
        var codeHosts = [CodeHost(id: "https://github.com/", type: "github")]
    }

    struct CodeHost: Sendable {
        var id: String
        var type: String
        var status = "SUCCESS"
        var message = "FetchUserPerms"
    }

    struct AuthProvider: Sendable {
        var type: String
        /// Empty for `builtin`, and while the metadata of SAML and OpenID Connect have not been fetched.
        var serviceID = ""
        var clientID = ""
        var displayName: String
        /// From 5.1 providers are sorted by this first.
        var order = 0
    }

    struct Alert: Sendable {
        var type: String
        var message: String
        var key: String?
        /// Whether only site admins see it.
        var isForAdmins = true
    }

    struct OutOfBandMigration: Sendable {
        var id: Int
        var team = "code-intelligence"
        var component = "frontend.settings"
        var description: String
        /// `3.25.0`.
        var introduced: String
        var deprecated: String?
        /// From 0 to 1.
        var progress = 1.0
        var applyReverse = false
        var nonDestructive = true
        var errors: [String] = []
        /// Whether `upgradeReadiness` says that it has to be done before the next upgrade.
        var isRequired = false
    }

    struct Executor: Sendable {
        var id: Int
        var hostname: String
        var queues = ["batches"]
        var lastSeenAt = Date()
        var version = "5.1.8"
        var compatibility: String? = "UP_TO_DATE"
    }

    struct SavedSearch: Sendable {
        var id: Int
        /// `User:1` or `Org:1`.
        var owner: String
        var description: String
        var query: String
    }

    struct StatusMessage: Sendable {
        /// `CloningProgress`, `IndexingProgress`, `ExternalServiceSyncError` or `SyncError`.
        var type: String
        var message: String
        /// The code host's, for its own errors.
        var externalService = 1
    }

    struct SettingsRow: Sendable {
        var id: Int
        /// The user's id.
        var author: Int?
        var createdAt: Date
        var contents: String
    }

    struct SiteConfiguration: Sendable {
        var id = 3
        var contents = """
            {
              // Changed by the platform team only.
              "externalURL": "https://sourcegraph.example.com",
              "auth.providers": [{ "type": "github", "clientSecret": "site-config-secret" }]
            }
            """
        /// Somewhere in the contents; releases that redact show `REDACTED`.
        var secret = "site-config-secret"
        var validationMessages: [String] = []
    }

    struct SchemaDrift: Sendable {
        var name: String
        var problem: String
        var solution: String
        var statements: [String] = []
    }
}
