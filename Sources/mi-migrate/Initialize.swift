import ArgumentParser
import MigrationKitCommandSupport

/// `mi-migrate initialize`
struct Initialize: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
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

    @OptionGroup var settings: SettingsOptions

    @OptionGroup var machine: MachineOptions

    @Option(
        name: .goStyle("admin-email"),
        help: ArgumentHelp("Create an account for the customer's administrator.", valueName: "address"))
    var adminEmail: String?

    @Option(
        name: .goStyle("external-url"),
        help: ArgumentHelp("The URL users open in their browsers (default: $SRC_ENDPOINT).", valueName: "url"))
    var externalURL: String?

    @Flag(name: .goStyle("take-over"), help: "Break the lock of another run. Make sure that it is dead.")
    var takeOver = false

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let console = output.console
        var flow = try await Operation.operating(
            settings, machine, console, [.adminEmail: adminEmail, .externalURL: externalURL])
        flow.acceptance.onSecret = { try console.show($0) }
        Operation.show(try await flow.initialize(takingOver: takeOver), of: .initialize, output)
    }
}
