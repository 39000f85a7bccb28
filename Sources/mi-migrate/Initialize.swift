import ArgumentParser
import MigrationKitCommandSupport

/// `mi-migrate initialize`
struct Initialize: Operation {
    static let step = MigrationStep.initialize

    static let configuration = CommandConfiguration(
        commandName: "initialize",
        abstract: "Set the instance's URL, and create an account for the customer's administrator.",
        discussion: """
            Needs SRC_ENDPOINT and SRC_ACCESS_TOKEN, a site admin's token for the migrated instance. Only does what is \
            missing, so it can be repeated. A link for setting a password is printed on standard output, once. On a machine \
            mi://customer, `mi init-instance` does this instead.

            Examples:
              mi-migrate initialize --admin-email=ada@example.com
              mi-migrate initialize --external-url=https://acme.sourcegraphcloud.com
            """
    )

    @OptionGroup(title: "Migration") var settings: SettingsOptions

    @OptionGroup(title: "Machine") var machine: MachineOptions

    @OptionGroup(visibility: .hidden) var access: AccessOptions

    @OptionGroup(visibility: .hidden) var audit: AuditOptions

    @OptionGroup(title: "Instance") var initialize: InitializeOptions

    @OptionGroup var lock: LockOptions

    @OptionGroup(title: "Output") var output: OutputOptions

    var flags: [SettingName: String?] { initialize.flags }

    func operate(_ flow: OperateInstance) async throws -> String {
        var flow = flow
        flow.acceptance.onSecret = { [console = output.console] in try console.show($0) }
        return try await flow.initialize(takingOver: lock.takeOver)
    }
}
