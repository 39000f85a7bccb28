import Testing

@testable import MigrationKitBase
@testable import MigrationKitSourcegraphAPI

@Suite struct UpgradePathCommandTests {
    @Test(arguments: [
        ("3.20", "4.0.1", "upgrade --from=3.20.0 --to=4.0.1"),
        ("3.39.1", "4.1.3", "upgrade --from=3.39.1 --to=4.1.3"),
        ("3.39.1", "4.2.0", "upgrade --from=3.39.1 --to=4.2.0 --disable-animation"),
        ("4.2", "5.0.6", "upgrade --from=4.2.0 --to=5.0.6 --disable-animation"),
        ("3.20.1", "5.1.8", "upgrade --from=3.20.1 --to=5.1.8 --disable-animation --ignore-migrator-update"),
        ("5.1.8", "7.2.1943", "upgrade --from=5.1.8 --to=7.2.1943 --disable-animation --ignore-migrator-update"),
    ])
    func imageGetsTheFlagsThatItKnows(from: String, to: String, upgrade: String) throws {
        let path = try UpgradePath(from: from, to: to)
        let image = "sourcegraph/migrator:\(path.to)"
        #expect(
            path.commands.map(\.description) == [
                "\(image) \(upgrade)", "\(image) up --db=all", "\(image) validate --db=all",
            ])
        #expect(path.upgradeCommand() == path.commands.first)
    }

    @Test func newerMigratorDoesTheUpgradeAlone() throws {
        let path = try UpgradePath(from: "3.39", to: "3.43.2", migrator: "v5.1.8")
        #expect(
            path.commands.map(\.description) == [
                "sourcegraph/migrator:5.1.8 upgrade --from=3.39.0 --to=3.43.2 --disable-animation --ignore-migrator-update",
                "sourcegraph/migrator:3.43.2 up --db=all",
                "sourcegraph/migrator:3.43.2 validate --db=all",
            ])
    }

    @Test func databaseThatIsNotThereIsLeftOut() throws {
        let path = try UpgradePath(from: "3.38", to: "5.0.6", databases: [.codeintel, .primary])
        #expect(
            path.commands.map(\.arguments) == [
                ["upgrade", "--from=3.38.0", "--to=5.0.6", "--disable-animation"],
                ["up", "--db=frontend,codeintel"], ["validate", "--db=frontend,codeintel"],
            ])
        #expect(path.commands.allSatisfy { $0.environment == ["DISABLE_CODE_INSIGHTS": "true"] })
        #expect(path.upgradeCommand(isRepetition: true)?.environment == ["DISABLE_CODE_INSIGHTS": "true"])
        #expect(path.warnings.contains { $0.contains("Set the same in the instance's configuration") })
        #expect(!path.warnings.contains { $0.contains("TimescaleDB") })
        let json = try JSONText.encode(path)
        #expect(try JSONText.decode(UpgradePath.self, from: Array(json.utf8)) == path)
    }

    @Test func pathOfAnOlderJournalIsThatOfAllDatabases() throws {
        let path = try UpgradePath(from: "4.0", to: "5.0.6")
        let json = try JSONText.encode(path).replacing(
            #/,?\s*"(databases|environment)"\s*:\s*(\[[^\]]*\]|\{[^}]*\})/#, with: "")
        #expect(!json.contains("databases") && !json.contains("environment"))
        #expect(try JSONText.decode(UpgradePath.self, from: Array(json.utf8)) == path)
    }

    @Test func repetitionDoesNotCompareWithWhatIsHalfDone() throws {
        let path = try UpgradePath(from: "3.39", to: "4.0")
        #expect(
            path.upgradeCommand(isRepetition: true)?.arguments == [
                "upgrade", "--from=3.39.0", "--to=4.0.0", "--skip-drift-check",
            ])
    }

    @Test func driftIsIgnoredOnceSomebodyHasDecidedSo() throws {
        let path = try UpgradePath(from: "5.1.8", to: "7.5")
        #expect(path.upgradeCommand(skipsDriftCheck: true)?.arguments.contains("--skip-drift-check") == true)
        #expect(path.upgradeCommand()?.arguments.contains("--skip-drift-check") == false)
    }

    @Test(arguments: [("4.5", "5.0"), ("4.5", "4.5.1")]) func oneStepNeedsNoUpgrade(from: String, to: String) throws {
        #expect(try UpgradePath(from: from, to: to).upgradeCommand(isRepetition: true) == nil)
    }

    @Test(
        arguments: [
            ("3.38.1", "4.0", nil, nil, ["TimescaleDB"]),
            ("3.39.0", "4.0", nil, nil, []),
            ("5.9.45", "6.0", 16, nil, ["PostgreSQL 16 prints"]),
            ("5.9.45", "6.0", nil, nil, []),
            ("5.10", "6.0", 16, nil, []),
            ("5.1.8", "5.3", 15, nil, []),
            ("3.43", "4.0", nil, nil, ["finished: 1 (diagnostics per document), 2 "]),
            ("4.0", "4.1", nil, "5.1.8", ["is ignored"]),
            ("5.3", "5.4", 16, nil, []),
        ] as [(String, String, Int?, String?, [String])])
    func whatShouldBeKnownIsTold(
        from: String, to: String, postgres: Int?, migrator: String?, warnings: [String]
    ) throws {
        let path = try UpgradePath(from: from, to: to, postgresMajor: postgres, migrator: migrator)
        #expect(path.warnings.count == warnings.count, "\(path.warnings)")
        for (warning, words) in zip(path.warnings, warnings) { #expect(warning.contains(words)) }
    }

    @Test func whatShouldBeKnownHasANameForPrograms() throws {
        let path = try UpgradePath(from: "3.38.1", to: "3.39", postgresMajor: 16, migrator: "5.1.8")
        #expect(path.doubts.map(\.kind) == [.timescaleDB, .migratorIgnored])
    }

    @Test func textTellsPathImagesAndStops() throws {
        let text = try UpgradePath(from: "4.0", to: "5.0.6", migrator: "5.1.8").text
        #expect(
            text == """
                From Sourcegraph 4.0.0 to 5.0.6, across 6 minor releases, with 2 stops.
                step  image                       arguments
                   1  sourcegraph/migrator:5.1.8  upgrade --from=4.0.0 --to=5.0.6 --disable-animation --ignore-migrator-update
                   2  sourcegraph/migrator:5.0.6  up --db=all
                   3  sourcegraph/migrator:5.0.6  validate --db=all
                `upgrade` stops at 4.3 for out-of-band migrations: 17 (recording times of code insights), \
                18 (backfilling of code insights).
                `upgrade` stops at 4.5 for out-of-band migrations: 19 (roles of users), 20 (SCIP instead of LSIF).
                """)
    }

    @Test(
        arguments: [
            ("3.20", "7.5", 16, "7.5.2"), ("3.43", "4.0", nil, nil), ("4.1.2", "4.1.3", 15, nil),
            ("3.39", "3.43", nil, "5.1.8"),
        ] as [(String, String, Int?, String?)])
    func pathIsTheSameAfterItWasWritten(from: String, to: String, postgres: Int?, migrator: String?) throws {
        let path = try UpgradePath(from: from, to: to, postgresMajor: postgres, migrator: migrator)
        let json = try JSONText.encode(path)
        #expect(try JSONText.decode(UpgradePath.self, from: Array(json.utf8)) == path)
    }

    @Test(arguments: [
        ("--db=all", "--db=frontend"), ("4.3.0", "4.4.0"), ("\"multi-version\"", "\"standard\""), ("5.0.6", "5.0.7"),
        ("\"5.0.6\"", "\"5.0\""), ("\"5.0.6\"", "\"insiders\""), ("4.0.0", "9.9.9"),
    ])
    func alteredPathIsRefused(words: String, others: String) throws {
        let json = try JSONText.encode(UpgradePath(from: "4.0", to: "5.0.6"))
        guard let range = json.firstRange(of: words) else {
            Issue.record("not in the text")
            return
        }
        let altered = json.replacingCharacters(words, at: range, by: others)
        #expect(throws: (any Error).self) { try JSONText.decode(UpgradePath.self, from: Array(altered.utf8)) }
    }
}

extension String {
    fileprivate func replacingCharacters(_ words: String, at range: Range<Index>, by others: String) -> String {
        String(self[..<range.lowerBound] + others + self[range.upperBound...])
    }
}
