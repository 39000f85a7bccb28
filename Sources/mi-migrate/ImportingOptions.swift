import ArgumentParser
import MigrationKitCommandSupport

/// What each command takes that imports, or plans to: on what it works, and how.
struct ImportingOptions: ParsableArguments {
    @OptionGroup(title: "Migration") var settings: SettingsOptions

    @OptionGroup(title: "Database access") var access: AccessOptions

    @OptionGroup var database: DatabaseOptions

    @OptionGroup(title: "Import") var options: ImportOptions

    @OptionGroup var server: ServerOptions

    @OptionGroup var lock: LockOptions

    @OptionGroup(title: "Machine") var machine: MachineOptions

    @OptionGroup(visibility: .hidden) var audit: AuditOptions

    /// Finds bucket, destination and journal.
    ///
    /// - Parameters:
    ///   - plan: What counts where no flag says otherwise, before the environment and the file.
    ///   - others: Flags that the command has besides.
    ///   - beginsBeside: See ``MigrationTarget``.
    ///   - looks: See ``MigrationTarget``.
    func target(
        of plan: ImportPlan? = nil, with others: [SettingName: String?] = [:], beginsBeside: Bool = false,
        looks: Bool = false, _ console: Console
    ) async throws -> MigrationTarget {
        try await MigrationTarget(
            settings.settings(console, of: plan, access.flags, machine.flags, others), settle: server.settle.duration,
            importing: options, beginsBeside: beginsBeside, looks: looks, console)
    }

    /// The import, as it was asked for.
    func flow(
        of target: MigrationTarget, _ console: Console,
        confirm: @escaping @Sendable (ImportPlan) async throws -> Bool
    ) async -> ImportSnapshot {
        var flow = ImportSnapshot(
            store: target.store, importer: target.importer, journal: target.journal,
            databases: database.database?.databases ?? target.settings.databases.value, confirm: confirm,
            onEvent: console.show)
        options.apply(to: &flow)
        flow.rates = await target.rates(console)
        flow.terminatesConnections = server.terminateConnections
        flow.takesOver = lock.takeOver
        return flow
    }
}
