import FakeSourcegraph
import Foundation
import TestClusters
import Testing

@testable import MigrationKitSourcegraphAPI

/// `login`, `summary`, `notice` and `test` as they are typed.
@Suite(.inTurn) struct InstanceCommandTests {
    let workplace: Workplace

    init() async throws { workplace = try await Workplace() }

    private func environment(_ fake: FakeSourcegraph, token: String? = nil) -> [String: String] {
        ["SRC_ENDPOINT": fake.endpoint + "/", "SRC_ACCESS_TOKEN": token ?? fake.token]
    }

    private func result(_ finished: Workplace.Finished) throws -> [String: Any] {
        let line = try #require(finished.output.split(separator: "\n").last)
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        return try #require(object?["result"] as? [String: Any], "\(finished.output)")
    }

    // MARK: login

    @Test func loginTellsWhoTheTokenIs() async throws {
        try await FakeSourcegraph.with(version: "5.1.8") { fake in
            let run = try await workplace.snapshot("login", environment: environment(fake))
            #expect(run.exit == 0, "\(run.errors)")
            #expect(run.output == "\(fake.endpoint) is Sourcegraph 5.1.8. You are ada, a site admin.\n")
            let named = try await workplace.snapshot(
                "login", fake.endpoint, environment: ["SRC_ACCESS_TOKEN": fake.token])
            #expect(named.exit == 0 && named.output == run.output)
            #expect(named.errors.contains("export SRC_ENDPOINT=\(fake.endpoint)"))
        }
    }

    @Test func loginSaysWhatToDoAboutATokenThatIsNoAdmins() async throws {
        try await FakeSourcegraph.with { fake in
            let run = try await workplace.snapshot("login", environment: environment(fake, token: fake.userToken))
            #expect(run.exit == 3)
            #expect(run.output.contains("You are grace, not a site admin."))
            #expect(run.errors.contains("belongs to grace") && run.errors.contains("Use a site admin's token"))
        }
    }

    @Test func loginSaysWhatToDoWhenNobodyAnswers() async throws {
        try await FakeSourcegraph.with { fake in
            let environment = environment(fake)
            await fake.stop()
            let run = try await workplace.snapshot("login", environment: environment)
            #expect(run.exit == 3 && run.errors.contains("Gave up after 10.0 s without a response."), "\(run.errors)")
            #expect(run.errors.contains("Check that SRC_ENDPOINT is the instance's URL"))
        }
    }

    @Test func loginSaysWhatToDoAboutAWrongToken() async throws {
        try await FakeSourcegraph.with { fake in
            let run = try await workplace.snapshot("login", environment: environment(fake, token: "sgp_wrong0123"))
            #expect(run.exit == 3)
            #expect(run.errors.contains("rejected the access token") && run.errors.contains("SRC_ACCESS_TOKEN"))
            #expect(!(run.output + run.errors).contains("sgp_wrong0123"))
        }
    }

    @Test(arguments: ["login", "summary"]) func whatAnInstanceCallsItselfDrivesNoTerminal(command: String) async throws
    {
        try await FakeSourcegraph.with(version: "4.2.1") { fake in
            fake.change { instance in
                instance.version = "4.2.1-\u{1b}]0;x\u{7}"
                instance.users[0].username = "ada\u{1b}[31m"
            }
            let run = try await workplace.snapshot(command, environment: environment(fake))
            #expect(run.exit == 0, "\(run.errors)")
            #expect(!(run.output + run.errors).contains("\u{1b}"))
            #expect((run.output + run.errors).contains("4.2.1-\\u{1b}]0;x\\u{7}"))
        }
    }

    // MARK: summary

    @Test func summaryIsWrittenForItsOwnerAlone() async throws {
        try await FakeSourcegraph.with(version: "4.2.1") { fake in
            let run = try await workplace.snapshot("summary", environment: environment(fake))
            #expect(run.exit == 0, "\(run.errors)")
            let path = "src-snapshot/summary.json"
            let summary = try SnapshotSummary(json: Array(try workplace.folder.bytes(path)), name: path)
            #expect(summary.externalServices.count == 3 && summary.instance?.productVersion == "4.2.1")
            #expect(try workplace.folder.mode(path) == 0o600)
            #expect(run.output.contains("code hosts: GITHUB") && run.errors.contains("Next: src-snapshot upload"))
            #expect(fake.violations == [])
        }
    }

