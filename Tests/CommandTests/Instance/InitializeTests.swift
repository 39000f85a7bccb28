import FakeSourcegraph
import Foundation
import Testing

@testable import MigrationKit
@testable import MigrationKitBase

/// An instance on a customer's databases gets its own address, and the customer's administrator an account.
@Suite(.timeLimit(.minutes(30))) struct InitializeTests {
    @Test(arguments: EveryReleaseTests.releases)
    func addressIsSetAndTheAccountMade(version: String) async throws {
        try await FakeSourcegraph.with(version: version) { fake in
            let before = fake.instance.siteConfiguration.contents
            let told = Told()
            let result = try await fake.initialising(told).run()
            #expect(
                result == "externalURL is https://acme.example.net, and was https://sourcegraph.example.com; "
                    + "alice was created for alice@example.com, a site admin")
            #expect(
                fake.instance.siteConfiguration.contents
                    == before.replacing("https://sourcegraph.example.com", with: "https://acme.example.net"))
            let user = try #require(fake.instance.users.last)
            #expect(user.username == "alice" && user.siteAdmin && user.emails.map(\.email) == ["alice@example.com"])
            #expect(told.links.count == 1 && told.links[0].contains(FakeResolver.secret))
            #expect(!(result + told.text).contains(FakeResolver.secret))
            #expect(fake.violations == [])
        }
    }

    @Test func whatIsDoneIsNotDoneAgain() async throws {
        try await FakeSourcegraph.with { fake in
            let told = Told()
            _ = try await fake.initialising(told).run()
            let (configuration, users) = (fake.instance.siteConfiguration.id, fake.instance.users)
            let result = try await fake.initialising(told).run()
            #expect(result == "externalURL is https://acme.example.net; alice is a site admin")
            #expect(fake.instance.siteConfiguration.id == configuration && fake.instance.users == users)
            #expect(told.links.count == 1)
            #expect(fake.requests(for: "UpdateSiteConfiguration").count == 1)
            #expect(fake.violations == [])
        }
    }

    @Test(arguments: ["3.43.2", "5.1.8"]) func accountThatIsThereIsMadeASiteAdmin(version: String) async throws {
        try await FakeSourcegraph.with(version: version) { fake in
            fake.change { $0.users[2].emails = [FakeInstance.User.Email(email: "Alan@Example.com")] }
            let told = Told()
            let result = try await fake.initialising(told, email: "alan@example.com").run()
            #expect(result.hasSuffix("; alan was made a site admin"))
            #expect(fake.instance.users.count == 3 && fake.instance.users[2].siteAdmin && told.links == [])
            #expect(fake.violations == [])
        }
    }

    /// Whoever has added somebody else's address to an account must not become a site admin by it.
    @Test(arguments: ["3.43.2", "5.1.8"]) func addressThatNobodyHasVerifiedMakesNoSiteAdmin(version: String)
        async throws
    {
        try await FakeSourcegraph.with(version: version) { fake in
            let flow = try fake.initialising(Told(), email: "grace@example.com")
            let error = await #expect(throws: MigrationError.self) { try await flow.run() }
            #expect(error?.code == .unmetRequirement && error?.message.contains("nobody has verified") == true)
            #expect(!fake.instance.users[1].siteAdmin && fake.instance.users.count == 3)

            fake.change { $0.users[1].siteAdmin = true }
            #expect(try await flow.run().hasSuffix("grace is a site admin"))
            #expect(fake.violations == [])
        }
    }

    @Test func addressIsFoundOnAnyPage() async throws {
        try await FakeSourcegraph.with { fake in
            fake.change { instance in
                instance.users += (4...250).map { FakeInstance.User(id: $0, username: "user\($0)") }
                instance.users[249].siteAdmin = true
                instance.users[249].emails = [FakeInstance.User.Email(email: "alice@example.com", verified: false)]
            }
            let result = try await fake.initialising(Told()).run()
            #expect(result.hasSuffix("user250 is a site admin"))
            #expect(fake.requests(for: "Users").count == 3)
            #expect(fake.violations == [])
        }
    }

    @Test func withoutAccountsWithPasswordsThereIsNoLink() async throws {
        try await FakeSourcegraph.with { fake in
            fake.change { $0.authProviders.removeAll { $0.type == "builtin" } }
            let told = Told()
            _ = try await fake.initialising(told).run()
            #expect(told.links == [] && told.text.contains("No link for alice"))
            #expect(fake.instance.users.last?.siteAdmin == true)
            #expect(fake.violations == [])
        }
    }

    /// A forwarded port is no address for others.
    @Test func addressOfThisMachineIsNotTaken() async throws {
        try await FakeSourcegraph.with { fake in
            let told = Told()
            var flow = try fake.initialising(told, email: nil)
            flow.externalURL = nil
            #expect(try await flow.run() == "externalURL is unchanged")
            #expect(told.text.contains("--external-url"))
            #expect(fake.requests(for: "UpdateSiteConfiguration").isEmpty)
            #expect(fake.violations == [])
        }
    }
}
