import ArgumentParser
import MigrationKitCommandSupport

/// `mi-migrate freeze`
struct Freeze: Operation {
    static let step = MigrationStep.freeze

    static let configuration = CommandConfiguration(
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

    @OptionGroup var settings: SettingsOptions

    @OptionGroup var machine: MachineOptions

    @Flag(name: .goStyle("take-over"), help: MachineOptions.takeOverHelp)
    var takeOver = false

    @OptionGroup var output: OutputOptions

    func operate(_ flow: OperateInstance) async throws -> String { try await flow.freeze(takingOver: takeOver) }
}
