import MigrationKitBase
import TestSupport

/// What is only counted.
extension FakeResolver {
    package func addCounts(to query: inout GraphQLObject) {
        let types = [
            "campaigns": "CampaignConnection", "batchChanges": "BatchChangeConnection",
            "searchContexts": "SearchContextConnection", "notebooks": "NotebookConnection",
        ]
        let adminTypes = [
            "webhooks": "WebhookConnection", "gitHubApps": "GitHubAppConnection", "roles": "RoleConnection",
            "prompts": "PromptsConnection",
        ]
        for (name, type) in types {
            query = query.resolving(name) { _, instance in
                try requireUser()
                return .object(count(type, instance.counts[name] ?? 0))
            }
        }
        for (name, type) in adminTypes {
            query = query.resolving(name) { _, instance in
                try requireSiteAdmin()
                return .object(count(type, instance.counts[name] ?? 0))
            }
        }
        query =
            query
            .resolving("repositories") { arguments, instance in .object(repositories(arguments, instance)) }
            .resolving("repositoryStats") { _, instance in
                try requireSiteAdmin()
                let total = instance.counts["repositories"] ?? 0
                return .object(
                    GraphQLObject("RepositoryStats").with("gitDirBytes", .text("\(total * 7_654_321)"))
                        .with("indexedLinesCount", .text("\(total * 12_345)")).with("total", .int(total))
                        .with("cloned", .int(total)).with("indexed", .int(total)).with("corrupted", .int(0)))
            }
            .resolving("insightViews") { arguments, instance in
                try requireUser()
                let total = instance.counts["insightViews"] ?? 0
                let page = 0..<min(total, arguments["first"]?.integer.map { Int($0) } ?? total)
                let nodes = page.map { index in
                    GraphQLValue.object(
                        GraphQLObject("InsightView").with("id", .text(Self.id("insight_view", index + 1))))
                }
                return .object(count("InsightViewConnection", total).with("nodes", .list(nodes)))
            }
    }

    /// Whoever is no site admin is told nothing before 5.0, and then 0.
    private func repositories(_ arguments: GraphQLObject.Arguments, _ instance: FakeInstance) -> GraphQLObject {
        let total = instance.counts["repositories"] ?? 0
        guard api < SourcegraphVersion(5, 0) else {
            return count("NewRepositoryConnection", isSiteAdmin ? total : 0)
        }
        let isFiltered = ["cloned", "notCloned", "indexed", "notIndexed"].contains { arguments[$0] == false }
        return count("RepositoryConnection", total)
            .with("totalCount", isSiteAdmin && !isFiltered ? .int(total) : .null)
    }
}
