internal import MigrationKitFoundation

/// Whether a migrated instance is well. Each question is asked in the words of its release, and by itself: that one
/// cannot be answered is a finding, and the others are asked all the same.
struct InstanceHealth {
    let instance: SourcegraphInstance
    /// The instance that it came from.
    let expected: SnapshotSummary
    /// From when on a failure counts.
    let since: Date

    /// Looks at everything.
    ///
    /// - Throws: `CancellationError` alone.
    func findings() async throws -> [Finding] {
        // Side by side: what takes the instance long, such as the drift of its schemas, holds nothing else up.
        async let alerts = finding("alerts") { try await self.alerts() }
        async let configuration = finding("site-configuration") { try await siteConfiguration() }
        async let codeHosts = finding("code-host-sync") { try await codeHostSync() }
        async let permissions = finding("permission-sync") {
            try await PermissionSync(instance, since: since).finding()
        }
        async let migrations = finding("out-of-band-migrations") { try await outOfBandMigrations() }
        async let drift = finding("schema-drift") { try await schemaDrift() }
        async let notice = finding("notice") { try await self.notice() }
        return try await [alerts, configuration, codeHosts, permissions, migrations, drift, notice].compactMap(\.self)
    }

    private func finding(_ name: String, _ look: () async throws -> Finding?) async throws -> Finding? {
        do {
            return try await look()
        } catch let error as MigrationError {
            try Task.checkCancellation()
            var finding = Finding(name, in: "health", error)
            finding.mayClear = true
            return finding
        }
    }

    static func finding(
        _ name: String, _ verdict: Finding.Verdict, _ reason: String, _ details: [String] = [], remedy: String? = nil,
        mayClear: Bool = false
    ) -> Finding {
        finding(name, verdict, reason, FirstLines(details), remedy: remedy, mayClear: mayClear)
    }

    static func finding(
        _ name: String, _ verdict: Finding.Verdict, _ reason: String, _ details: FirstLines, remedy: String? = nil,
        mayClear: Bool = false
    ) -> Finding {
        Finding(
            name, in: "health", verdict, reason, details: details.text, remedy: remedy, mayClear: mayClear)
    }

    // MARK: The site

    private func alerts() async throws -> Finding {
        let alerts = try await instance.siteAlerts()
        let graded = alerts.map { alert in
            (alert, AlertGrade(alert, before: expected.instance?.alerts ?? []))
        }
        let worst = graded.map(\.1.verdict).max() ?? .pass
        let lines = graded.sorted { $0.1.verdict > $1.1.verdict }.map { alert, grade in
            "\(grade.verdict.rawValue): \(alert.type) \(alert.message.prefix(200)) (\(grade.meaning))"
        }
        if worst == .pass {
            return Self.finding("alerts", .pass, "No alerts that need attention (\(alerts.count) in total).", lines)
        }
        return Self.finding(
            "alerts", worst, "Alerts that need attention: \(graded.count { $0.1.verdict == worst }).", lines,
            remedy: "Site admins see them at the top of every page.", mayClear: true)
    }

    private func siteConfiguration() async throws -> Finding {
        struct Answer: Decodable, Sendable {
            var site: Site
            struct Site: Decodable { var configuration: Configuration }
            struct Configuration: Decodable { var validationMessages: [String] }
        }
        let query = GraphQLQuery("SiteConfiguration", "", "site { configuration { validationMessages } }")
        let messages = try await instance.ask(query, as: Answer.self, "The site configuration").site.configuration
            .validationMessages
        if messages.isEmpty {
            return Self.finding("site-configuration", .pass, "The site configuration is valid.")
        }
        return Self.finding(
            "site-configuration", .warn, "The site configuration has \(messages.count) problems.", messages,
            remedy: "Fix them: Site admin, Site configuration.")
    }

    private func notice() async throws -> Finding {
        let notice = try await SiteNotice(instance).status()
        if !notice.isShown { return Self.finding("notice", .pass, "No notice says that a migration is in progress.") }
        return Self.finding(
            "notice", .warn,
            "Every page still shows the notice that a migration is in progress: it came with the databases.",
            remedy: "Once the instance works: `mi-migrate notice remove`")
    }

