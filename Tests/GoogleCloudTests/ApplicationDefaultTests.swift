import Foundation
import SystemPackage
import Testing

@testable import MigrationKitBase
@testable import MigrationKitGoogleCloud

/// Credentials are looked for where Google's own tools look, in the same order.
@Suite struct ApplicationDefaultTests {
    let accounts: GoogleAccounts

    init() throws { accounts = try GoogleAccounts() }

    private func found(_ environment: [String: String]) throws -> String {
        try GoogleCredentials.applicationDefault(
            environment: environment.merging(["HOME": accounts.folder.string]) { first, _ in first }
        ).origin
    }

    @Test func namedFileComesBeforeGcloudsAndThatBeforeTheMetadataServer() throws {
        #expect(try found([:]) == "the metadata server metadata.google.internal")
        let name = "application_default_credentials.json"
        let user = GoogleAccounts.authorizedUser()
        let login = try accounts.write(".config/gcloud/\(name)", user)
        #expect(try found([:]) == login.string)
        let elsewhere = try accounts.write("sdk/\(name)", user)
        let sdk = ["CLOUDSDK_CONFIG": elsewhere.removingLastComponent().string]
        #expect(try found(sdk) == elsewhere.string)
        let key = try accounts.write("key.json", GoogleAccounts.serviceAccount())
        #expect(try found(sdk.merging(["GOOGLE_APPLICATION_CREDENTIALS": key.string]) { $1 }) == key.string)
        #expect(try found(["GOOGLE_APPLICATION_CREDENTIALS": ""]) == login.string)
    }

    @Test func namedFileThatIsMissingIsAnErrorThatNamesTheVariable() throws {
        let error = #expect(throws: MigrationError.self) { try found(["GOOGLE_APPLICATION_CREDENTIALS": "/no/where"]) }
        #expect(error?.code == .usage)
        #expect(error?.description.contains("/no/where") == true)
        #expect(error?.details == ["This file comes from GOOGLE_APPLICATION_CREDENTIALS."])
    }

    @Test func loginThatCannotBeReadIsNotPassedOver() throws {
        try accounts.write(".config/gcloud/application_default_credentials.json", "{")
        #expect(throws: MigrationError.self) { try found([:]) }
    }

    @Test func metadataServerMayBeForbidden() throws {
        let error = #expect(throws: MigrationError.self) { try found(["NO_GCE_CHECK": "true"]) }
        #expect(error?.code == .unmetRequirement)
        #expect(error?.message == "No Google credentials were found.")
        #expect(error?.details.count == 3)
        #expect(error?.next?.contains("-credentials=FILE") == true)
    }

    @Test func onlyTheEnvironmentKnowsTheMachinesUniverse() throws {
        let environment = ["GOOGLE_CLOUD_UNIVERSE_DOMAIN": "cloud.example", "HOME": accounts.folder.string]
        let credentials = try GoogleCredentials.applicationDefault(environment: environment)
        #expect(credentials.universeDomain == "cloud.example")
        #expect(credentials.account == nil)
    }

    @Test func metadataServerMayBeNamed() throws {
        #expect(try found(["GCE_METADATA_HOST": "127.0.0.1:99"]) == "the metadata server 127.0.0.1:99")
        for host in ["a/b", "a?b", "a b", "#"] {
            #expect(throws: MigrationError.self) { try found(["GCE_METADATA_HOST": host]) }
        }
    }
}
