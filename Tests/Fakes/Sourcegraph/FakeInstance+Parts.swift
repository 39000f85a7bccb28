package import Foundation

extension FakeInstance {
    package struct User: Sendable, Equatable {
        package var id: Int
        package var username: String
        package var siteAdmin = false
        package var displayName: String?
        package var createdAt = Date(timeIntervalSince1970: 1_600_000_000)
        package var emails: [Email] = []

        package init(
            id: Int, username: String, siteAdmin: Bool = false, displayName: String? = nil,
            createdAt: Date = Date(timeIntervalSince1970: 1_600_000_000), emails: [Email] = []
        ) {
            self.id = id
            self.username = username
            self.siteAdmin = siteAdmin
            self.displayName = displayName
            self.createdAt = createdAt
            self.emails = emails
        }

        package struct Email: Sendable, Equatable {
            package var email: String
            package var verified = true

            package init(email: String, verified: Bool = true) {
                self.email = email
                self.verified = verified
            }
        }
    }

    package struct AccessToken: Sendable {
        package var id: Int
        package var token: String
        /// The user's id.
        package var user: Int
        package var note: String
        package var scopes: [String]
    }

    package struct ExternalService: Sendable {
        package var id: Int
        package var kind: String
        package var displayName: String
        package var config = "{\n  \"url\": \"https://code.example.com\",\n  \"token\": \"REDACTED\"\n}"
        package var url = "https://code.example.com/"
        package var repoCount = 0
        package var lastSyncAt: Date?
        package var lastSyncError: String?
        package var createdAt = Date(timeIntervalSince1970: 1_610_000_000)
        /// The newest first.
        package var syncJobs: [SyncJob] = []

        package init(
            id: Int, kind: String, displayName: String,
            config: String = "{\n  \"url\": \"https://code.example.com\",\n  \"token\": \"REDACTED\"\n}",
            url: String = "https://code.example.com/", repoCount: Int = 0, lastSyncAt: Date? = nil,
            lastSyncError: String? = nil, createdAt: Date = Date(timeIntervalSince1970: 1_610_000_000),
            syncJobs: [SyncJob] = []
        ) {
            self.id = id
            self.kind = kind
            self.displayName = displayName
            self.config = config
            self.url = url
            self.repoCount = repoCount
            self.lastSyncAt = lastSyncAt
            self.lastSyncError = lastSyncError
            self.createdAt = createdAt
            self.syncJobs = syncJobs
        }
    }

    package struct SyncJob: Sendable {
        package var id: Int
        package var state = "COMPLETED"
        package var queuedAt = Date()
        package var finishedAt: Date?
        package var failureMessage: String?

        package init(
            id: Int, state: String = "COMPLETED", queuedAt: Date = Date(), finishedAt: Date? = nil,
            failureMessage: String? = nil
        ) {
            self.id = id
            self.state = state
            self.queuedAt = queuedAt
            self.finishedAt = finishedAt
            self.failureMessage = failureMessage
        }
    }

    package struct PermissionJob: Sendable {
        package var id: Int
        package var state = "COMPLETED"
        package var queuedAt: Date
        package var startedAt: Date?
        package var finishedAt: Date?
        package var failureMessage: String?
        package var reasonGroup = "SCHEDULE"
        package var reason: String? = "REASON_USER_OUTDATED_PERMS"
        package var isPartial = false
        /// `USER` or `REPOSITORY`.
        package var subject = "USER"
        package var codeHosts = [CodeHost(id: "https://github.com/", type: "github")]

        package init(
            id: Int, state: String = "COMPLETED", queuedAt: Date, startedAt: Date? = nil, finishedAt: Date? = nil,
            failureMessage: String? = nil, reasonGroup: String = "SCHEDULE",
            reason: String? = "REASON_USER_OUTDATED_PERMS", isPartial: Bool = false, subject: String = "USER",
            codeHosts: [CodeHost] = [CodeHost(id: "https://github.com/", type: "github")]
        ) {
            self.id = id
            self.state = state
            self.queuedAt = queuedAt
            self.startedAt = startedAt
            self.finishedAt = finishedAt
            self.failureMessage = failureMessage
            self.reasonGroup = reasonGroup
            self.reason = reason
            self.isPartial = isPartial
            self.subject = subject
            self.codeHosts = codeHosts
        }
    }

