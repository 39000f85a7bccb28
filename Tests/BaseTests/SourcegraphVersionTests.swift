import Testing

@testable import MigrationKitBase

@Suite struct SourcegraphVersionTests {
    @Test(arguments: [
        ("5.1.8", "5.1.8"), ("v5.1.8", "5.1.8"), ("3.20", "3.20.0"), ("5.11.6271", "5.11.6271"),
        ("7.2.0-rc.1", "7.2.0"), ("5.3.0+build.7", "5.3.0"), ("204870_2023-03-30_5.0-64f93593ba02", "5.0.0"),
        ("my-branch_211111_2023-09-01_5.1-abcdef", "5.1.0"),
    ])
    func releaseIsRead(text: String, version: String) {
        #expect(SourcegraphVersion(text)?.description == version)
    }

    @Test(arguments: [
        "", "insiders", "0.0.0+dev", "5", "5.", "5..1", "5.1.8.9", "2023.03.23", "five.one", "-5.1.0", "٥.١.٨",
        "5.1.8 ",
        "99999999999999999999.1.1", String(repeating: "1", count: 5000) + ".1",
    ])
    func whatNamesNoReleaseIsNone(text: String) {
        #expect(SourcegraphVersion(text) == nil)
    }

    @Test func tenIsMoreThanNine() {
        #expect(SourcegraphVersion(5, 10) > SourcegraphVersion(5, 9, 999))
        #expect(SourcegraphVersion(4, 0) > SourcegraphVersion(3, 43, 2))
        #expect(SourcegraphVersion(5, 11, 6271) > SourcegraphVersion(5, 11, 13))
    }
}
