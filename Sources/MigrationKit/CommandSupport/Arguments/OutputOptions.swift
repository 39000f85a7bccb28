package import ArgumentParser

/// What every subcommand of both commands takes.
package struct OutputOptions: ParsableArguments {
    @Flag(name: .goStyle("json"), help: "Print events and errors as JSON lines on standard output.")
    package var json = false

    @Flag(
        name: [.short, .customLong("verbose"), .customLong("verbose", withSingleDash: true)],
        help: "Show more detail.")
    var verbose = false

    package init() {}

    /// Shows what happens.
    package var console: Console { Console(json: json) }

    /// What a person asked for; programs get it as JSON, from the console.
    package func print(_ text: String) {
        if !json { StandardStream.output.write(text.redacted) }
    }

    /// The same with its secrets: commands that a person pastes into a shell.
    package func printUnredacted(_ text: String) {
        if !json { StandardStream.output.write(text) }
    }

    /// A word of advice: for people, so not among the data on standard output.
    package func advise(_ text: String) {
        if !json { StandardStream.errors.write(text.redacted) }
    }
}

extension NameSpecification {
    /// `--name`, and `-name` as users of `src` type it.
    package static func goStyle(_ names: String...) -> NameSpecification {
        NameSpecification(names.flatMap { [.customLong($0), .customLong($0, withSingleDash: true)] })
    }
}

/// Databases separated by commas, by any of their names.
package struct DatabaseList: ExpressibleByArgument {
    package var databases: [Database]

    init(_ databases: [Database]) { self.databases = databases }

    package init?(argument: String) {
        let names = argument.split(separator: ",").map(String.init)
        let databases = names.compactMap(Database.init(anyName:))
        guard !databases.isEmpty, databases.count == names.count else { return nil }
        self.databases = Set(databases).sorted()
    }

    package var defaultValueDescription: String { "all" }
}
