import FakeSourcegraph
import Foundation
import Testing

@testable import MigrationKit
@testable import MigrationKitBase

/// What comes in between while an instance is made ready.
@Suite(.timeLimit(.minutes(30))) struct InitializeFaultTests {
    @Test func instanceThatAnswersLateIsWaitedFor() async throws {
        try await FakeSourcegraph.with { fake in
            fake.fault(.status(502), on: "Instance", times: 100)
            fake.fault(.answer("<html>starting</html>"), on: "Instance", times: 3)
            let told = Told()
            let result = try await fake.initialising(told).run()
            #expect(result.contains("alice was created"))
            #expect(told.text.contains("does not answer yet"))
            #expect(fake.violations == [])
        }
    }

    @Test func patienceHasAnEnd() async throws {
        try await FakeSourcegraph.with { fake in
            fake.fault(.answer("<html>starting</html>"), on: "Instance", times: 10_000)
            var flow = try fake.initialising(Told())
            flow.patience = .milliseconds(50)
            let error = await #expect(throws: MigrationError.self) { try await flow.run() }
            #expect(error?.message.contains("is not from Sourcegraph's API") == true)
        }
    }

    @Test(arguments: [FakeInstance.userToken, "sgp_of-the-old-instance", ""])
    func whoIsNoSiteAdminIsToldHowToBecomeOne(token: String) async throws {
        try await FakeSourcegraph.with { fake in
            let flow = try fake.initialising(Told(), token: token)
            let error = await #expect(throws: MigrationError.self) { try await flow.run() }
            #expect(error?.code == .unmetRequirement)
            #expect(error?.next?.contains("SRC_ACCESS_TOKEN to a site admin's token of the customer's") == true)
            #expect(error?.next?.contains("UPDATE users SET site_admin = true") == true)
            #expect(fake.instance.users.count == 3 && fake.instance.siteConfiguration.id == 3)
        }
    }

    // MARK: The address

    @Test func editInTheSameMomentStaysAndOursFollows() async throws {
        try await FakeSourcegraph.with { fake in
            fake.change { instance in
                instance.beforeMutation = { instance in
                    instance.beforeMutation = nil
                    instance.siteConfiguration.id += 1
                    instance.siteConfiguration.contents.replace("// Changed", with: "\"theirs\": true, // Changed")
                }
            }
            let told = Told()
            _ = try await fake.initialising(told, email: nil).run()
            let contents = fake.instance.siteConfiguration.contents
            #expect(contents.contains("\"theirs\": true, // Changed") && contents.contains(FakeSourcegraph.newAddress))
            #expect(contents.contains("site-config-secret") && !contents.contains("REDACTED"))
            #expect(told.text.contains("Somebody else is editing the site configuration"))
            #expect(fake.requests(for: "UpdateSiteConfiguration").count == 2)
            #expect(fake.violations == [])
        }
    }

    @Test func configurationThatAlwaysChangesIsAnError() async throws {
        try await FakeSourcegraph.with { fake in
            fake.change { $0.beforeMutation = { $0.siteConfiguration.id += 1 } }
            let flow = try fake.initialising(Told())
            let error = await #expect(throws: MigrationError.self) { try await flow.run() }
            #expect(error?.message.contains("keeps changing") == true)
            #expect(fake.requests(for: "UpdateSiteConfiguration").count == 5)
            #expect(fake.requests(for: "CreateUser").isEmpty)
        }
    }

    @Test func configurationOfAFileIsExplained() async throws {
        try await FakeSourcegraph.with { fake in
            fake.change { $0.hasSiteConfigFile = true }
            let flow = try fake.initialising(Told())
            let error = await #expect(throws: MigrationError.self) { try await flow.run() }
            #expect(error?.code == .unmetRequirement && error?.message.contains("(SITE_CONFIG_FILE)") == true)
            #expect(error?.next?.contains("\"externalURL\": \"https://acme.example.net\"") == true)

            // Once that was done, it goes on.
            fake.change {
                $0.siteConfiguration.contents.replace(
                    "https://sourcegraph.example.com", with: "https://acme.example.net/")
            }
            #expect(try await flow.run().hasPrefix("externalURL is https://acme.example.net;"))
        }
    }

    @Test(arguments: ["{\"externalURL\": 1}", "{\"externalURL\": \"a\", \"externalURL\": \"b\"}"])
    func configurationThatCannotBeEditedIsLeft(contents: String) async throws {
        try await FakeSourcegraph.with { fake in
            fake.change { $0.siteConfiguration.contents = contents }
            let flow = try fake.initialising(Told())
            let error = await #expect(throws: MigrationError.self) { try await flow.run() }
            #expect(error?.message.contains("externalURL cannot be set") == true && error?.next != nil)
            #expect(fake.requests(for: "UpdateSiteConfiguration").isEmpty)
        }
    }

    // MARK: The account

    @Test(arguments: ["grace@other.example.com", "engineering@example.com"])
    func nameThatIsTakenIsExplained(email: String) async throws {
        try await FakeSourcegraph.with { fake in
            let flow = try fake.initialising(Told(), email: email)
            let error = await #expect(throws: MigrationError.self) { try await flow.run() }
            #expect(error?.code == .unmetRequirement && error?.next?.contains("under another name") == true)
            #expect(fake.instance.users.count == 3 && fake.instance.users.filter(\.siteAdmin).count == 1)
        }
    }

    @Test func addressThatIsTakenMeanwhileIsExplained() async throws {
        try await FakeSourcegraph.with { fake in
            fake.fault(.errors(["cannot create user: err_email_exists"]), on: "CreateUser")
            let flow = try fake.initialising(Told())
            let error = await #expect(throws: MigrationError.self) { try await flow.run() }
            #expect(error?.message.contains("an account with alice@example.com") == true)
        }
    }

    @Test func siteAdminThatIsNoneAfterwardsIsAnError() async throws {
        try await FakeSourcegraph.with { fake in
            fake.fault(
                .answer(#"{"data": {"setUserIsSiteAdmin": null}}"#, contentType: "application/json"),
                on: "SetSiteAdmin")
            let told = Told()
            let flow = try fake.initialising(told)
            let error = await #expect(throws: MigrationError.self) { try await flow.run() }
            #expect(error?.message == "alice was made a site admin, but it is not one.")
            // The link was shown all the same, and the next run does the rest.
            #expect(told.links.count == 1)
            #expect(try await flow.run().hasSuffix("alice was made a site admin"))
            #expect(fake.violations == [])
        }
    }
}
