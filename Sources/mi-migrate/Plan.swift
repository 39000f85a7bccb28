import ArgumentParser
import Foundation
import MigrationKitCommandSupport
import SystemPackage

/// `mi-migrate plan`
struct Plan: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes down what an import would do and destroy, for `apply` to do exactly that.",
        discussion: """
            Bucket and destination are validated as by `import`. Nothing is changed but that Cloud SQL is asked to read \
            the bucket, in a scratch database that is dropped again.

            Examples:
              mi-migrate plan -o plan.json
              mi-migrate apply plan.json
            """
    )

    @OptionGroup var settings: SettingsOptions

    @OptionGroup var options: ImportOptions

    @Option(name: [.short, .customLong("output"), .customLong("output", withSingleDash: true)], help: "The file.")
    var output: String = "plan.json"

    @OptionGroup var shown: OutputOptions

    func run() async throws {
        let console = shown.console
        let plan = try await options.importing(settings, console) { _ in false }.plan()
        try await plan.write(to: FilePath(output))
        console.show(result: plan)
        shown.print(plan.table)
        shown.advise("The plan is in \(output). To carry it out: mi-migrate apply \(output)")
    }
}

/// `mi-migrate apply`
struct Apply: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Carries out a plan, if nothing has changed since it was made.",
        discussion: """
            Everything is validated again. Another snapshot, another instance, databases that have grown, or somebody \
            else's work on this migration are refused. Nobody is asked: the plan was agreed to.

            Example:
              mi-migrate apply plan.json
            """
    )

    @Argument(help: "The file that `mi-migrate plan` has written.")
    var plan: String

    @OptionGroup var settings: SettingsOptions

    @OptionGroup var options: ImportOptions

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let console = output.console
        var flow = try await options.importing(settings, console) { _ in false }
        flow.agreed = try await ImportPlan(readFrom: FilePath(plan))
        try await Import.run(flow, output, console)
    }
}
