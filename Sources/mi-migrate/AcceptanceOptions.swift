import ArgumentParser
import MigrationKitCommandSupport

/// How an instance is made ready for its users.
struct InitializeOptions: ParsableArguments {
    @Option(
        name: .goStyle("admin-email"),
        help: ArgumentHelp("Create an account for the customer's administrator.", valueName: "address"))
    var adminEmail: String?

    @Option(
        name: .goStyle("external-url"),
        help: ArgumentHelp("The URL users open in their browsers (default: $SRC_ENDPOINT).", valueName: "url"))
    var externalURL: String?

    /// The settings that were given by flags.
    var flags: [SettingName: String?] { [.adminEmail: adminEmail, .externalURL: externalURL] }
}

/// How an instance is checked.
struct CheckOptions: ParsableArguments {
    @Option(
        name: .goStyle("executors"),
        help: ArgumentHelp(
            "Check that the executors of this instance group register: gcloud://project/zone/group.",
            valueName: "group"))
    var executors: String?

    @Option(
        name: .goStyle("wait"),
        help: ArgumentHelp("How long to wait until the instance passes all checks.", valueName: "duration"))
    var wait = ArgumentDuration(.seconds(600))

    /// The settings that were given by flags.
    var flags: [SettingName: String?] { [.executors: executors] }
}
