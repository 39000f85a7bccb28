import Testing

@testable import MigrationKit
@testable import MigrationKitBase

/// The migrator's `upgrade` notes any patch as 0: what databases and dumps tell is read with that in mind.
@Suite struct ToldReleaseTests {
    private func told(_ text: String) -> ToldRelease { ToldRelease(text, by: "--from") }
    private func stored(_ text: String) -> ToldRelease { ToldRelease(text, by: "the dump", isStored: true) }

    @Test func lostPatchIsNoDifference() {
        #expect(told("5.11.6271").agrees(with: stored("5.11.0")) && stored("5.11.0").agrees(with: told("5.11.6271")))
        #expect(stored("5.1.8").agrees(with: stored("5.1.0")))
        #expect(ToldRelease.mostExact([stored("5.1.0"), stored("5.1.8")]) == "5.1.8")
        #expect(ToldRelease.mostExact([stored("7.2.0")]) == "7.2.0")
    }

    @Test func otherReleasesAreDifferent() {
        #expect(!told("5.1.0").agrees(with: stored("5.1.8")))
        #expect(!stored("5.1.7").agrees(with: stored("5.1.8")))
        #expect(!stored("5.0.0").agrees(with: told("5.1.8")))
    }

    @Test(arguments: [
        ("5.3.0", "5.3.12303", true), ("6.12.0", "6.12.5040", true), ("7.2.1943", "7.2.1943", true),
        ("5.2.0", "5.3.12303", false), ("5.1.0", "5.1.8", false),
    ])
    func upgradeIsDoneAtTheTargetsMinorRelease(release: String, target: String, isDone: Bool) {
        #expect(ToldRelease.isDone(release, [stored(release), stored("5.1.8")], target) == isDone)
    }
}
