import Testing

@testable import MigrationKitBase
@testable import MigrationKitSourcegraphAPI

/// From what to what, and words of the reason why not.
private struct Refused: Sendable, CustomTestStringConvertible {
    let from: String
    let to: String
    let postgres: Int?
    let migrator: String?
    let reason: String
    let code: MigrationError.Code

    init(
        _ from: String, _ to: String, postgres: Int? = nil, migrator: String? = nil, _ reason: String,
        _ code: MigrationError.Code = .unmetRequirement
    ) {
        self.from = from
        self.to = to
        self.postgres = postgres
        self.migrator = migrator
        self.reason = reason
        self.code = code
    }

    var testDescription: String { "\(from.prefix(40).debugDescription) → \(to.prefix(40).debugDescription)" }
}

@Suite struct UpgradePathRefusalTests {
    private static let refusals = [
        Refused("3.19", "4.0", "is older than 3.20"),
        Refused("3.19.2", "3.43", "is older than 3.20"),
        Refused("2.13.6", "5.1.8", "is older than 3.20"),
        Refused("0.0.0+dev", "5.1.8", "is a branch build"),
        Refused("5.1.0+dev", "5.1.8", "is a branch build"),
        Refused("5.1.8", "4.0", "4.0.0 is older than 5.1.8"),
        Refused("4.1.3", "4.1.2", "4.1.2 is older than 4.1.3"),
        Refused("4.1.3", "4.1", "4.1.0 is older than 4.1.3"),
        Refused("5.0", "4.5", "is older than 5.0.0"),
        Refused("7.5", "3.20", "is older than 7.5.0"),
        Refused("7.5", "7.6", "`7.6` is not a known release"),
        Refused("5.1.8", "4.6", "`4.6` is not a known release"),
        Refused("4.6", "5.1.8", "`4.6` is not a known release"),
        Refused("3.44", "5.1.8", "`3.44` is not a known release"),
        Refused("5.1.8", "5.12", "7.0 to 7.5"),
        Refused("5.1.8", "6.13.1", "not a known release"),
        Refused("5.1.8", "8.0", "not a known release"),
        Refused("5.1.8", "999.0", "not a known release"),
        Refused("insiders", "5.1.8", "is a branch build"),
        Refused("5.1.8", "Insiders", "is a branch build"),
        Refused("204870_2023-03-30_5.0-64f93593ba02", "5.1.8", "is a branch build"),
        Refused("5.0.1", "204870_2023-03-30_5.0-64f93593ba02", "is a branch build"),
        Refused("4.2_187939_2022-12-07_5d744edd0103", "5.1.8", "is a branch build"),
        Refused("2023.03.23+204876.aaaa", "5.1.8", "version of the Sourcegraph app"),
        Refused("2023.3", "5.1.8", "version of the Sourcegraph app"),
        Refused("7.2.0-rc.1", "7.3.0", "is not released"),
        Refused("7.1.0", "7.2.0-rc1", "is not released"),
        Refused("3.20", "3.20", "no migrator image for 3.20.0"),
        Refused("3.20", "3.21", "no migrator image for 3.21.0"),
        Refused("3.20", "3.36", migrator: "5.1.8", "no migrator image for 3.36.0"),
        Refused("3.20", "3.37", "3.37.0 does not have"),
        Refused("3.39", "3.43.2", "3.43.2 does not have"),
        Refused("3.39", "3.41.0", migrator: "3.43.2", "3.43.2 does not have"),
        Refused("5.1.8", "5.9.45", migrator: "5.3.0", "the migrator 5.3.0 is older", .usage),
        Refused("5.1.8", "5.9.45", migrator: "latest", "`latest` is not a Sourcegraph release", .usage),
        Refused("5.1.8", "5.9.45", migrator: "5.12.0", "`5.12.0` is not a known release"),
        Refused("5.11", "6.0", postgres: 15, "Sourcegraph 6.0.0 needs PostgreSQL 16"),
        Refused("5.1.8", "7.2.1943", postgres: 12, "needs PostgreSQL 16"),
        Refused("6.0.1", "6.0.2", postgres: 15, "needs PostgreSQL 16"),
        Refused("5.1.8", "5.9.45", postgres: 15, migrator: "6.2.0", "the migrator 6.2.0 needs PostgreSQL 16"),
        Refused("3.43", "4.0", postgres: 11, "Sourcegraph 4.0.0 needs PostgreSQL 12"),
        Refused("", "5.1.8", "`` is not a Sourcegraph release", .usage),
        Refused("5.1.8", "", "`` is not a Sourcegraph release", .usage),
        Refused("5", "5.1.8", "is not a Sourcegraph release", .usage),
        Refused("5.", "5.1.8", "is not a Sourcegraph release", .usage),
        Refused("5.1.8.9", "5.2", "is not a Sourcegraph release", .usage),
        Refused(" 5.1.8", "5.2", "is not a Sourcegraph release", .usage),
        Refused("5.1.8", "5.2\n", "`5.2\\u{a}` is not a Sourcegraph release", .usage),
        Refused("-5.1", "5.2", "is not a Sourcegraph release", .usage),
        Refused("vv5.1", "5.2", "is not a Sourcegraph release", .usage),
        Refused("٥.١", "5.2", "is not a Sourcegraph release", .usage),
        Refused("five.one", "5.2", "is not a Sourcegraph release", .usage),
        Refused("5.1;rm -rf /", "5.2", "is not a Sourcegraph release", .usage),
        Refused("5.1.8", "5.2 --skip-drift-check", "is not a Sourcegraph release", .usage),
        Refused("\u{1b}[2J5.1.8", "5.2", "`\\u{1b}[2J5.1.8` is not a Sourcegraph release", .usage),
        Refused("9223372036854775808.1", "5.2", "is not a Sourcegraph release", .usage),
        Refused("5.99999999999999999999", "5.2", "is not a Sourcegraph release", .usage),
        Refused("999999999.999999999.999999999", "5.2", "is not a Sourcegraph release", .usage),
        Refused("5.1." + String(repeating: "8", count: 50_000), "5.2", "is not a Sourcegraph release", .usage),
        Refused(
            String(repeating: "(", count: 100), String(repeating: "x", count: 50_000),
            "is not a Sourcegraph release", .usage),
        Refused(String(repeating: "é", count: 200), "5.2", "is not a Sourcegraph release", .usage),
    ]

    @Test(arguments: refusals) private func wayIsRefused(_ refused: Refused) throws {
        let error = try #require(throws: MigrationError.self) {
            try UpgradePath(
                from: refused.from, to: refused.to, postgresMajor: refused.postgres, migrator: refused.migrator)
        }
        #expect(error.code == refused.code)
        #expect(error.message.contains(refused.reason), "\(error.message)")
        #expect(error.next?.isEmpty == false)
        #expect(error.message.utf8.count < 600)
        #expect(error.message == error.message.printable)
        for name in [refused.from, refused.to] where name.utf8.count <= 60 {
            #expect(error.message.contains("`\(name.printable)`"))
        }
    }

    @Test(arguments: [
        ("3.19", "5.1.8", "Upgrade the source to 3.20 or newer first, and dump it again."),
        ("5.1.8", "7.6", "A newer mi-migrate may know newer releases."),
        ("7.2.0-rc.1", "7.3.0", "Upgrade the source to 7.2.0 or newer first"),
        ("3.39", "3.43.2", "--migrator="),
    ])
    func errorTellsWhatToDo(from: String, to: String, next: String) throws {
        let error = try #require(throws: MigrationError.self) { try UpgradePath(from: from, to: to) }
        #expect(error.next?.contains(next) == true, "\(error)")
    }
}
