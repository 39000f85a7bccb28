import ArgumentParser
import MigrationKitCommandSupport

/// What a step by itself works on: a machine, and the journal of its migration where there is one.
enum Operation {
    /// Reads the settings.
    ///
    /// - Parameter flags: More settings, as flags have given them.
    static func operating(
        _ settings: SettingsOptions, _ machine: MachineOptions, _ console: Console,
        _ flags: [SettingName: String?] = [:]
    ) async throws -> OperateInstance {
        let settings = try settings.settings(console, machine.flags.merging(flags) { $1 })
        let instance = try MachineOptions.requiredInstance(settings, onEvent: console.show)
        var acceptance = AcceptInstance(
            instance: instance, journal: try await journal(settings, console), mi: MachineOptions.mi(settings)
        ) {
            try MachineOptions.client(settings, console)
        }
        acceptance.adminEmail = settings.adminEmail?.value
        acceptance.externalURL = settings.externalURL?.value
        acceptance.executors = settings.executors?.value
        acceptance.onEvent = console.show
        return OperateInstance(acceptance)
    }

    /// The same for a command of the migrator.
    static func migrating(
        _ settings: SettingsOptions, _ machine: MachineOptions, _ console: Console
    ) async throws -> RunMigrator {
        let settings = try settings.settings(console, machine.flags)
        var flow = RunMigrator(
            instance: try MachineOptions.requiredInstance(settings, onEvent: console.show),
            journal: try await journal(settings, console))
        flow.databases = settings.databases.value
        return flow
    }

    /// That of the migration, where one has begun.
    private static func journal(_ settings: MigrationSettings, _ console: Console) async throws -> MigrationJournal {
        guard let location = settings.journal?.value ?? settings.bucket?.value,
            let server = server(settings)
        else { return MigrationJournal(store: nil) }
        let journal = try ImportOptions.openJournal(in: location, of: server, settings, console)
        try await journal.read()
        return await journal.entries.isEmpty ? MigrationJournal(store: nil) : journal
    }

    private static func server(_ settings: MigrationSettings) -> String? {
        if let uri = settings.into?.value { return uri.serverName }
        guard let project = settings.project?.value, let instance = settings.instance?.value else { return nil }
        return "\(project).\(instance)"
    }

    /// Prints what came of it.
    static func show(_ result: String, of step: MigrationStep, _ output: OutputOptions) {
        output.console.show(result: [step.rawValue: result])
        output.advise(result)
    }
}
