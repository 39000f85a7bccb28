import Testing

@testable import MigrationKitSourcegraphAPI

@Suite struct InstanceUserTests {
    @Test(arguments: [
        ("alice@example.com", "alice"), ("alice.b-c_d@example.com", "alice.b-c_d"), ("a+sg@example.com", "a-sg"),
        (".a..b-@example.com", "a.b"), ("_a@example.com", "a"), ("ä@example.com", "admin"), ("@example.com", "admin"),
    ])
    func nameIsMadeOfTheAddress(address: String, name: String) {
        #expect(InstanceUser.name(for: address) == name)
    }

    @Test(arguments: [
        ("https://a.example.com", "https://A.example.com/", true),
        ("https://a.example.com:443", "https://a.example.com", true),
        ("http://a.example.com", "https://a.example.com", false),
        ("https://a.example.com/x/", "https://a.example.com/x", true),
        ("https://a.example.com", "https://b.example.com", false), ("", "https://b.example.com", false),
    ])
    func addressesAreComparedAsBrowsersDo(left: String, right: String, isSame: Bool) {
        #expect(ExternalURL.isSame(left, right) == isSame)
    }
}
