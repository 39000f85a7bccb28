import FakeSourcegraph
import MigrationKitBase
import TestSupport
import Testing

/// Each field that came, went or changed is there in just the releases that have it.
@Suite(.timeLimit(.minutes(30))) struct SourcegraphHistoryTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var query: String
        var accepted: [String]
        var refused: [String]

        init(_ query: String, accepted: String, refused: String = "") {
            self.query = query
            self.accepted = accepted.split(separator: " ").map(String.init)
            self.refused = refused.split(separator: " ").map(String.init)
        }

        var testDescription: String { query }
    }

    static func isValid(_ query: String, _ release: String, variables: [String: AnyJSON] = [:]) throws -> Bool {
        let schema = try SourcegraphSchemaTests.schema(release)
        let document = try GraphQLParser.document(query)
        return GraphQLValidator.errors(in: document, schema, variables: variables).isEmpty
    }

    private static let rows = [
        Row("{ externalServices(first: 1, after: \"x\") { totalCount } }", accepted: "3.20.1 4.2.1 7.2.1943"),
        Row(
            "{ externalServices(namespace: \"x\") { totalCount } }", accepted: "3.20.1 4.2.1", refused: "4.3.0 7.2.1943"
        ),
        Row("{ externalServices(repo: \"x\") { totalCount } }", accepted: "5.8.0 7.2.1943", refused: "3.20.1 5.7.9"),
        Row("{ externalServices { nodes { repoCount lastSyncError } } }", accepted: "3.24.0", refused: "3.23.9"),
        Row("{ externalServices { nodes { lastSyncAt nextSyncAt } } }", accepted: "3.25.0", refused: "3.24.9"),
        Row(
            "{ externalServices { nodes { syncJobs(first: 1) { nodes { state } } } } }", accepted: "3.43.0 7.2.1943",
            refused: "3.42.9"),
        Row("{ externalServices { nodes { namespace { id } } } }", accepted: "3.20.1 4.2.1", refused: "4.3.0"),
        Row("{ externalServices { nodes { url } } }", accepted: "5.8.0", refused: "5.7.9"),
        Row(
            "{ permissionsSyncJobs(status: \"x\") { nodes { status completedAt message providers { type id status message } } } }",
            accepted: "4.2.0 4.5.1", refused: "4.1.9 5.0.0 7.2.1943"),
        Row(
            "{ permissionsSyncJobs(last: 1, state: FAILED) { nodes { state finishedAt failureMessage codeHostStates { providerType providerID status message } } } }",
            accepted: "5.0.0 5.1.8 7.2.1943", refused: "4.2.0 4.5.1"),
        Row("{ permissionsSyncJobs(first: 1, partial: true) { totalCount } }", accepted: "5.1.0", refused: "5.0.6"),
        Row("{ permissionSyncJobs(first: 1) { totalCount } }", accepted: "", refused: "4.5.1 5.0.0 5.1.0 7.2.1943"),
        Row(
            "{ site { monitoringStatistics(days: 1) { alerts { name } } } }", accepted: "3.20.1 5.10.3940",
            refused: "5.11.0 5.11.6271 7.2.1943"),
        Row(
            "{ site { id siteID productVersion buildVersion latestSettings { id contents } viewerCanAdminister configuration { id effectiveContents validationMessages } alerts { type message isDismissibleWithKey } authProviders { totalCount nodes { serviceType serviceID clientID displayName isBuiltin } } } currentUser { username siteAdmin } }",
            accepted: "3.20.1 3.43.2 4.5.1 5.1.8 6.12.5040 7.2.1943"),
        Row("{ site { upgradeReadiness { schemaDrift } } }", accepted: "5.0.0 5.0.6", refused: "4.5.1 5.1.0"),
        Row(
            "{ site { upgradeReadiness { schemaDrift { name problem solution diff statements urlHint } } } }",
            accepted: "5.1.0 7.2.1943", refused: "4.5.1 5.0.6"),
        Row(
            "{ site { upgradeReadiness { requiredOutOfBandMigrations { id } } } }", accepted: "5.0.0 7.2.1943",
            refused: "4.5.1"),
        Row(
            "{ outOfBandMigrations { id team component description introduced deprecated progress nonDestructive applyReverse errors { message } } }",
            accepted: "3.25.0 7.2.1943", refused: "3.24.9"),
        Row(
            "{ outOfBandMigrations(ExcludeDeprecatedBeforeFirstVersion: true) { id } }", accepted: "5.8.0",
            refused: "5.7.9"),
        Row("{ executors(active: true) { totalCount } }", accepted: "3.34.0 7.2.1943", refused: "3.33.9"),
        Row("{ executors { nodes { compatibility } } }", accepted: "4.1.0", refused: "4.0.9"),
        Row("{ executors { nodes { queueNames } } }", accepted: "5.1.0", refused: "5.0.6"),
        Row("{ site { autoUpgradeEnabled } }", accepted: "5.1.0 6.12.5040", refused: "5.0.6 7.0.0"),
        Row(
            "mutation { createAccessToken(user: \"x\", scopes: [], note: \"n\", durationSeconds: 1) { token } }",
            accepted: "5.8.0", refused: "5.7.9"),
        Row(
            "mutation { settingsMutation(input: {subject: \"x\"}) { overwriteSettings(contents: \"{}\") { empty { alwaysNil } } } updateSiteConfiguration(lastID: 1, input: \"{}\") reloadSite { alwaysNil } }",
            accepted: "3.20.1 5.1.8 7.2.1943"),
        Row(
            "mutation { createUser(username: \"n\", email: \"e\") { user { id } resetPasswordURL } randomizeUserPassword(user: \"x\") { resetPasswordURL } setUserIsSiteAdmin(userID: \"x\", siteAdmin: true) { alwaysNil } }",
            accepted: "3.20.1 5.1.8 7.2.1943"),
        Row(
            "{ user(username: \"n\", email: \"e\") { id username siteAdmin emails { email verified } } }",
            accepted: "3.20.1 5.1.8 7.2.1943"),
        Row("{ campaigns { totalCount } }", accepted: "3.20.1 3.25.2", refused: "3.29.0 7.2.1943"),
        Row("{ batchChanges { totalCount } }", accepted: "3.26.0 7.2.1943", refused: "3.25.2"),
        Row("{ repositories { totalCount(precise: true) } }", accepted: "3.20.1 4.5.1", refused: "5.0.0"),
        Row("{ savedSearches { id } }", accepted: "3.20.1 4.4.2", refused: "4.5.0 7.2.1943"),
        Row("{ savedSearches(namespace: \"x\") { totalCount } }", accepted: "4.5.0 5.4.9", refused: "4.4.2 5.5.0"),
        Row("{ savedSearches { totalCount } }", accepted: "5.5.0 7.2.1943", refused: "4.5.0 5.4.9"),
    ]

    @Test(arguments: rows) func fieldIsThereFromItsFirstReleaseToItsLast(row: Row) throws {
        for release in row.accepted { #expect(try Self.isValid(row.query, release), "\(release)") }
        for release in row.refused { #expect(try !Self.isValid(row.query, release), "\(release)") }
    }

    @Test(arguments: [
        ("PERFORCE", "3.24.0", "3.25.0"), ("JVMPACKAGES", "3.29.0", "3.30.0"), ("NPMPACKAGES", "3.34.0", "3.35.0"),
        ("GOMODULES", "3.38.0", "3.39.0"), ("GERRIT", "3.39.0", "3.40.0"), ("RUSTPACKAGES", "3.40.0", "3.41.0"),
        ("RUBYPACKAGES", "4.0.1", "4.1.0"), ("AZUREDEVOPS", "4.4.2", "4.5.0"), ("LOCALGIT", "5.0.6", "5.1.0"),
    ]) func kindOfCodeHostCameWithItsRelease(kind: String, before: String, first: String) throws {
        let kinds = try [before, first].map {
            try SourcegraphSchemaTests.schema($0).types["ExternalServiceKind"]?.values
        }
        #expect(kinds[0]?.contains(kind) == false && kinds[1]?.contains(kind) == true)
    }

    @Test func packageHostsAreGoneFromSixTwo() throws {
        let gone = ["6.1.9", "6.2.0"].map { release in
            (try? SourcegraphSchemaTests.schema(release).types["ExternalServiceKind"]?.values.filter {
                $0.hasSuffix("PACKAGES") || $0.hasSuffix("MODULES")
            }) ?? ["?"]
        }
        #expect(
            gone == [
                ["JVMPACKAGES", "NPMPACKAGES", "GOMODULES", "PYTHONPACKAGES", "RUSTPACKAGES", "RUBYPACKAGES"], [],
            ])
    }

    // MARK: What src asks

    private static let services = "externalServices { totalCount nodes { kind id } }"
    private static let basics = "alerts { message type } configuration { validationMessages }"
    private static let failing = "externalServices { nodes { id kind lastSyncError } }"

    @Test(arguments: SourcegraphSchemaTests.releases) func summaryIsAnsweredByAllReleases(release: String) throws {
        let providers = "authProviders { nodes { serviceID serviceType } totalCount }"
        #expect(try Self.isValid("query Summary { \(Self.services) site { \(providers) } }", release))
    }

    @Test(arguments: SourcegraphSchemaTests.releases) func healthIsAnsweredFromFiveZeroToFiveTen(release: String) throws
    {
        let query = """
            query Health($jobs: Int!) {
              permissionsSyncJobs(first: $jobs) {
                nodes { finishedAt state failureMessage codeHostStates { status message providerType } }
              }
              \(Self.failing)
              site { \(Self.basics) monitoringStatistics(days: 1) { alerts { serviceName name average } } }
            }
            """
        let version = try #require(SourcegraphVersion(release))
        let isFit = version >= SourcegraphVersion(5, 0) && version < SourcegraphVersion(5, 11)
        #expect(try Self.isValid(query, release, variables: ["jobs": 500]) == isFit)
    }

    @Test(arguments: SourcegraphSchemaTests.releases) func oldHealthIsAnsweredFromFourTwoToFourFive(release: String)
        throws
    {
        let query = """
            query Health {
              permissionsSyncJobs(first: 500) { nodes { completedAt status message providers { type status } } }
              \(Self.failing)
              site { \(Self.basics) monitoringStatistics(days: 1) { alerts { name } } }
            }
            """
        let version = try #require(SourcegraphVersion(release))
        let isFit = version >= SourcegraphVersion(4, 2) && version < SourcegraphVersion(5, 0)
        #expect(try Self.isValid(query, release) == isFit)
    }

    @Test(arguments: SourcegraphSchemaTests.releases) func healthWithoutJobsIsAnsweredFromThreeTwentyFour(
        release: String
    )
        throws
    {
        let query = "query Health { \(Self.failing) site { \(Self.basics) } }"
        #expect(try Self.isValid(query, release) == (release != "3.20.1"))
    }
}
