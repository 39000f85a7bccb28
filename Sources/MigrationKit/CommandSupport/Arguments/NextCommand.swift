package import ArgumentParser
import Synchronization

/// Commands to run next, to be copied as they are: with what this run was told of the same work, quoted for a shell.
package struct NextCommand: Sendable {
    private let root: any ParsableCommand.Type
    private let arguments: [String]
    private var given: [Word]
    private let asksInstance: Bool

    /// A word of a command line, and the option that it is; nil: an argument without a name.
    private struct Word: Sendable {
        var option: String?
        var text: String
    }

    /// Options that say which work it is and how it has to be done, in the order in which they are written. Not those that
    /// are for one run alone: what was agreed to, where to stop, how fast.
    private static let carried = [
        "project", "instance", "bucket", "credentials", "into", "journal", "config", "targets", "only", "connection",
        "through", "import-user", "database", "machine", "ssh-key", "ssh-config", "deployment", "bucket-project",
        "admin-email", "external-url", "executors", "from", "to", "migrator", "skip-drift-check", "skip",
        "snapshot-summary", "summary-path", "without-database", "incomplete", "profile", "from-replica", "backup",
        "read-objects", "terminate-connections", "without-instance", "without-summary", "no-notice", "keep-dumps",
        "gzip", "whole", "insecure-skip-verify",
    ]
    /// What an import needs besides the settings, which are in its plan.
    package static let ofPlan = [
        "jobs", "incomplete", "backup", "read-objects", "start-over", "settle", "terminate-connections",
    ]

    /// - Parameters:
    ///   - root: The program.
    ///   - command: What runs now.
    ///   - arguments: What it was given, with two dashes.
    init(of root: any ParsableCommand.Type, _ command: any ParsableCommand, _ arguments: [String]) {
        (self.root, self.arguments) = (root, arguments)
        let unnamed = (command as? any ContinuedCommand)?.unnamed ?? []
        given = unnamed.map(Self.word) + Self.options(of: arguments)
        asksInstance = Self.asksInstance(command)
    }

    /// The command's line.
    ///
    /// - Parameters:
    ///   - words: Program, subcommand, and what this command has to be told in any case.
    ///   - names: The options to repeat, as far as it takes them; nil: those that say which work it is.
    func line(_ words: String, repeating names: [String]? = nil) -> String {
        let own = Array(Self.words(of: words).dropFirst())
        guard let next = parsed(own) else { return words }
        let hasUnnamed = own.dropFirst().first?.option == nil && own.count > 1
        let unnamed = hasUnnamed ? [] : given.filter { $0.option == nil }
        let options = (names ?? Self.carried).flatMap { name in given.filter { $0.option == name } }.filter { word in
            // The file of a migration's settings in one command is that of `src` in another.
            let isForeign = word.option == "config" && Self.asksInstance(next) != asksInstance
            return !isForeign && !own.contains { $0.option == word.option }
        }
        func isTaken(_ words: [Word]) -> Bool { parsed(own + words) != nil }
        func taken(_ words: [Word]) -> String {
            guard !words.isEmpty else { return "" }
            let taken = isTaken(words) ? words : words.filter { isTaken([$0]) }
            return taken.map { " " + $0.text.shellQuoted }.joined()
        }
        let firstOption = words.firstRange(of: " -")?.lowerBound ?? words.endIndex
        return "\(words[..<firstOption])\(taken(unnamed))\(words[firstOption...])\(taken(options))"
    }

    /// What the parser makes of words; nil if it does not take them. Where a person has to put a number, one will stand.
    private func parsed(_ words: [Word]) -> (any ParsableCommand)? {
        try? root.parseAsRoot(words.map { $0.text.replacing(/=NUMBER$/, with: "=1") })
    }

    /// The line of this run.
    ///
    /// - Parameter flag: A flag to leave out.
    func again(without flag: String? = nil) -> String {
        ([root.configuration.commandName ?? ""] + arguments.filter { $0 != flag }.map(\.shellQuoted))
            .joined(separator: " ")
    }

    /// The same, where more is known than the command line says.
    ///
    /// - Parameter settings: Values by the names of their options.
    func told(_ settings: [String: String]) -> NextCommand {
        var next = self
        let unsaid = settings.filter { name, _ in !given.contains { $0.option == name } }
        next.given += unsaid.sorted { $0.key < $1.key }.map { Self.word("--\($0.key)=\($0.value)") }
        return next
    }

    /// A text with each command of this program that it names in backticks made whole.
    func completing(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "`")) else { return text }
        return text.replacing(/`([a-z]+-[a-z]+ [^`]+)`/) { match in
            let command = String(match.1)
            let isOwn = command.hasPrefix("\(root.configuration.commandName ?? "") ") && !command.hasSuffix("--help")
            return isOwn ? "`\(line(command))`" : String(match.0)
        }
    }

    /// The same of an event that says what to run: in an error's advice, and in a notice's sentence and values.
    func completing(_ event: MigrationEvent) -> MigrationEvent {
        switch event {
        case .failed(let name, var error):
            error.next = error.next.map { completing($0) }
            return .failed(name, error)
        case .notice(let notice): return .notice(notice.replacingTexts { completing($0) })
        case .warning(let notice): return .warning(notice.replacingTexts { completing($0) })
        case .started, .advanced, .finished: return event
        }
    }
}

// MARK: This run

/// A command with arguments that have no name.
package protocol ContinuedCommand: ParsableCommand {
    /// The same for another command: as they are, or as the option that they are there.
    var unnamed: [String] { get }
}

extension NextCommand {
    private static let current = Mutex<NextCommand?>(nil)

    /// From now on, commands to run next are those after this one.
    static func begin(_ run: NextCommand) { current.withLock { $0 = run } }

    /// The line of a command after this run; see ``line(_:repeating:)``.
    package static func line(_ words: String, repeating names: [String]? = nil) -> String {
        current.withLock(\.self)?.line(words, repeating: names) ?? words
    }

    /// The line of this run; see ``again(without:)``.
    package static func again(without flag: String? = nil) -> String {
        current.withLock(\.self)?.again(without: flag) ?? ""
    }

    /// From now on this run counts as told what a file says, see ``told(_:)``.
    package static func tell(_ settings: [String: String]) { current.withLock { $0 = $0?.told(settings) } }

    /// A text of this run with its commands made whole.
    static func completing(_ text: String) -> String { current.withLock(\.self)?.completing(text) ?? text }

    /// An event of this run with its commands made whole.
    static func completing(_ event: MigrationEvent) -> MigrationEvent {
        current.withLock(\.self)?.completing(event) ?? event
    }
}

// MARK: Words

extension NextCommand {
    /// The options of a command line. A value behind a space is brought to its name.
    private static func options(of arguments: [String]) -> [Word] {
        var options: [Word] = []
        var name: String?
        for argument in arguments.prefix(while: { $0 != "--" }) {
            if argument.hasPrefix("--") {
                options.append(word(argument))
                name = argument.contains("=") ? nil : argument
            } else if let option = name, !argument.hasPrefix("-") {
                options[options.count - 1] = word("\(option)=\(argument)")
                name = nil
            }
        }
        // Of an option that is given twice, the last counts; steps to skip add up.
        return options.enumerated().filter { index, option in
            option.option == "skip" || !options[(index + 1)...].contains { $0.option == option.option }
        }.map(\.element)
    }

    private static func word(_ text: String) -> Word {
        guard text.hasPrefix("--") else { return Word(option: nil, text: text) }
        let parts = text.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0])
        // No password is shown; whoever goes on knows it, or where it is kept.
        if ["into", "connection"].contains(name), parts.count == 2, let uri = try? PostgresURI(String(parts[1])) {
            return Word(option: name, text: "--\(name)=\(uri.withoutPassword)")
        }
        return Word(option: name, text: text)
    }

    /// The words of a line as a shell reads them that knows single quotes alone.
    private static func words(of line: String) -> [Word] {
        var words: [String] = []
        var (isQuoted, isOpen) = (false, false)
        for character in line {
            if character == "'" { isQuoted.toggle() }
            if character == " ", !isQuoted {
                isOpen = false
            } else {
                if !isOpen { words.append("") }
                isOpen = true
                if character != "'" { words[words.count - 1].append(character) }
            }
        }
        return words.map(word)
    }

    /// Whether `--config` is the file that `src` reads.
    private static func asksInstance(_ command: any ParsableCommand) -> Bool {
        Mirror(reflecting: command).children.contains { $0.value is OptionGroup<InstanceOptions> }
    }
}
