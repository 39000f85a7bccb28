internal import MigrationKitFoundation

/// Whether the permissions of users and repositories are fetched from code hosts.
///
/// `src` asks for 500 jobs, gets 100, and looks for a state `ERROR` that there is not: it is `ERRORED`.
///
/// Source: Sourcegraph 5.1.8, graphqlbackend/permissions_sync_jobs.graphql; 4.2 to 4.5 had another form.
struct PermissionSync {
    private let instance: SourcegraphInstance
    private let since: Date

    private var jobs = 0
    private var failures = FirstLines()
    private var partFailures = FirstLines()
    /// Whether there are more than were read.
    private var isCut = false

    /// Beyond so many the newest have told enough.
    private static let limit = 10_000

    init(_ instance: SourcegraphInstance, since: Date) {
        self.instance = instance
        self.since = since
    }

    /// What came of it.
    mutating func look() async throws -> Finding {
        guard instance.api >= .hasPermissionJobs else {
            return InstanceHealth.finding(
                "permission-sync", .pass, "Sourcegraph \(instance.api) does not report permission syncs.")
        }
        if instance.api >= .hasPermissionJobPages { try await readPages() } else { try await readOldForm() }
        let failing = instance.api >= .hasPermissionStats ? try await latestJobsFailing() : nil
        return judged(failing: failing)
    }

    /// What came of it.
    func finding() async throws -> Finding {
        var copy = self
        return try await copy.look()
    }

    private func judged(failing: Int?) -> Finding {
        if !failures.isEmpty, failing != 0 {
            return InstanceHealth.finding(
                "permission-sync", .fail, "\(failures.count) of \(jobs) permission-sync jobs failed.",
                failures,
                remedy: "Check that the instance can reach the code hosts and that their tokens are valid. Without "
                    + "permissions, users see fewer repositories than they should.", mayClear: true)
        }
        if isCut, failing != 0 {
            return InstanceHealth.finding(
                "permission-sync", failing == nil ? .warn : .fail,
                "There are more permission-sync jobs than the \(Quantity.count(Self.limit)) that were checked; "
                    + (failing.map { "the latest jobs of \($0) users or repositories failed." }
                        ?? "none of those failed."),
                remedy: "Check the rest: Site admin, Permissions; or test with a shorter --since.", mayClear: true)
        }
        if let failing, failing > 0 {
            return InstanceHealth.finding(
                "permission-sync", .warn,
                "The latest permission-sync jobs of \(failing) users or repositories failed, before --since.",
                mayClear: true)
        }
        if !partFailures.isEmpty {
            return InstanceHealth.finding(
                "permission-sync", .warn, "Some code hosts did not return permissions, in \(partFailures.count) jobs.",
                partFailures, mayClear: true)
        }
        let fixed = failures.isEmpty ? "" : "; \(failures.count) failed, and later ones succeeded"
        return InstanceHealth.finding("permission-sync", .pass, "\(jobs) permission-sync jobs ran\(fixed).")
    }

    // MARK: Jobs

    private mutating func take(state: String, finishedAt: String?, message: String?, hosts: [HostState]) -> Bool {
        guard let finishedAt else { return true }
        // One whose time cannot be read is rather told in vain than passed over.
        if let time = Date(instance: finishedAt), time < since { return false }
        jobs += 1
        let refused = hosts.filter { $0.status.uppercased() == "ERROR" }
        let reasons = ([message].compactMap(\.self) + refused.map { "\($0.providerID): \($0.message)" })
        let line = "\(finishedAt): " + reasons.filter { !$0.isEmpty }.joined(separator: "; ").prefix(400)
        if ["ERROR", "ERRORED", "FAILED"].contains(state.uppercased()) {
            failures.append(line)
        } else if !refused.isEmpty {
            partFailures.append(line)
        }
        return true
    }

    private struct HostState: Sendable {
        var providerID: String
        var status: String
        var message: String
    }

    private mutating func readPages() async throws {
        struct Job: Decodable, Sendable {
            var state: String
            var finishedAt: String?
            var failureMessage: String?
            var codeHostStates: [State]?
            struct State: Decodable {
                var providerID: String
                var status: String
                var message: String
            }
        }
        let text = """
            page: permissionsSyncJobs(first: $first, after: $after) { totalCount nodes \
            { state finishedAt failureMessage codeHostStates { providerID status message } } \
            pageInfo { hasNextPage endCursor } }
            """
        var read = 0
        try await instance.forEachPage(of: Job.self, "The permission-sync jobs") { cursor in
            GraphQLQuery(
                "PermissionJobs", "$first: Int, $after: String", text,
                variables: ["first": .number(Double(SourcegraphInstance.pageSize)), "after": cursor])
        } _: { page in
            read += page.nodes.count
            // Newest first: one that has ended too long ago says that all behind it have, but for those in the queue.
            let areRecent = page.nodes.map { job in
                take(
                    state: job.state, finishedAt: job.finishedAt, message: job.failureMessage,
                    hosts: (job.codeHostStates ?? []).map {
                        HostState(providerID: $0.providerID, status: $0.status, message: $0.message)
                    })
            }
            isCut = areRecent.contains(true) && read >= Self.limit && page.pageInfo?.hasNextPage == true
            return areRecent.contains(true) && !isCut
        }
    }

    /// As 4.2 to 4.5 have it.
    private mutating func readOldForm() async throws {
        struct Answer: Decodable, Sendable {
            var permissionsSyncJobs: Jobs
            struct Jobs: Decodable { var nodes: [Job] }
            struct Job: Decodable {
                var status: String
                var completedAt: String
                var message: String
                var providers: [Provider]
            }
            struct Provider: Decodable {
                var id: String
                var status: String
                var message: String
            }
        }
        let query = GraphQLQuery(
            "PermissionJobs", "$first: Int!",
            """
            permissionsSyncJobs(first: $first) \
            { nodes { status completedAt message providers { id status message } } }
            """, variables: ["first": 500])
        let jobs = try await instance.ask(query, as: Answer.self, "The permission-sync jobs")
        for job in jobs.permissionsSyncJobs.nodes {
            _ = take(
                state: job.status, finishedAt: job.completedAt, message: job.message,
                hosts: job.providers.map { HostState(providerID: $0.id, status: $0.status, message: $0.message) })
        }
    }

    /// How many users and repositories there are whose latest job has failed.
    private func latestJobsFailing() async throws -> Int {
        struct Answer: Decodable, Sendable {
            var permissionsSyncingStats: Stats
            struct Stats: Decodable {
                var usersWithLatestJobFailing: Int
                var reposWithLatestJobFailing: Int
            }
        }
        let query = GraphQLQuery(
            "PermissionStats", "",
            "permissionsSyncingStats { usersWithLatestJobFailing reposWithLatestJobFailing }")
        let stats = try await instance.ask(query, as: Answer.self, "The permission-sync statistics")
            .permissionsSyncingStats
        return Quantity.sum([stats.usersWithLatestJobFailing, stats.reposWithLatestJobFailing])
    }
}

extension SourcegraphVersion {
    /// The first that lists jobs that fetch permissions.
    static let hasPermissionJobs = SourcegraphVersion(4, 2)
    /// The first that lists them page by page.
    static let hasPermissionJobPages = SourcegraphVersion(5, 0)
    /// The first that tells how many have a failed job as their latest.
    static let hasPermissionStats = SourcegraphVersion(5, 1)
}
