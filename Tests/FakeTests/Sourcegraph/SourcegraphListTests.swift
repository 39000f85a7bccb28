import FakeSourcegraph
import Foundation
import TestSupport
import Testing

/// Lists come in the order and in the pages in which the real server gives them.
@Suite(.timeLimit(.minutes(30))) struct SourcegraphListTests {
    private static let services =
        "query S($first: Int, $after: String) { externalServices(first: $first, after: $after) "
        + "{ totalCount nodes { id kind } pageInfo { hasNextPage endCursor } } }"

    private static func ids(_ connection: AnyJSON?) -> [String] {
        connection?["nodes"]?.array?.compactMap { $0["id"]?.string } ?? []
    }

    @Test func codeHostsComeNewestFirstAndAllAtOnce() async throws {
        try await SourcegraphAsker.with { fake, asker in
            let all = try await asker.ask(Self.services).data?["externalServices"]
            #expect(Self.ids(all) == [4, 2, 1].map { FakeResolver.id("ExternalService", $0) })
            #expect(all?["pageInfo"] == ["hasNextPage": false, "endCursor": .null] && all?["totalCount"] == 3)
            #expect(Self.ids(all).first == "RXh0ZXJuYWxTZXJ2aWNlOjQ=")
        }
    }

    @Test func cursorIsTheLastNodesID() async throws {
        try await SourcegraphAsker.with { fake, asker in
            let first = try await asker.ask(Self.services, ["first": 2]).data?["externalServices"]
            let cursor = try #require(first?["pageInfo"]?["endCursor"]?.string)
            #expect(cursor == Self.ids(first).last && first?["pageInfo"]?["hasNextPage"] == true)
            let second = try await asker.ask(Self.services, ["first": 2, "after": .string(cursor)])
            let connection = second.data?["externalServices"]
            #expect(Self.ids(connection) == [FakeResolver.id("ExternalService", 1)])
            #expect(connection?["pageInfo"]?["hasNextPage"] == false && connection?["totalCount"] == 3)
            #expect(try await asker.ask(Self.services, ["after": "x"]).errors.count == 1)
            #expect(fake.violations == [])
        }
    }

    @Test(arguments: [
        ("4.2.1", "must be site admin or the namespace is same as the authenticated user"),
        ("4.3.0", "must be site admin"),
    ]) func codeHostsAreForSiteAdmins(version: String, message: String) async throws {
        try await SourcegraphAsker.with(version) { fake, asker in
            let answer = try await asker.ask(Self.services, token: fake.userToken)
            #expect(answer.errors == [message] && answer.data == .null && answer.status == 200)
            #expect(fake.violations == [])
        }
    }

    @Test func kindThatIsGoneIsAnErrorInTheAnswer() async throws {
        try await SourcegraphAsker.with("6.2.0") {
            $0.externalServices[2].kind = "GOMODULES"
        } body: { _, asker in
            let answer = try await asker.ask(Self.services)
            #expect(answer.errors == ["Invalid value GOMODULES.\nExpected type ExternalServiceKind, found GOMODULES."])
            #expect(answer.data == .null)
        }
    }

    // MARK: Permissions

    @Test func permissionJobsComeInPagesOfAHundredAtMost() async throws {
        let query =
            "query J($first: Int, $after: String) { permissionsSyncJobs(first: $first, after: $after) "
            + "{ totalCount nodes { id } pageInfo { hasNextPage endCursor } } }"
        try await SourcegraphAsker.with {
            $0.permissionJobs = (1...250).map { FakeInstance.PermissionJob(id: $0, queuedAt: Date()) }
        } body: { fake, asker in
            var (found, cursor, sizes) = (Set<String>(), AnyJSON.null, [Int]())
            repeat {
                let page = try await asker.ask(query, ["first": 500, "after": cursor]).data?["permissionsSyncJobs"]
                found.formUnion(Self.ids(page))
                sizes.append(Self.ids(page).count)
                cursor = page?["pageInfo"]?["hasNextPage"] == true ? page?["pageInfo"]?["endCursor"] ?? .null : .null
            } while cursor != .null
            #expect(found.count == 250 && sizes == [100, 100, 50])
            let none = try await asker.ask(query)
            #expect(none.errors.first == "you must provide a `first` or `last` value to properly paginate")
            #expect(
                try await asker.ask("{ permissionsSyncJobs { totalCount } }").data == [
                    "permissionsSyncJobs": ["totalCount": 250]
                ])
        }
    }

    @Test func permissionJobsAreFiltered() async throws {
        try await SourcegraphAsker.with { instance in
            instance.permissionJobs[1].state = "ERRORED"
            instance.permissionJobs[3].isPartial = true
        } body: { fake, asker in
            let query =
                "{ a: permissionsSyncJobs(first: 5, state: ERRORED) { nodes { id state } } "
                + "b: permissionsSyncJobs(first: 5, partial: true) { totalCount } }"
            let data = try await asker.ask(query).data
            #expect(
                data?["a"]?["nodes"] == [["id": .string(FakeResolver.id("PermissionsSyncJob", 2)), "state": "ERRORED"]])
            #expect(data?["b"]?["totalCount"] == 1 && fake.violations == [])
        }
    }

    // MARK: Order, counts

    @Test(arguments: [("4.5.1", ["saml", "builtin"]), ("5.1.8", ["builtin", "saml"])])
    func providersAreSortedFromFiveOne(version: String, types: [String]) async throws {
        try await SourcegraphAsker.with(version) {
            $0.authProviders = [
                .init(type: "saml", displayName: "SAML"), .init(type: "builtin", displayName: "Builtin"),
            ]
        } body: { _, asker in
            let answer = try await asker.ask("{ site { authProviders { nodes { serviceType } } } }")
            let nodes = answer.data?["site"]?["authProviders"]?["nodes"]?.array ?? []
            #expect(nodes.compactMap { $0["serviceType"]?.string } == types)
        }
    }

    @Test func whoeverIsNoSiteAdminIsToldFewerRepositories() async throws {
        for (version, count) in [("4.5.1", AnyJSON.null), ("5.0.6", 0)] {
            try await SourcegraphAsker.with(version) { fake, asker in
                let query = "{ repositories { totalCount } }"
                #expect(try await asker.ask(query).data?["repositories"]?["totalCount"] == 412)
                let other = try await asker.ask(query, token: fake.userToken)
                #expect(other.data?["repositories"]?["totalCount"] == count && other.errors == [])
            }
        }
    }

    @Test func savedSearchesAreTheViewersThenANamespacesThenAll() async throws {
        let namespace = FakeResolver.id("User", 2)
        let eras: [(String, String, AnyJSON)] = [
            ("4.4.2", "{ savedSearches { query } }", [["query": "AKIA type:diff"]]),
            ("5.0.6", "{ savedSearches(namespace: \"\(namespace)\") { totalCount } }", ["totalCount": 1]),
            ("5.5.0", "{ savedSearches { totalCount } }", ["totalCount": 2]),
        ]
        for (version, query, expected) in eras {
            try await SourcegraphAsker.with(version) { _, asker in
                let answer = try await asker.ask(query)
                #expect(answer.data?["savedSearches"] == expected, "\(version)")
            }
        }
    }
}
