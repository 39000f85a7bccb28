package import ArgumentParser

/// `src-snapshot notice` and `mi-migrate notice`: the notice is in the databases, so it travels in the dump.
package struct Notice: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "notice",
        abstract: "Put up, take down or check the notice that a migration is in progress.",
        discussion: """
            The notice is shown at the top of every page. It is part of the global settings; the rest of them does not \
            change, including comments. It moves to the migrated instance with the databases, so take it down there \
            as well.

            The instance is $SRC_ENDPOINT; $SRC_ACCESS_TOKEN must be a site admin's token.

            Examples:
              src-snapshot notice add
              src-snapshot notice status
              src-snapshot notice remove         # if the migration is called off
              mi-migrate notice remove           # on the migrated instance, once it works
            """,
        subcommands: [Add.self, Remove.self, Status.self]
    )

    package init() {}

    /// What all three take, beside what they have in common with others.
    struct Options: ParsableArguments {
        @Option(name: .goStyle("message"), help: ArgumentHelp("Text of the notice.", valueName: "text"))
        var message = SiteNotice.migrationMessage

        func validate() throws {
            if message.isEmpty { throw ValidationError("--message is empty.") }
        }

        /// Does it, and tells what came of it.
        func run(
            _ instance: InstanceOptions, _ output: OutputOptions,
            _ act: (SiteNotice) async throws -> SiteNotice.Outcome, says: (SiteNotice.Outcome) -> String
        ) async throws {
            let console = output.console
            let found = try await SourcegraphInstance(try instance.client(console))
            try found.requireSiteAdmin()
            let outcome = try await act(SiteNotice(found, message: message, onEvent: console.show))
            console.show(result: outcome)
            let others = outcome.others == 0 ? "" : " Other notices: \(outcome.others), left as they are."
            output.print("\(found.client.access.name): \(says(outcome))\(others)")
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add", abstract: "Put the notice up, unless it is up already.")

        @OptionGroup var options: Options

        @OptionGroup(title: "Instance") var instance: InstanceOptions

        @OptionGroup(title: "Output") var output: OutputOptions

        func run() async throws {
            try await options.run(instance, output) {
                try await $0.add()
            } says: { outcome in
                outcome.hasChanged ? "the notice is up." : "the notice was already up."
            }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove", abstract: "Take the notice down, if it is up.")

        @OptionGroup var options: Options

        @OptionGroup(title: "Instance") var instance: InstanceOptions

        @OptionGroup(title: "Output") var output: OutputOptions

        func run() async throws {
            try await options.run(instance, output) {
                try await $0.remove()
            } says: { outcome in
                outcome.hasChanged ? "the notice is down." : "there was no such notice."
            }
        }
    }

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "status", abstract: "Show whether the notice is up.")

        @OptionGroup var options: Options

        @OptionGroup(title: "Instance") var instance: InstanceOptions

        @OptionGroup(title: "Output") var output: OutputOptions

        func run() async throws {
            try await options.run(instance, output) {
                try await $0.status()
            } says: { outcome in
                outcome.isShown ? "the notice is up." : "the notice is not up."
            }
        }
    }
}
