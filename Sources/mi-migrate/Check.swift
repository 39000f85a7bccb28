import ArgumentParser
import MigrationKitCommandSupport

/// `mi-migrate check`
struct Check: Operation {
    static let step = MigrationStep.check

    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check that the instance's services, frontend and executors are healthy.",
        discussion: """
            Waits for services that are still starting. Needs SRC_ENDPOINT and SRC_ACCESS_TOKEN, a site admin's token; \
            changes nothing, except that executors, if specified, are scaled up for a test and back. On a machine \
            mi://customer, `mi check --executors` does this instead.

            Exit status 7: a check failed.

            Examples:
              mi-migrate check --machine=ssh://sre@10.0.0.4
              mi-migrate check --executors=gcloud://project/zone/group
            """
    )

    @OptionGroup(title: "Migration") var settings: SettingsOptions

    @OptionGroup(title: "Machine") var machine: MachineOptions

    @OptionGroup(visibility: .hidden) var access: AccessOptions

    @OptionGroup(visibility: .hidden) var audit: AuditOptions

    @OptionGroup(title: "Check") var check: CheckOptions

    @OptionGroup var lock: LockOptions

    @OptionGroup(title: "Output") var output: OutputOptions

    var flags: [SettingName: String?] { check.flags }

    func operate(_ flow: OperateInstance) async throws -> String {
        var flow = flow
        flow.acceptance.patience = check.wait.duration
        return try await flow.check(takingOver: lock.takeOver)
    }
}
