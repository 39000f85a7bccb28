import SystemPackage
import Testing

@testable import MigrationKitBase
@testable import MigrationKitGoogleCloud

@Suite struct GoogleCredentialsTests {
    let accounts: GoogleAccounts

    init() throws { accounts = try GoogleAccounts() }

    @Test func accountIsKnownOfKeysAndImpersonations() throws {
        let key = GoogleAccounts.serviceAccount()
        #expect(try accounts.credentials(key).account == GoogleAccounts.email)
        #expect(try accounts.credentials(GoogleAccounts.authorizedUser()).account == nil)
        let impersonated = GoogleAccounts.impersonated("https://h", by: GoogleAccounts.authorizedUser())
        #expect(try accounts.credentials(impersonated).account == GoogleAccounts.email)
        var external = GoogleAccounts.external("https://h", source: ["file": "/x"])
        #expect(try accounts.credentials(external).account == nil)
        external["service_account_impersonation_url"] = impersonated["service_account_impersonation_url"]
        #expect(try accounts.credentials(external).account == GoogleAccounts.email)
    }

    @Test func universeIsTheFilesAndTheEnvironmentHasToAgree() throws {
        var json = GoogleAccounts.serviceAccount()
        #expect(try accounts.credentials(json).universeDomain == "googleapis.com")
        json["universe_domain"] = "cloud.example"
        let path = try accounts.write("key.json", json)
        let variable = "GOOGLE_CLOUD_UNIVERSE_DOMAIN"
        #expect(try GoogleCredentials.file(path, environment: [:]).universeDomain == "cloud.example")
        #expect(try GoogleCredentials.file(path, environment: [variable: "cloud.example"]).account != nil)
        let error = #expect(throws: MigrationError.self) {
            try GoogleCredentials.file(path, environment: [variable: "googleapis.com"])
        }
        #expect(error?.code == .usage)
        #expect(error?.message.contains("says googleapis.com") == true)
        #expect(error?.message.contains("is for cloud.example") == true)
    }

    @Test(arguments: ["evil/path", "a", "h.example:80", "H.example", "user@h.example", ".", "a..b"])
    func universeThatIsNoDomainIsRefused(domain: String) throws {
        var json = GoogleAccounts.serviceAccount()
        json["universe_domain"] = domain
        #expect(throws: MigrationError.self) { try accounts.credentials(json) }
    }

    @Test func quotaProjectOfTheEnvironmentComesFirst() throws {
        var json = GoogleAccounts.authorizedUser()
        #expect(try accounts.credentials(json).quotaProject == nil)
        json["quota_project_id"] = "file"
        let path = try accounts.write("key.json", json)
        let variable = "GOOGLE_CLOUD_QUOTA_PROJECT"
        #expect(try GoogleCredentials.file(path, environment: [variable: ""]).quotaProject == "file")
        #expect(try GoogleCredentials.file(path, environment: [variable: "mine"]).quotaProject == "mine")
    }

    @Test(arguments: [(0o600, false), (0o400, false), (0o640, true), (0o604, true), (0o644, true)])
    func keyThatOthersCanReadIsWarnedOf(mode: Int, isOpen: Bool) throws {
        let path = try accounts.write("key.json", GoogleAccounts.serviceAccount(), mode: mode)
        let warnings = try GoogleCredentials.file(path, environment: [:]).warnings
        #expect(warnings == (isOpen ? ["\(path) can be read by others: chmod 600 \(path)"] : []))
    }

    @Test func fileWithoutSecretsMayBeReadByAll() throws {
        let json = GoogleAccounts.external("https://h", source: ["file": "/x"])
        let path = try accounts.write("key.json", json, mode: 0o644)
        #expect(try GoogleCredentials.file(path, environment: [:]).warnings.isEmpty)
    }

    @Test func secretsAreSeenNowhere() throws {
        let source: [String: Any] = ["url": "https://h/", "headers": ["Authorization": "hunter2-header"]]
        let files = [
            GoogleAccounts.serviceAccount(), GoogleAccounts.authorizedUser(),
            GoogleAccounts.external("https://h", source: source),
            GoogleAccounts.impersonated("https://h", by: GoogleAccounts.authorizedUser()),
        ]
        for json in files {
            let credentials = try accounts.credentials(json)
            var text = "\(credentials) \(String(reflecting: credentials)) \(credentials.source)"
            dump(credentials, to: &text)
            #expect(GoogleAccounts.seesNoSecret(in: text))
        }
    }
}
