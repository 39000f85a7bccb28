import ArgumentParser
import MigrationKitCLibrary
import MigrationKitFoundation

/// Where states are shown in colors.
package enum ColorChoice: String, CaseIterable, Sendable, ExpressibleByArgument {
    /// On a terminal that has them, unless `NO_COLOR` is set.
    case auto
    /// Everywhere.
    case always
    /// Nowhere.
    case never

    /// - Parameters:
    ///   - isTerminal: Whether the text goes to a terminal.
    ///   - environment: `NO_COLOR` (https://no-color.org) and `TERM`.
    func applies(isTerminal: Bool, _ environment: [String: String]) -> Bool {
        switch self {
        case .always: true
        case .never: false
        case .auto: isTerminal && environment.value("NO_COLOR") == nil && environment["TERM"] != "dumb"
        }
    }

    func applies(to stream: StandardStream) -> Bool {
        self != .never && applies(isTerminal: isatty(stream.rawValue) == 1, ProcessInfo.processInfo.environment)
    }
}

/// Colors for the words that say how something is.
enum Color {
    private static let codes = [
        "ok": 32, "done": 32, "equal": 32, "warn": 33, "skipped": 33, "stopped": 33, "at work": 36, "begun": 36,
        "FAIL": 31, "failed": 31, "DIFFERENT": 31, "error:": 31, "warning:": 33,
    ]

    /// The text with its states in colors: words that stand alone in a cell of a table, or begin a line.
    static func paint(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { paint(line: String($0)) }
            .joined(separator: "\n")
    }

    private static func paint(line: String) -> String {
        for prefix in ["error:", "warning:"] where line.hasPrefix(prefix) {
            return painted(prefix) + line.dropFirst(prefix.count)
        }
        return line.replacing(/(^|  )(ok|warn|FAIL|done|skipped|failed|at work|stopped|begun|equal|DIFFERENT)(?=  |$)/)
        {
            "\($0.1)\(painted(String($0.2)))"
        }
    }

    private static func painted(_ word: String) -> String { "\u{1B}[\(codes[word] ?? 0)m\(word)\u{1B}[0m" }
}
