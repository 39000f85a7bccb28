import ArgumentParser

/// Reads a command line, and does nothing of what it asks.
enum CommandReader {
    /// What a command line comes to.
    enum Reading {
        /// There is something to do.
        case command(any AsyncParsableCommand)
        /// Help or the version was asked for, or it cannot be understood.
        case reply(Reply)
    }

    /// - Parameters:
    ///   - root: The program.
    ///   - columns: How wide help is; nil: as wide as the terminal.
    static func read(
        _ root: any ParsableCommand.Type, _ arguments: some Sequence<String>, columns: Int? = nil
    ) -> Reading {
        do {
            let arguments = withTwoDashes(arguments)
            try refuseSecrets(arguments)
            var command = try root.parseAsRoot(arguments)
            if let work = command as? any AsyncParsableCommand, type(of: work).configuration.subcommands.isEmpty {
                return .command(work)
            }
            // The parser's own command, or one that has others and does nothing itself: both give help.
            try command.run()
            return .reply(Reply(status: 0))
        } catch {
            return .reply(Reply(to: error, of: root, json: false, columns: columns))
        }
    }

    /// `-name` as `--name`. The parser would read one that it does not know letter by letter, and give help, as a
    /// success, where it finds an `h`.
    static func withTwoDashes(_ arguments: some Sequence<String>) -> [String] {
        var isOver = false
        return arguments.map { argument in
            isOver = isOver || argument == "--"
            let isLong = argument.hasPrefix("-") && argument.dropFirst(2).first.map { $0 != "=" } == true
            return !isOver && isLong && argument.dropFirst().first?.isLetter == true ? "-" + argument : argument
        }
    }

    /// Whether a flag is among the arguments, by any of its names.
    static func has(_ names: Set<String>, in arguments: [String]) -> Bool {
        arguments.prefix { $0 != "--" }.contains(where: names.contains)
    }

    /// The last value of an option, whether or not the command can be read.
    static func value(of name: String, in arguments: [String]) -> String? {
        let arguments = Array(arguments.prefix { $0 != "--" })
        return arguments.indices.reversed().lazy.compactMap { index in
            if arguments[index].hasPrefix("\(name)=") { return String(arguments[index].dropFirst(name.count + 1)) }
            return arguments[index] == name && index + 1 < arguments.endIndex ? arguments[index + 1] : nil
        }.first
    }

    /// Options whose value is a server with, perhaps, a password, or what somebody has to say.
    private static let servers = ["--into", "--connection"]
    private static let texts = ["--incomplete", "--message", "--skip", "--skip-drift-check"]

    /// Looks at all values before the parser does, who repeats what it cannot take.
    private static func refuseSecrets(_ arguments: [String]) throws {
        var named: String?
        for argument in arguments {
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let isOption = parts.first?.wholeMatch(of: /--?[a-z][a-z-]*/) != nil
            let option = isOption ? parts.first.map(String.init) : named
            named = isOption && parts.count == 1 ? option : nil
            guard named == nil, !servers.contains(option ?? "") else { continue }
            let value = isOption ? String(parts[1]) : argument
            if texts.contains(option ?? ""), !value.hasFormOfSecret { continue }
            try MisplacedSecret.refuse(value, as: option ?? "An argument")
        }
    }
}
