import ArgumentParser
import MigrationKitCommandSupport
import SystemPackage

/// `mi-migrate plan`
struct Plan: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Write a plan of what an import would do and destroy, for `apply` to do exactly that.",
        discussion: """
            Validates the bucket, the destination and, if its machine is set, the instance as `import` does. Nothing changes, except that Cloud SQL tries to \
            read the bucket, in a scratch database that is dropped again.

            Examples:
              mi-migrate plan -o plan.json
              mi-migrate apply plan.json
            """
    )

    @OptionGroup var importing: ImportingOptions

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Write the plan to this file.", valueName: "file"), completion: .file())
    var output: String = "plan.json"

    @OptionGroup(title: "Output") var shown: OutputOptions

    func run() async throws {
        let console = shown.console
        let target = try await importing.target(looks: true, console)
        var flow = await importing.flow(of: target, console) { _ in false }
        flow.preflight = try await target.preflight(console)
        var plan = try await flow.plan()
        plan.settings = Dictionary(
            uniqueKeysWithValues: target.settings.portable.map { ($0.key.rawValue, $0.value) })
        try await plan.write(to: FilePath(output))
        console.show(result: plan)
        shown.print(plan.table)
        let next = NextCommand.line("mi-migrate apply \(output.shellQuoted)", repeating: NextCommand.ofPlan)
        shown.advise("Wrote the plan to \(output). Next: \(next)")
    }
}

/// `mi-migrate apply`
struct Apply: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Run a plan, if nothing has changed since it was made.",
        discussion: """
            Validates everything again, and refuses another snapshot, another instance, databases that have grown, or \
            a migration that somebody else has worked on since. The plan holds the settings that it was made with; only \
            passwords, and options of the import, are given again. Does not ask for confirmation: the plan was agreed to. \
            Only before it drops the databases of a finished migration, it asks for the destination's name.

            Example:
              mi-migrate apply plan.json
            """
    )

    @Argument(help: "The file that `mi-migrate plan` wrote.", completion: .file(extensions: ["json"]))
    var plan: String

    @OptionGroup var importing: ImportingOptions

    @Option(name: .goStyle("confirm"), help: Confirmation.nameHelp)
    var confirmed: String?

    @OptionGroup(title: "Output") var output: OutputOptions

    func run() async throws {
        let console = output.console
        let agreed = try await ImportPlan(readFrom: FilePath(plan))
        var told = agreed.settings ?? [:]
        told["database"] = told.removeValue(forKey: SettingName.databases.rawValue)
        NextCommand.tell(told)
        let target = try await importing.target(of: agreed, console)
        var flow = await importing.flow(of: target, console) { [confirmed, output] plan in
            output.warn(Import.table(plan))
            return try Confirmation.given(for: plan, yes: false, name: confirmed)
        }
        flow.preflight = try await target.preflight(console)
        flow.agreed = agreed
        if importing.database.database == nil {
            flow.databases = Database.allCases.filter { agreed.identity.databases.contains($0.dumpName) }
        }
        try await Import.run(flow, output, console)
        output.advise("Next: \(NextCommand.line("mi-migrate report"))")
    }
}
