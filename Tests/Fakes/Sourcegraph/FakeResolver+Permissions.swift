import MigrationKitBase
import TestSupport

extension FakeResolver {
    package func addPermissions(to query: inout GraphQLObject) {
        query =
            query
            .resolving("permissionsSyncJobs") { arguments, instance in
                try requireSiteAdmin()
                return .object(
                    api < SourcegraphVersion(5, 0)
                        ? recentJobs(arguments, instance) : try jobs(arguments, instance))
            }
            .resolving("permissionsSyncingStats") { _, instance in
                try requireSiteAdmin()
                let names = schema.types["PermissionsSyncingStats"]?.fields.map(\.name) ?? []
                return .object(
                    names.reduce(GraphQLObject("PermissionsSyncingStats")) { stats, name in
                        stats.with(name, .int(instance.permissionStats[name] ?? 0))
                    })
            }
    }

    // MARK: Before 5.0: jobs that are over, from Redis

    private func recentJobs(_ arguments: GraphQLObject.Arguments, _ instance: FakeInstance) -> GraphQLObject {
        let wanted = arguments["status"]?.string
        let jobs = instance.permissionJobs.reversed().filter { job in
            job.finishedAt != nil && wanted ?? Self.status(job) == Self.status(job)
        }
        let page = jobs.prefix(Int(arguments["first"]?.integer ?? 100))
        return count("PermissionsSyncJobConnection", jobs.count)
            .with("nodes", .list(page.map { .object(recentJob($0)) }))
    }

    private static func status(_ job: FakeInstance.PermissionJob) -> String {
        job.state != "COMPLETED" ? "ERROR" : job.isPartial ? "PARTIAL" : "SUCCESS"
    }

    private func recentJob(_ job: FakeInstance.PermissionJob) -> GraphQLObject {
        let providers = job.codeHosts.map { host in
            GraphQLValue.object(
                GraphQLObject("PermissionsProviderStatus").with("type", .text(host.type)).with("id", .text(host.id))
                    .with("status", .text(host.status)).with("message", .text(host.message)))
        }
        return GraphQLObject("PermissionsSyncJob")
            .with("id", .text(Self.id("PermissionsSyncJob", job.id)))
            .with("status", .text(Self.status(job))).with("completedAt", .date(job.finishedAt))
            .with("message", .text(job.failureMessage ?? "Syncing permissions")).with("providers", .list(providers))
    }

    // MARK: From 5.0

    /// As many as the real server gives at most, whatever is asked for.
    private static let pageLimit = 100

    private func jobs(_ arguments: GraphQLObject.Arguments, _ instance: FakeInstance) throws -> GraphQLObject {
        for name in ["query", "userID", "repoID"] where arguments[name].map({ $0 != .null }) == true {
            throw FakeFailure("the fake does not know which jobs \(name) is about")
        }
        let all = instance.permissionJobs.reversed().filter { job in
            (arguments["state"]?.string ?? job.state) == job.state
                && (arguments["reasonGroup"]?.string ?? job.reasonGroup) == job.reasonGroup
                && (arguments["searchType"]?.string ?? job.subject) == job.subject
                && (arguments["partial"]?.bool ?? job.isPartial) == job.isPartial
        }
        let (first, last) = (arguments["first"]?.integer, arguments["last"]?.integer)
        let after = try arguments["after"]?.string.map { try Self.number($0, "PermissionsSyncJob") }
        let before = try arguments["before"]?.string.map { try Self.number($0, "PermissionsSyncJob") }
        let rest = all.filter { repeatsPages || ($0.id < after ?? .max && $0.id > before ?? .min) }
        let length = min(Int(first ?? last ?? 0), Self.pageLimit)
        let page = first != nil ? Array(rest.prefix(length)) : Array(rest.suffix(length))
        @Sendable func requirePage() throws {
            guard first != nil || last != nil else {
                throw FakeFailure("you must provide a `first` or `last` value to properly paginate")
            }
        }
        let hasMore = rest.count > page.count || repeatsPages
        return GraphQLObject("PermissionsSyncJobsConnection")
            .with("totalCount", .int(all.count))
            .resolving("nodes") { _, _ in
                try requirePage()
                return .list(page.map { .object(job($0)) })
            }
            .resolving("pageInfo") { _, _ in
                try requirePage()
                return .object(
                    GraphQLObject("ConnectionPageInfo")
                        .with("startCursor", .text(page.first.map { Self.id("PermissionsSyncJob", $0.id) }))
                        .with("endCursor", .text(page.last.map { Self.id("PermissionsSyncJob", $0.id) }))
                        .with("hasNextPage", .bool(first != nil ? hasMore : before != nil))
                        .with("hasPreviousPage", .bool(first != nil ? after != nil : hasMore)))
            }
    }

    private func job(_ job: FakeInstance.PermissionJob) -> GraphQLObject {
        let codeHosts = job.codeHosts.map { host in
            GraphQLValue.object(
                GraphQLObject("CodeHostState").with("providerID", .text(host.id))
                    .with("providerType", .text(host.type)).with("status", .text(host.status))
                    .with("message", .text(host.message)))
        }
        return GraphQLObject("PermissionsSyncJob")
            .with("id", .text(Self.id("PermissionsSyncJob", job.id))).with("state", .text(job.state))
            .with("queuedAt", .date(job.queuedAt)).with("startedAt", .date(job.startedAt ?? job.finishedAt))
            .with("finishedAt", .date(job.finishedAt)).with("failureMessage", .text(job.failureMessage))
            .with("partialSuccess", .bool(job.isPartial)).with("placeInQueue", .null)
            .with("codeHostStates", .list(codeHosts))
            .with(
                "reason",
                .object(
                    GraphQLObject("PermissionsSyncJobReasonWithGroup").with("group", .text(job.reasonGroup))
                        .with("reason", .text(job.reason))))
    }
}
