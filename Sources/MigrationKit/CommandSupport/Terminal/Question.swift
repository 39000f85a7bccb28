import MigrationKitCLibrary

/// Asks whoever sits at the terminal.
package enum Question {
    /// Whether there is anybody to answer.
    package static var canBeAsked: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

    /// - Parameters:
    ///   - text: The question, without its end.
    ///   - standard: What counts where nothing is typed, and where nobody can be asked.
    ///   - isSecret: Whether what is typed is not shown.
    /// - Throws: `CancellationError` if it is interrupted.
    package static func ask(_ text: String, standard: String = "", isSecret: Bool = false) throws -> String {
        let shown = standard.isEmpty ? "" : isSecret ? " [unchanged]" : " [\(standard)]"
        guard canBeAsked, StandardStream.errors.write("\(text.printable)\(shown): ", terminator: "") else {
            return standard
        }
        let answer = try isSecret ? withoutEcho(line) : line()
        return answer.flatMap { $0.isEmpty ? nil : $0 } ?? standard
    }

    /// A line that is typed.
    ///
    /// - Throws: `CancellationError` if it is interrupted: a plain `readLine` would wait on.
    package static func line() throws -> String? {
        var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        while true {
            try Task.checkCancellation()
            if poll(&input, 1, 200) > 0 { return readLine() }
        }
    }

    private static func withoutEcho(_ read: () throws -> String?) rethrows -> String? {
        var before = termios()
        guard tcgetattr(STDIN_FILENO, &before) == 0 else { return try read() }
        var silent = before
        silent.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
        defer {
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &before)
            StandardStream.errors.write("")
        }
        return try read()
    }
}
