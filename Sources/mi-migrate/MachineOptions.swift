import ArgumentParser
import MigrationKitCommandSupport

/// Where the instance runs, and how it is reached.
struct MachineOptions: ParsableArguments {
    @Option(
        name: .goStyle("machine"),
        help: """
            The machine that the instance runs on: local, ssh://user@host, a host of your ssh configuration, \
            gcloud://project/zone/name, or mi://customer.
            """)
    var machine: String?

    @Option(
        name: .goStyle("ssh-key"),
        help: ArgumentHelp("SSH private key (default: from your ssh configuration).", valueName: "file"),
        completion: .file())
    var sshKey: String?

    @Option(
        name: .goStyle("ssh-config"), help: ArgumentHelp("SSH configuration file (default: yours).", valueName: "file"),
        completion: .file())
    var sshConfig: String?

    @Option(
        name: .goStyle("deployment"),
        help: ArgumentHelp(
            "The folder with docker-compose.yaml on that machine (default: \(ComposeInstance.standardFolder)).",
            valueName: "folder"))
    var deployment: String?

    /// The settings that were given by flags.
    var flags: [SettingName: String?] {
        [.machine: machine, .sshKey: sshKey, .sshConfig: sshConfig, .deployment: deployment]
    }

    /// The instance; nil where no machine is named.
    static func instance(
        _ settings: MigrationSettings, onEvent: @escaping MigrationEventHandler
    ) -> ComposeInstance? {
        settings.machine.map { machine in
            ComposeInstance(
                machine.value, folder: settings.deployment.value, key: settings.sshKey?.value,
                sshConfiguration: settings.sshConfig?.value, onEvent: onEvent)
        }
    }

    /// The instance.
    static func requiredInstance(
        _ settings: MigrationSettings, onEvent: @escaping MigrationEventHandler
    ) throws -> ComposeInstance {
        guard let instance = instance(settings, onEvent: onEvent) else {
            throw MigrationError(
                .usage, "The machine that the instance runs on is not set.",
                next: "Use --machine=ssh://user@host, or `machine` in migration.yaml.")
        }
        return instance
    }

    /// Asks the instance, as a site admin: with `SRC_ACCESS_TOKEN`.
    static func client(_ settings: MigrationSettings, _ console: Console) throws -> SourcegraphClient {
        let access = try SourcegraphAccess.read(endpoint: settings.endpoint?.value)
        for warning in access.warnings {
            console.show(.warning(.init(.connectionDoubtful, warning, ["instance": .init(access.name)])))
        }
        var options = SourcegraphClient.Options()
        options.onNotice = { console.show(.warning($0)) }
        return try SourcegraphClient(access, options: options)
    }

    /// What is done with the instance once its databases are there.
    static func acceptance(
        _ settings: MigrationSettings, _ instance: any InstanceController, _ journal: MigrationJournal,
        _ console: Console
    ) -> AcceptInstance {
        var acceptance = AcceptInstance(instance: instance, journal: journal, mi: mi(settings)) {
            try client(settings, console)
        }
        acceptance.adminEmail = settings.adminEmail?.value
        acceptance.externalURL = settings.externalURL?.value
        acceptance.executors = settings.executors?.value
        acceptance.onEvent = console.show
        return acceptance
    }

    /// What is looked at of the instance before an import; nil, and said so, where nobody has named its machine.
    ///
    /// - Parameter upgrading: The upgrade on the server that is imported into, where that is known.
    static func preflight(
        _ settings: MigrationSettings, _ store: any ObjectStore, _ journal: MigrationJournal, _ console: Console,
        upgrading: (ComposeInstance) async throws -> UpgradeInstance? = { _ in nil }
    ) async throws -> InstancePreflight? {
        guard let instance = instance(settings, onEvent: StepLines.quiet(console.show)) else {
            console.show(
                .notice(
                    .init(
                        .instanceNotChecked,
                        "The instance was not checked: its machine is not set (--machine, or `machine` in "
                            + "migration.yaml).")))
            return nil
        }
        var preflight = InstancePreflight(
            acceptance(settings, instance, journal, console), store: store, upgrading: try await upgrading(instance),
            onEvent: console.show)
        // There is no --from that could say so.
        preflight.requiresRelease = false
        return preflight
    }

    /// `mi` is asked where it is the way to the machine: elsewhere it may work on another customer's.
    private static func mi(_ settings: MigrationSettings) -> MiCommand? {
        if case .mi(let customer) = settings.machine?.value { MiCommand(customer: customer) } else { nil }
    }
}
