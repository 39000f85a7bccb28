import Testing

@testable import MigrationKitBase
@testable import MigrationKitSourcegraphAPI

@Suite struct SourcegraphReleasesTests {
    @Test func majorsFollowTheLastMinors() {
        let minors = SourcegraphReleases.minors
        #expect(minors.count == 24 + 6 + 12 + 13 + 6)
        #expect(minors == minors.sorted())
        let firsts = minors.indices.dropFirst().filter { minors[$0].minor == 0 }
        #expect(firsts.map { minors[$0 - 1].minorName } == ["3.43", "4.5", "5.11", "6.12"])
    }

    @Test(
        arguments: [
            (SourcegraphVersion(4, 6), SourcegraphVersion(4, 5)), (SourcegraphVersion(4, 0), SourcegraphVersion(3, 43)),
            (SourcegraphVersion(5, 3), SourcegraphVersion(5, 2)), (SourcegraphVersion(3, 20), nil),
        ] as [(SourcegraphVersion, SourcegraphVersion?)])
    func lastMinorBeforeAnotherIsFound(minor: SourcegraphVersion, last: SourcegraphVersion?) {
        #expect(SourcegraphReleases.last(before: minor) == last)
    }

    @Test(arguments: [
        (SourcegraphVersion(3, 26), 11), (SourcegraphVersion(3, 27), 12), (SourcegraphVersion(5, 11, 6271), 12),
        (SourcegraphVersion(6, 0), 16), (SourcegraphVersion(7, 5), 16),
    ])
    func oldestPostgresGoesByRelease(version: SourcegraphVersion, postgres: Int) {
        #expect(SourcegraphReleases.oldestPostgres(for: version) == postgres)
    }

    @Test func outOfBandMigrationsAreInOrder() {
        let all = KnownOutOfBandMigration.all
        #expect(all.map(\.id) == Set(all.map(\.id)).sorted())
        for migration in all {
            #expect(SourcegraphReleases.minors.contains(migration.introduced))
            guard let last = migration.lastChance else { continue }
            #expect(migration.introduced <= last)
        }
    }

    @Test func versionIsCodedAsItsText() throws {
        let versions = [SourcegraphVersion(5, 11, 6271), SourcegraphVersion(3, 20)]
        let json = try JSONText.encode(versions, pretty: false)
        #expect(json == #"["5.11.6271","3.20.0"]"#)
        #expect(try JSONText.decode([SourcegraphVersion].self, from: Array(json.utf8)) == versions)
    }

    @Test(arguments: [#""3.20""#, #""v3.20.0""#, #""5.0.0-rc.1""#, #""""#, "5", #""insiders""#, "null", #""05.1.1""#])
    func otherTextIsNoCodedVersion(json: String) {
        #expect(throws: DecodingError.self) {
            try JSONText.decode([SourcegraphVersion].self, from: Array("[\(json)]".utf8))
        }
    }
}
