import ArgumentParser
import MigrationKit

/// What every subcommand of both commands takes.
struct OutputOptions: ParsableArguments {
    @Flag(name: .goStyle("json"), help: "Print events and errors as JSON lines on standard output.")
    var json = false

    @Flag(
        name: [.short, .customLong("verbose"), .customLong("verbose", withSingleDash: true)],
        help: "Show more detail.")
    var verbose = false

    /// Shows what happens.
    var console: Console { Console(json: json) }

    /// What a person asked for; programs get it as JSON, from the console.
    func print(_ text: String) {
        if !json { StandardStream.output.write(text.redacted) }
    }

    /// The same with its secrets: commands that a person pastes into a shell.
    func printUnredacted(_ text: String) {
        if !json { StandardStream.output.write(text) }
    }

    /// A word of advice: for people, so not among the data on standard output.
    func advise(_ text: String) {
        if !json { StandardStream.errors.write(text.redacted) }
    }
}

extension NameSpecification {
    /// `--name`, and `-name` as users of `src` type it.
    static func goStyle(_ names: String...) -> NameSpecification {
        NameSpecification(names.flatMap { [.customLong($0), .customLong($0, withSingleDash: true)] })
    }
}

/// Databases separated by commas, by any of their names.
struct DatabaseList: ExpressibleByArgument {
    var databases: [Database]

    init(_ databases: [Database]) { self.databases = databases }

    init?(argument: String) {
        let names = argument.split(separator: ",").map(String.init)
        let databases = names.compactMap(Database.init(anyName:))
        guard !databases.isEmpty, databases.count == names.count else { return nil }
        self.databases = Set(databases).sorted()
    }

    var defaultValueDescription: String { "all" }
}
