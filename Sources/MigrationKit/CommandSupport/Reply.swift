import ArgumentParser

/// How a command ends, and what it still has to say.
struct Reply: Error, Equatable {
    var status: Int32
    /// For standard output.
    var output = ""
    /// For standard error.
    var errors = ""
}

extension Reply {
    /// What a command's error becomes: exit status 0 for help, 2 for wrong usage, 130 for an interruption; of what fails,
    /// that of the error's code.
    ///
    /// - Parameters:
    ///   - json: Whether a program is told, in a line on standard output.
    ///   - columns: How wide help is; nil: as wide as the terminal.
    init(to error: any Error, of root: any ParsableCommand.Type, json: Bool, columns: Int? = nil) {
        let error = error is CancellationError ? Self.interruption : error
        switch error {
        case let reply as Reply: self = reply
        // All was said; the status says the rest.
        case let code as ExitCode: self.init(status: code.rawValue)
        case var error as MigrationError:
            self.init(status: error.exitStatus)
            error.next = error.next.map(NextCommand.completing)
            // Who pressed Ctrl-C made no error.
            let prefix = error.code == .interrupted ? "" : "error: "
            if json { output = error.jsonLine + "\n" } else { errors = "\(prefix)\(error)\n" }
        default: self.init(parser: error, of: root, json: json, columns: columns)
        }
    }

    /// The same, where standard output has not taken all that was printed: an error that the work's own is told after.
    func unheard(_ failure: MigrationError) -> Reply {
        var failure = failure
        // An import, say, is not to be done again for that.
        if status == 0 { failure.message += " Everything else is done." }
        return Reply(status: status == 0 ? failure.exitStatus : status, errors: "error: \(failure)\n\(errors)")
    }

    /// What the parser throws, who also gives help that way; and what has no words of ours.
    private init(parser error: any Error, of root: any ParsableCommand.Type, json: Bool, columns: Int?) {
        let code = root.exitCode(for: error)
        let message = root.fullMessage(for: error, columns: columns)
        let text = code == .success ? message : message.redacted
        let isUsage = code == .validationFailure
        self.init(status: isUsage ? 2 : code.rawValue)
        if code == .success {
            output = text + "\n"
        } else if json, !isUsage {
            output = MigrationError(.failed, root.message(for: error)).jsonLine + "\n"
        } else if !text.isEmpty {
            let text = Suggestion.adding(to: text, of: root)
            errors = (text.hasPrefix("Error: ") ? "error: " + text.dropFirst("Error: ".count) : text) + "\n"
        }
    }

    /// What work that was stopped comes to, unless it throws an error of its own that says how to go on.
    private static let interruption = MigrationError(
        .interrupted, "Interrupted. No partial files were left. Run the same command to start again.")
}
