/// A machine that runs jobs for an instance, as the instance knows it.
package struct InstanceExecutor: Decodable, Sendable {
    var hostname: String
    /// Whether it was heard of in the last seconds.
    package var active: Bool
    var executorVersion: String
    /// `UP_TO_DATE`, `OUTDATED`, `VERSION_AHEAD`; nil where the release does not tell.
    var compatibility: String?

    package var isOutdated: Bool { compatibility == "OUTDATED" }

    /// `executor-1 5.1.8`.
    package var description: String {
        "\(hostname) \(executorVersion)\(compatibility.map { " (\($0))" } ?? "")".printable
    }
}

extension SourcegraphInstance {
    /// The executors that the instance has heard of in the last quarter of an hour.
    ///
    /// Source: Sourcegraph 5.1.8, cmd/frontend/graphqlbackend/executors.graphql.
    package func executors() async throws -> [InstanceExecutor] {
        let fields = "hostname active executorVersion" + (api >= .tellsCompatibility ? " compatibility" : "")
        let text = """
            page: executors(active: true, first: $first, after: $after) \
            { totalCount nodes { \(fields) } pageInfo { hasNextPage endCursor } }
            """
        var found: [InstanceExecutor] = []
        try await forEachPage(of: InstanceExecutor.self, "The list of executors", limit: 100) { cursor in
            GraphQLQuery(
                "Executors", "$first: Int, $after: String", text,
                variables: ["first": .number(Double(Self.pageSize)), "after": cursor])
        } _: { page in
            found += page.nodes
            return true
        }
        return found
    }

    /// How many executors the instance has ever heard of; those that came with the databases were the customer's.
    package func knownExecutors() async throws -> Int {
        struct Answer: Decodable, Sendable {
            var executors: Count
            struct Count: Decodable { var totalCount: Int }
        }
        let query = GraphQLQuery("KnownExecutors", "", "executors(first: 1) { totalCount }")
        return try await ask(query, as: Answer.self, "The number of executors").executors.totalCount
    }
}

extension SourcegraphVersion {
    /// The first that tells whether an executor's release goes with its own.
    static let tellsCompatibility = SourcegraphVersion(4, 1)
}
