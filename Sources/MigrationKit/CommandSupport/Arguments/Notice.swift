package import ArgumentParser

/// `src-snapshot notice` and `mi-migrate notice`: the notice is in the databases, so it travels in the dump.
package struct Notice: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "notice",
        abstract: "Puts up, takes down or looks for the notice that a migration is under way.",
        discussion: """
            It stands above every page, from the global settings. All else in them stays as it is, comments too. It \
            comes to the migrated instance with the databases, and is taken down there as well.

            The instance is that of SRC_ENDPOINT, asked with SRC_ACCESS_TOKEN, a site admin's token.

            Examples:
              src-snapshot notice add
              src-snapshot notice status
              src-snapshot notice remove         # when the migration is called off
              mi-migrate notice remove           # on the migrated instance, when all is well
            """,
        subcommands: [Add.self, Remove.self, Status.self]
    )

    package init() {}

    /// What all three take, beside what they have in common with others.
    struct Options: ParsableArguments {
        @Option(name: .goStyle("message"), help: "What the notice says, if not the usual sentence.")
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
            let others = outcome.others == 0 ? "" : " Other notices there: \(outcome.others), left as they are."
            output.print("\(found.client.access.name): \(says(outcome))\(others)")
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Puts the notice up, unless it is there.")

        @OptionGroup var options: Options

        @OptionGroup var instance: InstanceOptions

        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await options.run(instance, output) {
                try await $0.add()
            } says: { outcome in
                outcome.hasChanged ? "the notice is up." : "the notice was up already."
            }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Takes the notice down, if it is there.")

        @OptionGroup var options: Options

        @OptionGroup var instance: InstanceOptions

        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await options.run(instance, output) {
                try await $0.remove()
            } says: { outcome in
                outcome.hasChanged ? "the notice is down." : "there was no such notice."
            }
        }
    }

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Tells whether the notice is up.")

        @OptionGroup var options: Options

        @OptionGroup var instance: InstanceOptions

        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await options.run(instance, output) {
                try await $0.status()
            } says: { outcome in
                outcome.isShown ? "the notice is up." : "the notice is not up."
            }
        }
    }
}
