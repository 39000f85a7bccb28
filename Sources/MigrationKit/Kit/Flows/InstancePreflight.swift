/// Whether a migration can go its way once the databases are imported, as far as the instance's machine, the settings and
/// the snapshot tell: looked at before anything is changed, by `run`, and by `plan`, `import` and `rehearse` where
/// somebody has said which instance it is.
package struct InstancePreflight: Sendable {
    /// What will be done with the instance.
    package var acceptance: AcceptInstance
    /// The bucket.
    package var store: any ObjectStore
    /// The upgrade on the server that is imported into; nil: it is not known which that will be.
    package var upgrading: UpgradeInstance?
    /// Whether it is refused that nobody tells from which release the upgrade will be.
    package var requiresRelease = true
    /// Takes what happens.
    package var onEvent: MigrationEventHandler

    /// Names what is looked at; see the properties.
    package init(
        _ acceptance: AcceptInstance, store: any ObjectStore, upgrading: UpgradeInstance? = nil,
        onEvent: @escaping MigrationEventHandler = { _ in }
    ) {
        (self.acceptance, self.store, self.upgrading, self.onEvent) = (acceptance, store, upgrading, onEvent)
    }

    private var instance: any InstanceController { acceptance.instance }

    /// Looks at what some steps need.
    ///
    /// - Parameters:
    ///   - steps: Those that will be done.
    ///   - areImported: Whether the databases are those of the dump already.
    ///   - isUploaded: Whether the snapshot is complete; else what only it tells is passed over: the release to upgrade
    ///     from, and the summary.
    /// - Throws: ``MigrationError`` for the first that one of them would stop at.
    func require(
        for steps: [MigrationStep] = MigrationStep.allCases, areImported: Bool = false, isUploaded: Bool = true
    ) async throws {
        let told = isUploaded ? steps : steps.filter { $0 != .upgrade && $0 != .test }
        _ = try await checkMachine(for: told, areImported: areImported)
        try acceptance.checkSettings(for: steps)
        if told.contains(.test) { _ = try await SummaryLocation.inSnapshot(store) }
    }

    /// Looks at what all steps need, whatever comes of each. What the snapshot holds is left to ``SnapshotFindings``.
    ///
    /// - Throws: `CancellationError` alone.
    func findings() async throws -> [Finding] {
        let steps = MigrationStep.allCases
        return [
            try await finding("machine") { try await checkMachine(for: steps, areImported: false) },
            try await finding("access-token") {
                try acceptance.checkSettings(for: steps)
                return "There is an access token for \(try acceptance.client().access.name)."
            },
        ]
    }

    private func finding(_ name: String, _ look: () async throws -> String) async throws -> Finding {
        do { return Finding(name, in: "instance", .pass, try await look()) } catch let error as MigrationError {
            try Task.checkCancellation()
            return Finding(name, in: "instance", error)
        }
    }

    /// The machine, and the way to the release that it is set up to run.
    private func checkMachine(for steps: [MigrationStep], areImported: Bool) async throws -> String {
        let isUpgraded = areImported ? await isUpgraded : false
        if steps.contains(.upgrade), !isUpgraded {
            guard let summary = try await summaryOfUpgrade(areImported) else {
                let unknown = "The snapshot does not say which release it is of: no upgrade from it was planned."
                onEvent(.warning(.init(.upgradeUnplanned, unknown, ["instance": .init(instance.name)])))
                return "\(try await setup()) \(unknown)"
            }
            if upgrading != nil {
                onEvent(.notice(.init(.upgradePlanned, summary, ["instance": .init(instance.name)])))
            }
            return "Docker works on \(instance.name). \(summary)"
        }
        guard steps.contains(where: { $0 == .freeze || $0 > .analyze }) else { return "" }
        return try await setup()
    }

    private func setup() async throws -> String {
        let release = try await instance.configuration().release
        return "\(instance.name) is set up to run \(release.map { "Sourcegraph \($0)" } ?? "an unknown release")."
    }

    private var isUpgraded: Bool {
        get async { await upgrading?.journal.state.progress(of: .upgrade).isOver ?? false }
    }

    /// - Returns: Nil if nobody tells from which release, and that is not refused.
    private func summaryOfUpgrade(_ areImported: Bool) async throws -> String? {
        if var upgrading {
            // An upload that was followed has told it meanwhile.
            try await upgrading.readRelease(from: store)
            if !requiresRelease, !areImported, upgrading.from == nil, upgrading.dumpedRelease == nil { return nil }
            return try await upgrading.plan(areImported: areImported).summary
        }
        let dumped = try await DumpedRelease.read(from: store)
        let way = UpgradeWay(instance: instance, databases: dumped.present)
        let target = try await way.target()
        guard let release = dumped.release else { return nil }
        let path = try way.path(from: release, to: target)
        try UpgradeWay.require(dumped.unfinished, finishedBefore: path)
        return path.summary
    }
}
