import ArgumentParser
import MigrationKitCommandSupport

/// A command that does one step with an instance, and notes it in the journal of its migration where there is one.
protocol Operation: AsyncParsableCommand {
    /// The step.
    static var step: MigrationStep { get }
    var settings: SettingsOptions { get }
    var machine: MachineOptions { get }
    var access: AccessOptions { get }
    var lock: LockOptions { get }
    var output: OutputOptions { get }

    /// More settings that were given by flags.
    var flags: [SettingName: String?] { get }

    /// Does the step, as it was asked for.
    ///
    /// - Returns: What was done.
    func operate(_ flow: OperateInstance) async throws -> String
}

extension Operation {
    var flags: [SettingName: String?] { [:] }

    func run() async throws {
        let console = output.console
        let settings = try settings.settings(console, access.flags, machine.flags, flags)
        let instance = try MachineOptions.requiredInstance(settings, onEvent: console.show)
        let journal = try await MigrationJournal.ofMigration(settings, console)
        let result = try await operate(
            OperateInstance(MachineOptions.acceptance(settings, instance, journal, console)))
        console.show(result: [Self.step.rawValue: result])
        output.advise(result)
    }
}

extension MigrationJournal {
    /// That of the migration, where one has begun.
    static func ofMigration(_ settings: MigrationSettings, _ console: Console) async throws -> MigrationJournal {
        guard settings.journal ?? settings.bucket != nil, let server = server(settings) else {
            return MigrationJournal(store: nil)
        }
        let journal = try await settings.journalPlace(server, console).find()
        guard await !journal.entries.isEmpty else { return MigrationJournal(store: nil) }
        if let place = journal.location {
            console.show(.notice(.init(.journalFound, "Journal: \(place)", ["location": .init(place)])))
        }
        return journal
    }

    private static func server(_ settings: MigrationSettings) -> String? {
        if let uri = settings.into?.value { return uri.serverName }
        guard let project = settings.project?.value, let instance = settings.instance?.value else { return nil }
        return "\(project).\(instance)"
    }
}

extension RunMigrator {
    /// A command of the migrator by itself.
    init(
        _ settings: SettingsOptions, _ access: AccessOptions, _ machine: MachineOptions, _ console: Console
    ) async throws {
        let settings = try settings.settings(console, access.flags, machine.flags)
        self.init(
            instance: try MachineOptions.requiredInstance(settings, onEvent: console.show),
            journal: try await .ofMigration(settings, console))
        databases = settings.databases.value
    }
}