    @Test(arguments: ["-dump-requests", "-get-curl", "-trace"])
    func nothingThatIsShownHoldsTheToken(option: String) async throws {
        try await FakeSourcegraph.with { fake in
            let run = try await workplace.snapshot("summary", option, environment: environment(fake))
            #expect(run.exit == 0, "\(run.errors)")
            #expect(!(run.output + run.errors).contains(fake.token))
            if option == "-get-curl" {
                #expect(run.errors.contains(#"curl -H "Authorization: token $SRC_ACCESS_TOKEN""#))
                let open = try await workplace.snapshot("summary", option, option, environment: environment(fake))
                #expect(open.errors.contains("Authorization: token \(fake.token)"))
            }
            if option == "-dump-requests" { #expect(run.errors.contains("query CodeHosts")) }
        }
    }

    @Test func curlCommandThatIsShownWorks() async throws {
        try await FakeSourcegraph.with { fake in
            let shown = try await workplace.snapshot("login", "-get-curl", environment: environment(fake))
            let line = try #require(shown.errors.split(separator: "\n").first { $0.hasPrefix("curl ") })
            let run = try await workplace.shell("\(line) -s", environment: environment(fake))
            #expect(run.output.contains(#""username":"ada""#), "\(run.output)\(run.errors)")
        }
    }

    // MARK: notice

    @Test func noticeGoesUpOnceAndDownAgainFromBothCommands() async throws {
        try await FakeSourcegraph.with { fake in
            let before = fake.instance.latestSettings?.contents
            let environment = environment(fake)
            let unseen = try await workplace.snapshot("notice", "status", environment: environment)
            #expect(unseen.output.contains("not up"))
            let added = try await workplace.snapshot("notice", "add", environment: environment)
            #expect(added.output.contains("is up."))
            let again = try await workplace.snapshot("notice", "add", environment: environment)
            #expect(again.output.contains("already"))
            #expect(fake.instance.latestSettings?.contents.contains("migration is underway") == true)
            let seen = try result(try await workplace.snapshot("notice", "status", "--json", environment: environment))
            #expect(seen["isShown"] as? Bool == true)
            let removed = try await workplace.migrate("notice", "remove", environment: environment)
            #expect(removed.output.contains("is down."))
            #expect(fake.instance.latestSettings?.contents.contains("migration is underway") == false)
            #expect(before?.contains("// Ask the platform team") == true)
            #expect(fake.instance.latestSettings?.contents.contains("// Ask the platform team") == true)
            #expect(fake.violations == [])
        }
    }

    @Test func changeIsShownAsCurlAndNotSent() async throws {
        try await FakeSourcegraph.with { fake in
            let run = try await workplace.snapshot("notice", "add", "-get-curl", environment: environment(fake))
            #expect(run.exit == 1 && run.errors.contains("received no data"))
            #expect(run.errors.contains("mutation EditSettings"))
            #expect(fake.requests(for: "EditSettings").isEmpty)
        }
    }

    // MARK: test

    @Test func migratedInstanceThatIsTheSamePasses() async throws {
        try await FakeSourcegraph.with(version: "5.1.8") { fake in
            _ = try await workplace.snapshot("summary", environment: environment(fake))
            let run = try await workplace.migrate(
                "test", "-snapshot-summary=src-snapshot", "--junit=out.xml", environment: environment(fake))
            #expect(run.exit == 0, "\(run.output)\(run.errors)")
            #expect(run.output.contains("ok    code-hosts"))
            #expect(run.errors.contains("The instance is ready to hand over."))
            #expect(try workplace.folder.text("out.xml").contains(#"failures="0""#))
        }
    }

    @Test func migratedInstanceThatIsNotTheSameFails() async throws {
        try await FakeSourcegraph.with(version: "5.1.8") { fake in
            _ = try await workplace.snapshot("summary", environment: environment(fake))
            fake.change { $0.externalServices.removeFirst() }
            let run = try await workplace.migrate(
                "test", "-summary-path", "./src-snapshot/summary.json", "-since=90m", "--json",
                environment: environment(fake))
            #expect(run.exit == 7, "\(run.errors)")
            let result = try result(run)
            #expect(result["passed"] as? Bool == false)
            let failed = (result["findings"] as? [[String: Any]])?.filter { $0["verdict"] as? String == "fail" }
            #expect(failed?.map { $0["name"] as? String } == ["code-hosts"])
        }
    }

    @Test func migrationFileNamesInstanceAndBucket() async throws {
        try await FakeSourcegraph.with(version: "5.1.8") { fake in
            _ = try await workplace.snapshot("summary", environment: environment(fake))
            try workplace.folder.write("migration.yaml", "bucket: ./src-snapshot\nendpoint: \(fake.endpoint)\n")
            let run = try await workplace.migrate("test", environment: ["SRC_ACCESS_TOKEN": fake.token])
            #expect(run.exit == 0, "\(run.output)\(run.errors)")
            #expect(run.output.contains(" is Sourcegraph 5.1.8, with the token of ada."))
            try workplace.folder.write("migration.yaml", "endpoint: http://127.0.0.1:1\n")
            let named = try await workplace.migrate("test", environment: environment(fake))
            #expect(named.exit == 0, "\(named.output)\(named.errors)")
        }
    }

    @Test func instanceThatCannotBeAskedIsNotJudged() async throws {
        try await FakeSourcegraph.with(version: "5.1.8") { fake in
            _ = try await workplace.snapshot("summary", environment: environment(fake))
            let run = try await workplace.migrate("test", environment: environment(fake, token: "sgp_wrong0123"))
            #expect(run.exit == 3, "\(run.errors)")
            #expect(run.output.contains("rejected the access token"))
            #expect(run.errors.contains("The instance could not be tested."), "\(run.errors)")
        }
    }

    @Test(arguments: [
        (["test", "-snapshot-summary=./none.json"], "./none.json does not exist."),
        (["test", "-snapshot-summary="], "snapshot-summary"),
        (["test", "-since=yesterday"], "since"),
        (["test", "--wait=10"], "wait"),
    ])
    func wrongUsageIsTold(arguments: [String], words: String) async throws {
        let run = try await workplace.refusal(.migrate, arguments)
        #expect(run.exit == 2, "\(run.errors)")
        #expect(run.errors.contains(words), "\(run.errors)")
    }

    @Test func instanceThatNobodyNamedIsAskedFor() async throws {
        for arguments in [["login"], ["summary"], ["notice", "status"]] {
            let run = try await workplace.run(BuiltPrograms.path("src-snapshot"), arguments)
            #expect(run.exit == 2 && run.errors.contains("SRC_ENDPOINT"), "\(run.errors)")
        }
    }
}
