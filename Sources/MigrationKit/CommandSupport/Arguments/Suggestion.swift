import ArgumentParser

/// What somebody may have meant who has written what the parser does not know.
enum Suggestion {
    /// The parser's message, with the nearest of what it knows.
    ///
    /// - Parameters:
    ///   - message: It names what is wrong, and the values of an option, in quotes.
    ///   - root: The program, whose subcommands it does not name.
    static func adding(to message: String, of root: any ParsableCommand.Type) -> String {
        if let match = message.firstMatch(of: /The value '([^']*)'/), let list = message.firstRange(of: list) {
            let nearest = NearestName.of(String(match.1), among: values(in: message[list.upperBound...]))
            return nearest.map { message.replacing(list, with: "Did you mean '\($0)'? \(Self.list)") }
                ?? message
        }
        guard let match = message.firstMatch(of: /Unexpected argument '([^']*)'/) else { return message }
        let nearest = NearestName.of(String(match.1), among: commands(named: message, of: root))
        return nearest.map { message.replacing(match.range, with: "\(match.0). Did you mean '\($0)'?") }
            ?? message
    }

    private static let list = "Please provide one of"

    /// The values that an option takes: in a line, or one in each.
    private static func values(in text: Substring) -> [String] {
        let line = text.prefix { $0 != "\n" }
        if !line.hasSuffix(":") { return line.matches(of: /'([^']*)'/).map { String($0.1) } }
        return text.matches(of: /\n *- (\S+)/).map { String($0.1) }
    }

    /// The subcommands of the command whose help the message points to.
    private static func commands(named message: String, of root: any ParsableCommand.Type) -> [String] {
        let path = message.firstMatch(of: /See '([^']*) --help'/).map { $0.1.split(separator: " ").dropFirst() } ?? []
        var commands = root.configuration.subcommands
        for word in path {
            guard let next = commands.first(where: { name(of: $0) == word }) else { break }
            commands = next.configuration.subcommands
        }
        return commands.map { name(of: $0) }
    }

    /// The word that starts a command.
    private static func name(of command: any ParsableCommand.Type) -> String {
        command.configuration.commandName ?? ""
    }
}

extension String {
    fileprivate func replacing(_ range: Range<Index>, with text: String) -> String {
        var new = self
        new.replaceSubrange(range, with: text)
        return new
    }
}
