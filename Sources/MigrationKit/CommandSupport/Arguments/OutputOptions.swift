package import ArgumentParser

/// What every subcommand of both commands takes.
package struct OutputOptions: ParsableArguments {
    @Flag(name: .goStyle("json"), help: "Print events and errors as JSON lines on standard output.")
    package var json = false

    @Flag(name: .shortAndLong, help: "Show more detail.")
    package var verbose = false

    @Flag(name: .shortAndLong, help: "Show only results, warnings and errors.")
    var quiet = false

    // The three below are read by Talk, which has something to say before a command is known.
    @Option(
        name: .goStyle("log-file"),
        help: ArgumentHelp("Also append what is shown to this file, with the time.", valueName: "file"),
        completion: .file())
    var logFile: String?

    @Option(
        name: .goStyle("color"),
        help: ArgumentHelp("Show states in color. auto: on a terminal, unless NO_COLOR is set.", valueName: "when"))
    var color = ColorChoice.auto

    package init() {}

    /// Shows what happens.
    package var console: Console { Console(json: json) }

    /// What a person asked for; programs get it as JSON, from the console.
    package func print(_ text: String) {
        if !json { Talk.print(NextCommand.completing(text).redacted) }
    }

    /// The same with its secrets: commands that a person pastes into a shell.
    package func printUnredacted(_ text: String) {
        if !json { StandardStream.output.write(text) }
    }

    /// A word of advice: for people, so not among the data on standard output.
    package func advise(_ text: String) {
        if !json { Talk.say(NextCommand.completing(text).redacted, matters: false) }
    }

    /// What somebody has to see: why a command ends, or what would be destroyed.
    package func warn(_ text: String) {
        if !json { Talk.say(NextCommand.completing(text).redacted) }
    }
}

extension NameSpecification {
    /// `--name`; ``CommandReader`` also takes `-name`, as users of `src` type it.
    package static func goStyle(_ names: String...) -> NameSpecification {
        NameSpecification(names.map { .customLong($0) })
    }
}

/// Databases separated by commas, by any of their names.
package struct DatabaseList: ExpressibleByArgument {
    package var databases: [Database]

    init(_ databases: [Database]) { self.databases = databases }

    package static let defaultCompletionKind = CompletionKind.list(Database.allCases.map(\.rawValue))

    package init?(argument: String) {
        let names = argument.split(separator: ",").map(String.init)
        let databases = names.compactMap(Database.init(anyName:))
        guard !databases.isEmpty, databases.count == names.count else { return nil }
        self.databases = Set(databases).sorted()
    }

    package var defaultValueDescription: String { "all" }
}
