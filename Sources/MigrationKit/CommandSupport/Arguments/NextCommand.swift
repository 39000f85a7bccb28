/// A command to run next, to be copied as it is: with what this run was told of the same things.
package enum NextCommand {
    /// The command's line.
    ///
    /// - Parameters:
    ///   - words: Program and subcommand.
    ///   - options: The options that it takes, too, as ``given(_:)`` writes them.
    package static func line(_ words: String, _ options: [String]...) -> String {
        ([words] + options.joined()).joined(separator: " ")
    }

    /// Options as they were given, for a shell.
    ///
    /// - Parameter options: Names without dashes, and values; nil: not given.
    package static func given(_ options: KeyValuePairs<String, String?>) -> [String] {
        options.compactMap { name, value in value.map { "--\(name)=\($0)".shellQuoted } }
    }
}
