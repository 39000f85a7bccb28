import Foundation
import Testing

@testable import MigrationKitBase

/// The names of attempts, as they stand before those of their objects.
@Suite struct AttemptNameTests {
    private let name = AttemptName(startedAt: Date(timeIntervalSince1970: 1_796_020_568.9), tag: 0x4f2)

    @Test func nameTellsTheTimeAndTheTag() {
        #expect("\(name)" == "run-20261130T063608Z-04f2")
        #expect(name.object("primary.sql.gz") == "run-20261130T063608Z-04f2.primary.sql.gz")
    }

    @Test func nameIsReadFromItsObjects() {
        #expect(AttemptName(of: "run-20261130T063608Z-04f2.primary.10-schema.sql") == name)
        #expect(AttemptName(of: "run-20261130T063608Z-04f2.run-20261130T063608Z-ffff.x") == name)
        #expect(AttemptName.plainName(of: name.object("summary.json")) == "summary.json")
    }

    @Test(arguments: [
        "primary.sql", "", "run-", "run-20261130T063608Z-04f2", "run-20261130T063608Z-04F2.x",
        "run-20261130T063608Z-4f2.x", "run-20261130T063608Z-004f2.x", "run-20260230T063608Z-04f2.x",
        "run-20261330T063608Z-04f2.x", "run-20261130T243608Z-04f2.x", "run-20261130T066008Z-04f2.x",
        "run-20261130T063608-04f2.x", "Run-20261130T063608Z-04f2.x", " run-20261130T063608Z-04f2.x",
        "run-2026-1130T063608Z-04f2.x", "run-２０261130T063608Z-04f2.x", "run-20261130T063608Z-04f2.\u{301}x",
        "run-20261130T063608Z-04f2/x",
    ])
    func otherNamesAreOfNoAttempt(object: String) {
        #expect(AttemptName(of: object) == nil)
        #expect(AttemptName.plainName(of: object) == object)
    }

    @Test func attemptsOfOneSecondDiffer() {
        let now = Date()
        let names = (0..<16).map { _ in AttemptName(startedAt: now) }
        #expect(Set(names).count > 1)
        #expect(names.allSatisfy { AttemptName(of: $0.object("x")) == $0 })
    }

    @Test func olderAttemptComesFirst() {
        let older = AttemptName(startedAt: Date(timeIntervalSince1970: 1_796_020_567), tag: 0xffff)
        #expect([name, older].sorted() == [older, name])
    }
}
