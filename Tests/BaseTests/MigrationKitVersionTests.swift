import Testing

@testable import MigrationKitBase

@Suite struct MigrationKitVersionTests {
    @Test func aReleaseTellsItsCommitAndDay() {
        let text = MigrationKitVersion.described(commit: "0123456789ab", date: "2026-11-30")
        #expect(text == "\(MigrationKitVersion.current) (commit 0123456789ab, 2026-11-30)")
    }

    @Test func aPlainBuildIsADevelopmentBuild() {
        #expect(MigrationKitVersion.described == "\(MigrationKitVersion.current) (development build)")
    }
}
