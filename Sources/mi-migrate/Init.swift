import ArgumentParser
import MigrationKitCommandSupport
import MigrationKitFoundation
import SystemPackage

/// `mi-migrate init`
struct Init: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Write migration.yaml: a migration's settings, with a comment for each line.",
        discussion: """
            Takes what flags and variables say, as the other commands do. On a terminal, asks for what is missing. The \
            file is readable by you alone, and holds no password.

            Examples:
              mi-migrate init
              mi-migrate init --bucket=gs://acme-snapshot --output=customers/acme.yaml
            """
    )

    @OptionGroup(title: "Migration") var settings: SettingsOptions

    @OptionGroup(title: "Database access") var access: AccessOptions

    @OptionGroup(title: "Machine") var machine: MachineOptions

    @OptionGroup(title: "Instance") var initialize: InitializeOptions

    @Option(
        name: .shortAndLong, help: ArgumentHelp("Write to this file.", valueName: "file"), completion: .file())
    var output = SettingsFile.standardName

    @OptionGroup var file: NewFileOptions

    @OptionGroup(title: "Output") var shown: OutputOptions

    /// What is asked for where nobody has said it, with an example.
    private static let questions: [(name: SettingName, text: String)] = [
        (.project, "Google project of the Cloud SQL instance"), (.instance, "Cloud SQL instance"),
        (.bucket, "Bucket with the snapshot, such as gs://acme-snapshot"),
        (.machine, "Machine of the instance, such as ssh://sre@10.0.0.4"),
        (.endpoint, "URL of the instance"), (.adminEmail, "Email address of the customer's administrator"),
    ]

    func run() async throws {
        let path = FilePath(output)
        try file.check(path)
        let flags = settings.flags.merging(access.flags) { $1 }.merging(machine.flags) { $1 }
            .merging(initialize.flags) { $1 }.compactMapValues(\.self)
        let environment = ProcessInfo.processInfo.environment
        // As they are written: a file is read from its own folder, and those that are wrong are refused here.
        _ = try MigrationSettings.resolve(flags: flags, environment: environment)
        var known = flags.filter { $0.key != .connection && $0.key != .into }
        for name in SettingName.allCases where known[name] == nil && name != .password {
            if let variable = name.variable, let value = environment[variable], !value.isEmpty { known[name] = value }
        }
        if !shown.json {
            for (name, text) in Self.questions where known[name] == nil {
                if flags[.into] != nil, [.project, .instance].contains(name) { continue }
                let answer = try Question.ask("\(text) (empty: later)")
                if !answer.isEmpty { known[name] = answer }
            }
        }
        _ = try MigrationSettings.resolve(flags: known.merging(flags) { $1 })
        for name in [SettingName.connection, .into] {
            if let text = flags[name] { known[name] = try PostgresURI(text).withoutPassword }
        }
        try await file.write(SettingsFile.template(known), to: path)
        shown.console.show(result: ["settings": output])
        let isStandard = output == SettingsFile.standardName
        let next = "mi-migrate config" + (isStandard ? "" : " \("--config=\(output)".shellQuoted)")
        shown.advise("Wrote \(output). Check its values. Next: \(next)")
    }
}
