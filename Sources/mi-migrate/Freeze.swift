import ArgumentParser
import MigrationKitCommandSupport

/// `mi-migrate freeze`
struct Freeze: Operation {
    static let step = MigrationStep.freeze

    static let configuration = CommandConfiguration(
        commandName: "freeze",
        abstract: "Stop the instance, so that nothing writes to its databases.",
        discussion: """
            Runs `docker-compose down` on the instance's machine, and checks that no container is left. Works at any time, \
            also before there is a snapshot. Run the same command again if it is interrupted.

            If the migration has a journal, the step is recorded there.

            Examples:
              mi-migrate freeze --machine=ssh://sre@10.0.0.4
              mi-migrate freeze                                  # with migration.yaml
            """
    )

    @OptionGroup(title: "Migration") var settings: SettingsOptions

    @OptionGroup(title: "Machine") var machine: MachineOptions

    @OptionGroup(visibility: .hidden) var access: AccessOptions

    @OptionGroup(visibility: .hidden) var audit: AuditOptions

    @OptionGroup var lock: LockOptions

    @OptionGroup(title: "Output") var output: OutputOptions

    func operate(_ flow: OperateInstance) async throws -> String { try await flow.freeze(takingOver: lock.takeOver) }
}
