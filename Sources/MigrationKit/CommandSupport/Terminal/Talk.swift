import MigrationKitCLibrary
import Synchronization
import SystemPackage

/// What is said to people: on standard error, and, where one is wanted, in a log file, which also gets the results.
package enum Talk {
    /// How it is said.
    struct Manner: Sendable {
        /// Whether only warnings, errors and results are.
        var isQuiet = false
        var color = ColorChoice.auto
        var log: FileDescriptor?
    }

    private static let manner = Mutex(Manner())

    /// Takes the manner of a command line. Called once, before anything is said.
    ///
    /// - Throws: ``MigrationError`` with code `usage` if the log file cannot be opened.
    static func begin(_ arguments: [String]) throws {
        var new = Manner()
        new.isQuiet = CommandReader.has(["-q", "--quiet"], in: arguments)
        new.color = CommandReader.value(of: "--color", in: arguments).flatMap(ColorChoice.init) ?? .auto
        if let path = CommandReader.value(of: "--log-file", in: arguments), !path.isEmpty {
            new.log = try open(FilePath(path))
        }
        manner.withLock { [new] in $0 = new }
    }

    /// For its owner alone: it is longer than what was there, never instead of it.
    private static func open(_ path: FilePath) throws -> FileDescriptor {
        try MisplacedSecret.refuse(path.string, as: "--log-file")
        do {
            return try FileDescriptor.open(
                path, .writeOnly, options: [.create, .append, .closeOnExec], permissions: [.ownerReadWrite])
        } catch {
            throw MigrationError(
                .usage, "The log file \(path) cannot be written: \(error).", next: "Use another with --log-file=FILE.")
        }
    }

    /// Whether only warnings, errors and results are said.
    static var isQuiet: Bool { manner.withLock(\.isQuiet) }

    /// Says something.
    ///
    /// - Parameter matters: Whether it is said though quiet is wanted.
    static func say(_ text: String, matters: Bool = true) {
        let manner = manner.withLock(\.self)
        if matters || !manner.isQuiet {
            StandardStream.errors.write(manner.color.applies(to: .errors) ? Color.paint(text) : text)
        }
        log(text, manner)
    }

    /// Prints a result on standard output.
    static func print(_ text: String) {
        let manner = manner.withLock(\.self)
        StandardStream.output.write(manner.color.applies(to: .output) ? Color.paint(text) : text)
        log(text, manner)
    }

    /// Each line with the time. A log that cannot be written stops nobody.
    private static func log(_ text: String, _ manner: Manner) {
        guard let log = manner.log else { return }
        let time = JSONText.timestamp()
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { "\(time) \($0)\n" }
        _ = try? log.writeAll(lines.joined().utf8)
    }
}
