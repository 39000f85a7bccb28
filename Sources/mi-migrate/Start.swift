import ArgumentParser
import MigrationKitCommandSupport

/// `mi-migrate start`
struct Start: Operation {
    static let step = MigrationStep.start

    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Start the instance, and wait until all of its services are running.",
        discussion: """
            Runs `docker-compose up -d` on the instance's machine. A migrator that keeps failing is stopped, and its error is \
            shown. If the migration has a journal, its databases must be upgraded first, and the step is recorded.

            Examples:
              mi-migrate start --machine=ssh://sre@10.0.0.4
              mi-migrate start                                   # with migration.yaml
            """
    )

    @OptionGroup(title: "Migration") var settings: SettingsOptions

    @OptionGroup(title: "Machine") var machine: MachineOptions

    @OptionGroup(visibility: .hidden) var access: AccessOptions

    @OptionGroup(visibility: .hidden) var audit: AuditOptions

    @OptionGroup var lock: LockOptions

    @OptionGroup(title: "Output") var output: OutputOptions

    func operate(_ flow: OperateInstance) async throws -> String { try await flow.start(takingOver: lock.takeOver) }
}
