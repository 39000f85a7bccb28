import Testing

@testable import MigrationKit
@testable import MigrationKitBase
@testable import MigrationKitSourcegraphAPI

@Suite(.timeLimit(.minutes(30))) struct MigratorOutputTests {
    private static let command = MigratorCommand(version: SourcegraphVersion(5, 1, 8), arguments: ["up", "--db=all"])

    private func failure(_ lines: [String], ignoring: Bool = false) -> MigratorFailure {
        let arguments = ["upgrade"] + (ignoring ? ["--ignore-migrator-update"] : [])
        return MigratorFailure(lines, of: MigratorCommand(version: SourcegraphVersion(5, 1, 8), arguments: arguments))
    }

    @Test func silenceIsTold() {
        let failure = MigratorFailure([], of: Self.command)
        #expect(failure.kind == .other)
        #expect(failure.error.message == "`up` by sourcegraph/migrator:5.1.8 failed: it did not say why.")
        #expect(MigratorFailure(["", "  ", "\n\n", "\u{1b}[0m"], of: Self.command).sentence == "")
    }

    @Test(arguments: [
        "Connection DSNs used: codeinsights => postgres://u:hunter2@h:5432/p?sslmode=disable, frontend => "
            + "postgres://sg:hunter2@pgsql/sg",
        "postgres://sg:hunter2/@:hunter2@pgsql/sg", "PGPASSWORD=hunter2", "connect password=hunter2 host=x",
        "\u{1b}[31mpostgres://sg:hunter2@pgsql:5432/sg\u{1b}[0m",
        #"{"SeverityText":"FATAL","Body":"failed to connect to postgres://sg:hunter2@pgsql:5432/sg"#,
        #"{"SeverityText":"FATAL","Body":"no","Attributes":{"error":"postgres:\/\/sg:hunter2@pgsql"}}"#,
    ])
    func passwordsDoNotComeOut(line: String) {
        let failure = failure([line])
        #expect(!failure.error.description.contains("hunter2"), "\(failure.error)")
        #expect(failure.error.description.contains("<redacted>"))
    }

    @Test func logLineMayBeCutOffAnywhere() {
        let line = #"{"SeverityText":"FATAL","Body":"a \"b\" \u00e9\ndirty database: schema \"x\" marked"}"#
        for end in line.indices {
            let failure = failure([String(line[..<end])])
            #expect(failure.sentence == failure.sentence.printable)
        }
        let cut = #"{"SeverityText":"FATAL","Body":"1 error occurred:\n\t* dirty database: schema \"x\" mar\u00"#
        #expect(failure([cut]).kind == .dirtyDatabase)
    }

    @Test func lastReasonCounts() {
        #expect(failure(["database drift detected", "unknown tag \"v5.1.0\""]).kind == .unknownTag)
        #expect(failure(["connection refused", "out of memory"]).kind == .cannotConnect)
    }

    @Test func faultThatWasGotOverIsNoReason() {
        let fatal = #"{"SeverityText":"FATAL","Body":"out of memory"}"#
        let failure = failure(["dial tcp: connection refused", fatal])
        #expect(failure.kind == .other)
        #expect(failure.sentence == "out of memory")
        #expect(failure.details == ["dial tcp: connection refused"])
    }

    @Test func noticeOfANewerMigratorIsNoReasonIfItIsIgnored() {
        let line = "A newer migrator version is available (9.9.9), please consider using it instead. Continuing..."
        #expect(failure([line], ignoring: true).kind == .other)
        #expect(failure([line, "signal: killed"], ignoring: true).sentence == "signal: killed")
    }

    @Test func coloursMayHaveBeenMadePrintable() {
        #expect(failure([#"\u{1b}[1;31m❌ database drift detected\u{1b}[0m"#]).sentence == "database drift detected")
    }

    @Test func onlyWhatMayBeAVersionIsRepeated() {
        let failure = failure([#"version assertion failed: "$(rm -rf /)" != "5.0""#])
        #expect(failure.kind == .versionAssertion)
        #expect(!failure.next.contains("rm"))
    }

    @Test func hostileOutputIsBounded() {
        let long = String(repeating: "://a:\"Body\":\"", count: 20_000)
        let lines = Array(repeating: long, count: 50) + Array(repeating: "\u{0}\u{7}x", count: 5000)
        let failure = failure(lines + [#"{"SeverityText":"FATAL","Body":""# + String(repeating: "x ", count: 100_000)])
        #expect(failure.kind == .other)
        #expect(failure.sentence.utf8.count <= 1000)
        #expect(failure.details.count <= 20)
        #expect(failure.error.description.utf8.count < 100_000)
    }
}