    // MARK: Code hosts

    private func codeHostSync() async throws -> Finding {
        guard instance.api >= .tellsSyncErrors else {
            return Self.finding(
                "code-host-sync", .pass, "Sourcegraph \(instance.api) does not report the sync of code hosts.")
        }
        var failed = FirstLines()
        var awaited = 0
        var all = 0
        try await instance.forEachCodeHost(withHealth: true) { hosts, _ in
            for host in hosts {
                all += 1
                if let error = host.lastSyncError, !error.isEmpty {
                    failed.append("\(host.kind) \(host.displayName): \(error)")
                } else if instance.api >= .tellsSyncTimes, !hasSynchronised(host) {
                    awaited += 1
                }
            }
        }
        if !failed.isEmpty {
            return Self.finding(
                "code-host-sync", .fail, "\(failed.count) of \(all) code hosts failed to sync.", failed,
                remedy: "Check that the instance can reach them (addresses, firewalls) and that their tokens are "
                    + "valid: "
                    + "Site admin, Code host connections.", mayClear: true)
        }
        if awaited > 0 {
            let reason =
                awaited == all
                ? "None of the \(all) code hosts has synced on the new instance yet."
                : "\(awaited) of \(all) code hosts have not synced on the new instance yet."
            return Self.finding("code-host-sync", .warn, reason, mayClear: true)
        }
        return Self.finding("code-host-sync", .pass, "The last sync of all \(all) code hosts succeeded.")
    }

    /// Whether this instance has: what its predecessor last did came with the databases, and says nothing of it.
    private func hasSynchronised(_ host: CodeHost) -> Bool {
        guard let last = host.lastSyncAt else { return false }
        guard let before = expected.instance.flatMap({ Date(instance: $0.createdAt) }) else { return true }
        return Date(instance: last).map { $0 >= before } ?? false
    }

    // MARK: Migrations and schemas

    private func outOfBandMigrations() async throws -> Finding? {
        guard instance.api >= .hasOutOfBandMigrations else { return nil }
        let unfinished = try await instance.outOfBandMigrations().filter { !$0.isFinished }
        if unfinished.isEmpty {
            return Self.finding("out-of-band-migrations", .pass, "All out-of-band migrations are finished.")
        }
        let lines = unfinished.map { one in
            let percent = Quantity.percent(one.progress)
            let error = one.errors.first.map { "; \($0.message)" } ?? ""
            return "\(one.description) (deprecated \(one.deprecated ?? "never")): \(percent)%\(error)"
        }
        return Self.finding(
            "out-of-band-migrations", .warn, "\(unfinished.count) out-of-band migrations are not finished.", lines,
            remedy: "They continue in the background; the next upgrade waits for the deprecated ones. "
                + "See Site admin, Migrations.", mayClear: true)
    }

    private func schemaDrift() async throws -> Finding? {
        guard instance.api >= .tellsSchemaDrift else { return nil }
        struct Answer: Decodable, Sendable {
            var site: Site
            struct Site: Decodable { var upgradeReadiness: Readiness }
            struct Readiness: Decodable { var schemaDrift: [Drift] }
            struct Drift: Decodable {
                var name: String
                var problem: String
            }
        }
        let query = GraphQLQuery(
            "SchemaDrift", "", "site { upgradeReadiness { schemaDrift { name problem } } }")
        let drift: [Answer.Drift]
        do {
            drift = try await instance.ask(query, as: Answer.self, "The schemas").site.upgradeReadiness.schemaDrift
        } catch let error as MigrationError {
            // It fetches the schemas that there should be, which not every network lets it.
            return Self.finding(
                "schema-drift", .warn, "The instance could not compare its schemas.",
                error.details.isEmpty ? [error.message] : error.details)
        }
        if drift.isEmpty { return Self.finding("schema-drift", .pass, "The schemas match the release.") }
        return Self.finding(
            "schema-drift", .warn, "The schemas differ from the release in \(drift.count) places.",
            drift.map { "\($0.name): \($0.problem)" },
            remedy: "See Site admin, Updates, for how to fix each. The next upgrade stops at them.")
    }
}
