import ArgumentParser
import Foundation
import MigrationKitCommandSupport
import SystemPackage

/// `mi-migrate plan`
struct Plan: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a plan of what an import would do and destroy, for `apply` to do exactly that.",
        discussion: """
            Validates the bucket, the destination and, if its machine is set, the instance as `import` does. Nothing changes, except that Cloud SQL tries to \
            read the bucket, in a scratch database that is dropped again.

            Examples:
              mi-migrate plan -o plan.json
              mi-migrate apply plan.json
            """
    )

    @OptionGroup var settings: SettingsOptions

    @OptionGroup var options: ImportOptions

    @OptionGroup var machine: MachineOptions

    @Option(
        name: [.short, .customLong("output"), .customLong("output", withSingleDash: true)],
        help: ArgumentHelp("Write the plan to this file.", valueName: "file"))
    var output: String = "plan.json"

    @OptionGroup var shown: OutputOptions

    func run() async throws {
        let console = shown.console
        let plan = try await options.importing(settings, machine, console) { _ in false }.plan()
        try await plan.write(to: FilePath(output))
        console.show(result: plan)
        shown.print(plan.table)
        shown.advise("Wrote the plan to \(output). Next: mi-migrate apply \(output)")
    }
}

/// `mi-migrate apply`
struct Apply: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run a plan, if nothing has changed since it was made.",
        discussion: """
            Validates everything again, and refuses another snapshot, another instance, databases that have grown, or \
            a migration that somebody else has worked on since. Does not ask for confirmation: the plan was agreed to. \
            Only before it drops the databases of a finished migration, it asks for the destination's name.

            Example:
              mi-migrate apply plan.json
            """
    )

    @Argument(help: "The file that `mi-migrate plan` wrote.")
    var plan: String

    @OptionGroup var settings: SettingsOptions

    @OptionGroup var options: ImportOptions

    @OptionGroup var machine: MachineOptions

    @Option(name: .goStyle("confirm"), help: Confirmation.nameHelp)
    var confirmed: String?

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let console = output.console
        var flow = try await options.importing(settings, machine, console) { [confirmed, output] plan in
            output.advise(Import.table(plan))
            return try Confirmation.given(for: plan, yes: false, name: confirmed)
        }
        flow.agreed = try await ImportPlan(readFrom: FilePath(plan))
        try await Import.run(flow, output, console)
    }
}
