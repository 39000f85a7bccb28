import Foundation
import MigrationKitBase
import TestSupport

extension FakeResolver {
    package func addCodeHosts(to query: inout GraphQLObject) {
        query = query.resolving("externalServices") { arguments, instance in
            guard isSiteAdmin else { throw FakeFailure(refusal) }
            if let namespace = arguments["namespace"]?.string { _ = try Self.number(namespace, "User") }
            let after = try arguments["after"]?.string.map { try Self.number($0, "ExternalService") }
            let first = arguments["first"]?.integer.map { Int($0) }
            return .object(connection(instance.externalServices, first: first, after: after))
        }
    }

    private var refusal: String {
        api < SourcegraphVersion(4, 3)
            ? "must be site admin or the namespace is same as the authenticated user" : FakeFailure.notSiteAdmin.message
    }

    /// The newest first; all of them unless a number is given. The number of all does not go by the cursor.
    private func connection(
        _ services: [FakeInstance.ExternalService], first: Int?, after: Int?
    ) -> GraphQLObject {
        let all = services.sorted { $0.id > $1.id }
        let rest = all.filter { repeatsPages || $0.id < after ?? .max }
        let page = rest.prefix(first ?? rest.count)
        let hasMore = first != nil && (rest.count > page.count || repeatsPages)
        let cursor = hasMore ? page.last.map { Self.id("ExternalService", $0.id) } : nil
        return GraphQLObject("ExternalServiceConnection")
            .with("nodes", .list(page.map { .object(externalService($0)) }))
            .with("totalCount", .int(all.count)).with("pageInfo", pageInfo(cursor))
    }

    package func externalService(_ service: FakeInstance.ExternalService) -> GraphQLObject {
        GraphQLObject("ExternalService")
            .with("id", .text(Self.id("ExternalService", service.id)))
            .with("kind", .text(service.kind))
            .with("displayName", .text(service.displayName))
            .with("config", .text(service.config))
            .with("createdAt", .date(service.createdAt)).with("updatedAt", .date(service.createdAt))
            .with("warning", .null).with("namespace", .null)
            .with("url", .text(service.url))
            .with("repoCount", .int(service.repoCount))
            .with("lastSyncError", .text(service.lastSyncError))
            .with("lastSyncAt", .date(service.lastSyncAt))
            .with("nextSyncAt", .date(service.lastSyncAt?.addingTimeInterval(600)))
            .resolving("syncJobs") { arguments, _ in
                let page = service.syncJobs.prefix(
                    arguments["first"]?.integer.map { Int($0) } ?? service.syncJobs.count)
                return .object(
                    count("ExternalServiceSyncJobConnection", service.syncJobs.count)
                        .with("nodes", .list(page.map { .object(syncJob($0)) })))
            }
    }

    private func syncJob(_ job: FakeInstance.SyncJob) -> GraphQLObject {
        GraphQLObject("ExternalServiceSyncJob")
            .with("id", .text(Self.id("ExternalServiceSyncJob", job.id))).with("state", .text(job.state))
            .with("queuedAt", .date(job.queuedAt)).with("startedAt", .date(job.finishedAt))
            .with("finishedAt", .date(job.finishedAt)).with("failureMessage", .text(job.failureMessage))
    }
}
