import Foundation
import Testing

@testable import MigrationKitBase
@testable import MigrationKitPostgresDump

/// What the objects of a dump are called, and whose they are.
@Suite struct PartNamesTests {
    private static let attempt = AttemptName(startedAt: Date(timeIntervalSince1970: 1_796_020_568), tag: 0x4f2a)

    @Test func partsOfAnAttemptHaveItsName() {
        let names = PartNames(database: .primary, isCompressed: false, attempt: Self.attempt)
        #expect(names.name(.whole) == "run-20261130T063608Z-4f2a.primary.sql")
        #expect(names.name(.schema) == "run-20261130T063608Z-4f2a.primary.10-schema.sql")
        #expect(names.name(.data, 12) == "run-20261130T063608Z-4f2a.primary.20-data-0012.sql")
        let compressed = PartNames(database: .codeintel, isCompressed: true, attempt: Self.attempt)
        #expect(compressed.last == "run-20261130T063608Z-4f2a.codeintel.30-indexes.sql.gz")
    }

    @Test(arguments: Database.allCases, [nil, attempt])
    func everyNameIsKnown(database: Database, attempt: AttemptName?) {
        for isCompressed in [false, true] {
            let names = PartNames(database: database, isCompressed: isCompressed, attempt: attempt)
            for kind in DumpPart.Kind.allCases {
                let name = names.name(kind, kind == .data ? 9999 : 1)
                #expect(names.contains(name) == (kind != .whole))
                #expect(PartNames(database: database, of: name) == names)
                for other in Database.allCases { #expect(other.owns(name) == (other == database)) }
            }
        }
    }

    @Test func partsOfAnotherAttemptAreNotContained() {
        let plain = PartNames(database: .primary, isCompressed: false)
        let mine = PartNames(database: .primary, isCompressed: false, attempt: Self.attempt)
        let other = PartNames(
            database: .primary, isCompressed: false, attempt: AttemptName(startedAt: Date(), tag: 0x4f2a))
        for kind in DumpPart.Kind.allCases {
            for (names, others) in [(plain, mine), (mine, plain), (mine, other)] {
                #expect(!names.contains(others.name(kind)))
            }
        }
    }

    @Test(arguments: [
        "primary.20-data-0000.sql", "primary.20-data-1.sql", "primary.20-data-00001.sql",
        "primary.20-data-0001.sql.gz.gz",
        "primary.40-more.sql", "notes.sql", "summary.json",
    ])
    func otherNamesAreNobodys(name: String) {
        #expect(!Database.primary.owns(name))
        #expect(!Database.primary.owns(Self.attempt.object(name)))
    }
}
