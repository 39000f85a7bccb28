internal import MigrationKitFoundation

/// A program to run: what is printed, what is tested and what runs is this one value.
///
/// No shell stands between: arguments reach the program as they are. Secrets are in its environment or on its standard
/// input.
package struct Command: Sendable, Hashable {
    /// Name or path of the program.
    package var program: String
    /// Its arguments.
    package var arguments: [String]
    /// Variables on top of the caller's environment.
    package var environment: [Variable]
    /// Variables of the caller's environment that it does not get.
    package var unsetting: [String]
    /// All that it reads from standard input.
    package var input: Secret?

    /// A variable of the environment.
    package struct Variable: Sendable, Hashable {
        /// Its name.
        package var name: String
        /// Its value, which may be a password.
        package var value: Secret

        /// Makes a variable.
        package init(_ name: String, _ value: Secret) {
            self.name = name
            self.value = value
        }
    }

    /// Makes a command.
    ///
    /// - Parameters:
    ///   - program: Name, looked up in `PATH`, or path.
    ///   - arguments: Arguments, unquoted.
    ///   - environment: Variables on top of the caller's environment.
    ///   - unsetting: Variables of the caller's environment that it does not get.
    ///   - input: All that it reads from standard input.
    package init(
        _ program: String, _ arguments: [String], environment: [Variable] = [], unsetting: [String] = [],
        input: Secret? = nil
    ) {
        self.program = program
        self.arguments = arguments
        self.environment = environment
        self.unsetting = unsetting
        self.input = input
    }

    /// The caller's variables that PostgreSQL's programs, clients and servers alike, take settings from. Each version
    /// knows more of them.
    package static var postgresVariables: [String] {
        ProcessInfo.processInfo.environment.keys.filter { $0.hasPrefix("PG") }.sorted()
    }

    /// The command as a line for a POSIX shell, passwords included: for the terminal of the person who gave them.
    package var shellLine: String { line { $0.revealed } }

    /// The command as a line for a POSIX shell, with `<redacted>` for each secret.
    package var maskedLine: String { line { $0.description }.redacted }

    private func line(_ text: (Secret) -> String) -> String {
        let variables = environment.map { "\($0.name)=\(text($0.value).shellQuoted)" }
        let words = variables + [program.shellQuoted] + arguments.map(\.shellQuoted)
        let line = words.joined(separator: " ")
        // `docker exec -i` would read the lines that were pasted after it.
        return input.map { "printf %s \(text($0).shellQuoted) | \(line)" } ?? "\(line) </dev/null"
    }
}

extension String {
    /// The string as one word of a POSIX shell: bare where every byte is harmless, else in single quotes.
    package var shellQuoted: String {
        let harmless = utf8.allSatisfy { byte in
            byte.isDigit || (byte.isWordStart && byte < 0x80) || "-./:=@%+,".utf8.contains(byte)
        }
        if harmless, !isEmpty { return self }
        // By scalars: a quote with a combining accent behind it is another character, and still ends the quotes.
        var quoted = "'"
        for scalar in unicodeScalars {
            if scalar == "'" { quoted += #"'\''"# } else { quoted.unicodeScalars.append(scalar) }
        }
        return quoted + "'"
    }
}
