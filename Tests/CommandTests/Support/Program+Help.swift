/// What a program's help tells of its command lines.
extension Program {
    /// The names that its help, or that of one of its commands, lists under `SUBCOMMANDS`.
    func subcommands(_ command: [String] = []) throws -> [String] {
        let help = try reply(command + ["--help"]).output
        let lines = help.split(separator: "\n").drop { $0 != "SUBCOMMANDS:" }.dropFirst()
        // A name is indented by two; what is said of it, by more.
        return lines.filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") && !$0.contains("See '") }
            .compactMap { $0.split(separator: " ").first.map(String.init) }
    }

    /// All commands that do something: `["notice", "add"]`.
    func commands() throws -> [[String]] {
        var commands: [[String]] = []
        for name in try subcommands() {
            let inner = try subcommands([name])
            commands += inner.isEmpty ? [[name]] : inner.map { [name, $0] }
        }
        return commands
    }

    /// The options of a command: their names, and whether they take a value.
    func options(of command: [String]) throws -> [(names: [String], takesValue: Bool)] {
        let help = try reply(command + ["--help"]).output
        return help.split(separator: "\n").drop { !$0.hasPrefix("USAGE:") }.filter { $0.hasPrefix("  -") }.map { line in
            let words = line.split(separator: " ").prefix { $0.hasPrefix("-") || $0.hasPrefix("<") }
            let names = words.filter { $0.hasPrefix("-") }.map { String($0.filter { $0 != "," }) }
            return (names, words.contains { $0.hasPrefix("<") })
        }
    }
}
