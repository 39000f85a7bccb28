import FakeSourcegraph
import TestSupport
import Testing

/// Global settings are changed as the real server changes them.
@Suite(.timeLimit(.minutes(30))) struct SourcegraphSettingsTests {
    private static let edit =
        "mutation Edit($subject: ID!, $last: Int, $path: [KeyPathSegment!]!, $value: JSONValue, $isText: Boolean) "
        + "{ settingsMutation(input: {subject: $subject, lastID: $last}) "
        + "{ editSettings(edit: {keyPath: $path, value: $value, valueIsJSONCEncodedString: $isText}) "
        + "{ empty { alwaysNil } } } }"
    private static let overwrite =
        "mutation Overwrite($subject: ID!, $last: Int, $contents: String!) "
        + "{ settingsMutation(input: {subject: $subject, lastID: $last}) "
        + "{ overwriteSettings(contents: $contents) { empty { alwaysNil } } } }"
    private static let site: AnyJSON = "U2l0ZToic2l0ZSI="
    private static let path: AnyJSON = [["property": "notices"]]
    private static let notice: AnyJSON = ["message": "Moving & more", "location": "top"]

    private static func variables(_ last: AnyJSON, _ value: AnyJSON, isText: Bool = false) -> AnyJSON {
        ["subject": site, "last": last, "path": path, "value": value, "isText": .bool(isText)]
    }

    @Test func noticeIsAddedAndTakenAwayAgain() async throws {
        try await SourcegraphAsker.with { fake, asker in
            let before = try #require(fake.instance.latestSettings)
            let added = try await asker.ask(Self.edit, Self.variables(1, [Self.notice]))
            #expect(added.errors == [] && added.data?["settingsMutation"]?["editSettings"] == ["empty": .null])
            let settings = try await asker.ask("{ site { id latestSettings { id contents } } }").data?["site"]
            #expect(settings?["id"] == Self.site && settings?["latestSettings"]?["id"] == 2)
            let contents = try #require(settings?["latestSettings"]?["contents"]?.string)
            #expect(contents.contains("// Ask the platform team") && contents.contains("\"Moving \\u0026 more\""))
            let parsed = try JSONCParser.parse(contents)?.json
            #expect(parsed == ["search.contextLines": 3, "notices": [Self.notice]])
            #expect(try await asker.ask(Self.edit, Self.variables(2, .null)).errors == [])
            #expect(fake.instance.latestSettings?.contents == before.contents)
            #expect(fake.instance.settings.map(\.id) == [1, 2, 3] && fake.violations == [])
        }
    }

    @Test func valueMayComeAsText() async throws {
        try await SourcegraphAsker.with {
            $0.settings = []
        } body: { fake, asker in
            let text: AnyJSON = "[{\"message\":\"Moving\",\"location\":\"top\"}]"
            #expect(try await asker.ask(Self.edit, Self.variables(.null, text, isText: true)).errors == [])
            let contents = fake.instance.latestSettings?.contents
            #expect(
                contents
                    == "{\n  \"notices\": [\n    {\n      \"message\": \"Moving\",\n      \"location\": \"top\"\n    }\n  ]\n}"
            )
            let number = try await asker.ask(Self.edit, Self.variables(1, 3, isText: true))
            #expect(number.errors == ["value must be a string for valueIsJSONCEncodedString"])
        }
    }

    @Test func staleEditIsRefused() async throws {
        try await SourcegraphAsker.with { fake, asker in
            for (last, said) in [(AnyJSON.integer(7), "7"), (.null, "null")] {
                let answer = try await asker.ask(Self.edit, Self.variables(last, []))
                #expect(
                    answer.errors == ["update settings version mismatch: last ID is 1 (mutation wanted \(said))"])
                #expect(answer.data == ["settingsMutation": ["editSettings": .null]])
            }
            fake.change { $0.settings = [] }
            let answer = try await asker.ask(Self.edit, Self.variables(1, []))
            #expect(answer.errors == ["update settings version mismatch: last ID is null (mutation wanted 1)"])
            #expect(fake.instance.settings.isEmpty && fake.violations == [])
        }
    }

    @Test func staleOverwriteSaysNothingAndDoesNothing() async throws {
        try await SourcegraphAsker.with { fake, asker in
            let answer = try await asker.ask(Self.overwrite, ["subject": Self.site, "last": 9, "contents": "{}"])
            #expect(answer.errors == [] && fake.instance.settings.count == 1)
            _ = try await asker.ask(Self.overwrite, ["subject": Self.site, "last": 1, "contents": "{}"])
            #expect(fake.instance.latestSettings?.contents == "{}" && fake.instance.latestSettings?.id == 2)
        }
    }

    @Test func somebodyElseMayBeFaster() async throws {
        try await SourcegraphAsker.with { instance in
            instance.beforeMutation = { instance in
                instance.beforeMutation = nil
                instance.addSettings("{\"a\": 1}")
            }
        } body: { fake, asker in
            let answer = try await asker.ask(Self.edit, Self.variables(1, [Self.notice]))
            #expect(answer.errors == ["update settings version mismatch: last ID is 2 (mutation wanted 1)"])
            #expect(try await asker.ask(Self.edit, Self.variables(2, [Self.notice])).errors == [])
        }
    }

    @Test(
        arguments: [
            ([["message": "m"]], "invalid settings: notices.0: location is required"),
            (
                [["message": "m", "location": "top", "id": 1]],
                "invalid settings: notices.0: Additional property id is not allowed"
            ),
            (["message": "m"], "invalid settings: notices: Invalid type. Expected: array, given: object"),
        ] as [(AnyJSON, String)])
    func noticeHasToBeAsTheSchemaSays(value: AnyJSON, message: String) async throws {
        try await SourcegraphAsker.with { fake, asker in
            let answer = try await asker.ask(Self.edit, Self.variables(1, value))
            #expect(answer.errors == [message])
            #expect(fake.instance.settings.count == 1)
        }
    }

    @Test func settingsMayNotBeChangedByAllAndEverywhere() async throws {
        try await SourcegraphAsker.with { fake, asker in
            let other = try await asker.ask(Self.edit, Self.variables(1, []), token: fake.userToken)
            #expect(other.errors == ["viewer is not allowed to edit these settings"])
            #expect(other.data == ["settingsMutation": .null])
            fake.change { $0.hasGlobalSettingsFile = true }
            let file = try await asker.ask(Self.edit, Self.variables(1, []))
            #expect(file.errors == ["Updating global settings not allowed when using GLOBAL_SETTINGS_FILE"])
            #expect(fake.instance.settings.count == 1)
        }
    }

    @Test func siteConfigurationIsLockedFromFourOne() async throws {
        let write = "mutation { updateSiteConfiguration(lastID: 1, input: \"{}\") }"
        for (version, errors) in [
            ("4.0.1", []), ("4.1.0", ["site config has been modified by another request, write not allowed"]),
        ] {
            try await SourcegraphAsker.with(version) { _, asker in
                #expect(try await asker.ask(write).errors == errors)
                let contents = try await asker.ask("{ site { configuration { effectiveContents } } }")
                #expect(!contents.text.contains("site-config-secret"))
            }
        }
    }

    @Test func tokenIsMadeAndTakenBack() async throws {
        try await SourcegraphAsker.with { fake, asker in
            let user = FakeResolver.id("User", 1)
            let made = try await asker.ask(
                "mutation { createAccessToken(user: \"\(user)\", scopes: [\"user:all\"], note: \"n\") { id token } }")
            let token = try #require(made.data?["createAccessToken"]?["token"]?.string)
            let id = try #require(made.data?["createAccessToken"]?["id"]?.string)
            #expect(try await asker.ask("{ currentUser { id } }", token: token).status == 200)
            #expect(try await asker.ask("mutation { deleteAccessToken(byID: \"\(id)\") { alwaysNil } }").errors == [])
            #expect(try await asker.ask("{ currentUser { id } }", token: token).status == 401)
        }
    }
}
