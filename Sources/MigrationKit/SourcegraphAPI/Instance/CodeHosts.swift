internal import MigrationKitFoundation

/// A connection to a code host, as the instance tells it.
package struct CodeHost: Decodable, Sendable {
    var id: String
    package var kind: String
    package var displayName: String
    /// What the latest synchronisation has failed with.
    package var lastSyncError: String?
    /// When the latest one was, ISO 8601; nil: there was none yet.
    package var lastSyncAt: String?
}

extension SourcegraphInstance {
    /// Reads all connections to code hosts.
    ///
    /// - Parameters:
    ///   - withHealth: Whether their synchronisation is asked for, too.
    ///   - body: Takes a page of them, and the number of all.
    package func forEachCodeHost(withHealth: Bool = false, _ body: ([CodeHost], Int) throws -> Void) async throws {
        var fields = ["id", "kind", "displayName"]
        if withHealth, api >= .tellsSyncErrors { fields.append("lastSyncError") }
        if withHealth, api >= .tellsSyncTimes { fields.append("lastSyncAt") }
        let text = """
            page: externalServices(first: $first, after: $after) \
            { totalCount nodes { \(fields.joined(separator: " ")) } pageInfo { hasNextPage endCursor } }
            """
        try await forEachPage(of: CodeHost.self, "The list of code hosts") { cursor in
            GraphQLQuery(
                "CodeHosts", "$first: Int, $after: String", text,
                variables: ["first": .number(Double(Self.pageSize)), "after": cursor])
        } _: { page in
            try body(page.nodes, page.totalCount ?? page.nodes.count)
            return true
        }
    }

    /// Reads all ways to log in.
    func authProviders() async throws -> [SnapshotSummary.AuthProvider] {
        struct Answer: Decodable, Sendable {
            var site: Site
            struct Site: Decodable { var authProviders: InstancePage<SnapshotSummary.AuthProvider> }
        }
        let query = GraphQLQuery(
            "AuthProviders", "", "site { authProviders { totalCount nodes { serviceType serviceID } } }")
        let page = try await ask(query, as: Answer.self, "The list of auth providers").site.authProviders
        guard page.totalCount == page.nodes.count else {
            throw MigrationError(
                .failed,
                "The list of auth providers has \(page.nodes.count) entries, but its total is \(page.totalCount ?? 0).",
                next: "Run the same command again.")
        }
        return page.nodes
    }
}

extension Date {
    /// A moment as instances write it: `2024-05-01T10:00:00Z`, with or without fractions of a second.
    package init?(instance text: String) {
        let whole = try? Date(text, strategy: .iso8601)
        guard let date = whole ?? (try? Date(text, strategy: ISO8601FormatStyle(includingFractionalSeconds: true)))
        else { return nil }
        self = date
    }
}

extension SourcegraphVersion {
    /// The first whose code hosts tell what a synchronisation has failed with.
    package static let tellsSyncErrors = SourcegraphVersion(3, 24)
    /// The first whose code hosts tell when they were synchronised.
    package static let tellsSyncTimes = SourcegraphVersion(3, 25)
}
