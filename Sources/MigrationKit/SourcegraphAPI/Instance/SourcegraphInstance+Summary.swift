extension SourcegraphInstance {
    private static let attempts = 3
    /// Ten pages: some seconds on a slow link.
    private static let toldEvery = 10 * pageSize

    /// What the instance is, so that another can be held against it.
    ///
    /// - Parameters:
    ///   - asksAlerts: Whether its alerts are asked for, which takes longest.
    ///   - onEvent: Is told how far it is.
    /// - Throws: ``MigrationError`` if the instance cannot be asked, or the token is no site admin's.
    package func summary(
        asksAlerts: Bool = true, _ onEvent: MigrationEventHandler = { _ in }
    ) async throws -> SnapshotSummary {
        try requireSiteAdmin()
        // Side by side: what the instance does not answer for a while holds nothing else up.
        async let asked = InstanceCounts(of: self)
        async let providers = authProviders()
        async let shown = asksAlerts ? alertsOrReason() : .success([])
        let services = try await externalServices(onEvent)
        let counted = try await asked
        var notCounted = counted.notCounted
        var alerts: [SiteAlert] = []
        switch try await shown {
        case .success(let all): alerts = all
        case .failure(let error): notCounted["alerts"] = error.details.first?.printable ?? error.message.printable
        }
        return SnapshotSummary(
            externalServices: services, authProviders: try await providers,
            instance: SnapshotSummary.Instance(
                productVersion: productVersion, siteID: siteID,
                codeHosts: services.reduce(into: [:]) { $0[$1.kind, default: 0] += 1 },
                counts: counted.counts, notCounted: notCounted, alerts: alerts.map(\.message)))
    }

    /// The instance asks other servers for them, and a summary is one without them, too.
    private func alertsOrReason() async throws -> Result<[SiteAlert], MigrationError> {
        do { return .success(try await siteAlerts()) } catch let error as MigrationError {
            try Task.checkCancellation()
            return .failure(error)
        }
    }

    /// All connections to code hosts. One that is added or removed meanwhile shows in their number, and they are read
    /// again.
    func externalServices(_ onEvent: MigrationEventHandler) async throws -> [SnapshotSummary.ExternalService] {
        for _ in 1...Self.attempts {
            var services: [SnapshotSummary.ExternalService] = []
            var total = 0
            try await forEachCodeHost { hosts, count in
                services += hosts.map { SnapshotSummary.ExternalService(kind: $0.kind, id: $0.id) }
                total = count
                if services.count < count, services.count.isMultiple(of: Self.toldEvery) {
                    onEvent(
                        .notice(
                            .init(
                                .codeHostsListed,
                                "\(Quantity.count(services.count)) of \(Quantity.count(count)) code hosts.",
                                ["count": .init(services.count), "total": .init(count)])))
                }
            }
            if services.count == total, Set(services.map(\.id)).count == total { return services }
        }
        throw MigrationError(
            .failed, "The list of code hosts keeps changing: its length never matches its total.",
            next: "Run the same command again when nobody is editing code hosts.")
    }
}