    package struct CodeHost: Sendable {
        package var id: String
        package var type: String
        package var status = "SUCCESS"
        package var message = "FetchUserPerms"

        package init(id: String, type: String, status: String = "SUCCESS", message: String = "FetchUserPerms") {
            self.id = id
            self.type = type
            self.status = status
            self.message = message
        }
    }

    package struct AuthProvider: Sendable {
        package var type: String
        /// Empty for `builtin`, and while the metadata of SAML and OpenID Connect have not been fetched.
        package var serviceID = ""
        package var clientID = ""
        package var displayName: String
        /// From 5.1 providers are sorted by this first.
        package var order = 0

        package init(
            type: String, serviceID: String = "", clientID: String = "", displayName: String, order: Int = 0
        ) {
            self.type = type
            self.serviceID = serviceID
            self.clientID = clientID
            self.displayName = displayName
            self.order = order
        }
    }

    package struct Alert: Sendable {
        package var type: String
        package var message: String
        package var key: String?
        /// Whether only site admins see it.
        package var isForAdmins = true

        package init(type: String, message: String, key: String? = nil, isForAdmins: Bool = true) {
            self.type = type
            self.message = message
            self.key = key
            self.isForAdmins = isForAdmins
        }
    }

    package struct OutOfBandMigration: Sendable {
        package var id: Int
        package var team = "code-intelligence"
        package var component = "frontend.settings"
        package var description: String
        /// `3.25.0`.
        package var introduced: String
        package var deprecated: String?
        /// From 0 to 1.
        package var progress = 1.0
        package var applyReverse = false
        package var nonDestructive = true
        package var errors: [String] = []
        /// Whether `upgradeReadiness` says that it has to be done before the next upgrade.
        package var isRequired = false
    }

    package struct Executor: Sendable {
        package var id: Int
        package var hostname: String
        package var queues = ["batches"]
        package var lastSeenAt = Date()
        package var version = "5.1.8"
        package var compatibility: String? = "UP_TO_DATE"

        package init(
            id: Int, hostname: String, queues: [String] = ["batches"], lastSeenAt: Date = Date(),
            version: String = "5.1.8", compatibility: String? = "UP_TO_DATE"
        ) {
            self.id = id
            self.hostname = hostname
            self.queues = queues
            self.lastSeenAt = lastSeenAt
            self.version = version
            self.compatibility = compatibility
        }
    }

    package struct SavedSearch: Sendable {
        package var id: Int
        /// `User:1` or `Org:1`.
        package var owner: String
        package var description: String
        package var query: String
    }

    package struct StatusMessage: Sendable {
        /// `CloningProgress`, `IndexingProgress`, `ExternalServiceSyncError` or `SyncError`.
        package var type: String
        package var message: String
        /// The code host's, for its own errors.
        package var externalService = 1

        package init(type: String, message: String, externalService: Int = 1) {
            self.type = type
            self.message = message
            self.externalService = externalService
        }
    }

    package struct SettingsRow: Sendable {
        package var id: Int
        /// The user's id.
        package var author: Int?
        package var createdAt: Date
        package var contents: String

        package init(id: Int, author: Int? = nil, createdAt: Date, contents: String) {
            self.id = id
            self.author = author
            self.createdAt = createdAt
            self.contents = contents
        }
    }

    package struct SiteConfiguration: Sendable {
        package var id = 3
        package var contents = """
            {
              // Changed by the platform team only.
              "externalURL": "https://sourcegraph.example.com",
              "auth.providers": [{ "type": "github", "clientSecret": "site-config-secret" }]
            }
            """
        /// Somewhere in the contents; releases that redact show `REDACTED`.
        package var secret = "site-config-secret"
        package var validationMessages: [String] = []
    }

    package struct SchemaDrift: Sendable {
        package var name: String
        package var problem: String
        package var solution: String
        package var statements: [String] = []

        package init(name: String, problem: String, solution: String, statements: [String] = []) {
            self.name = name
            self.problem = problem
            self.solution = solution
            self.statements = statements
        }
    }
}
