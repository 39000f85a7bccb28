internal import SystemPackage

/// Runs scripts for a POSIX shell on the machine that an instance runs on.
///
/// What a script prints, and its exit status, count only if they have come whole: a connection may break at any time,
/// and programs between may say something of their own.
struct InstanceShell: Sendable {
    let address: InstanceAddress
    /// A key for ssh, where its configuration names none.
    var key: FilePath?
    /// Another configuration of ssh's than the user's.
    var configuration: FilePath?
    /// Variables for the programs that lead there, and for scripts on this machine.
    var environment: [Command.Variable] = []
    var retry = RetryPolicy()
    var onNotice: @Sendable (String) -> Void = { _ in }

    /// What came of a script.
    struct Reply: Sendable {
        var output: String
        var status: Int32
        /// The last lines of standard error, those of programs between among them.
        var errors: [String]
    }

    /// The longest that the script, or the way to it, may be silent.
    private static let stallLimit = Duration.seconds(120)
    private static let outputLimit = 16 << 20

    init(_ address: InstanceAddress) { self.address = address }

    /// Runs a script that may be run again: where the connection breaks, it is.
    ///
    /// - Returns: Its output and exit status, whatever that is.
    /// - Throws: ``MigrationError`` if the machine cannot be reached.
    func run(_ script: String) async throws -> Reply {
        let next = "Look at the network and the machine, then run the same command again: it goes on."
        do {
            return try await Retry(retry, next: next, onNotice: onNotice)(address.name) { try await once(script) }
        } catch var error as MigrationError where error.code == .failed {
            error.code = .unreachable
            throw error
        }
    }

    private func once(_ script: String) async throws -> Reply {
        // Put together there, so that a program that shows what it runs does not show these.
        let nonce = String(UInt64.random(in: .min ... .max), radix: 36)
        let framed = """
            m=\(nonce)
            echo "mi-migrate-$m begins"
            (
            \(script)
            )
            printf '\\n%s %s\\n' "mi-migrate-$m ended" "$?"
            """
        var command = command(framed)
        command.environment = environment
        let (text, outcome) = try await result(of: command)
        guard let begin = text.firstRange(of: "mi-migrate-\(nonce) begins\n"),
            let end = text.firstRange(of: "\nmi-migrate-\(nonce) ended "),
            begin.upperBound <= text.index(after: end.lowerBound),
            let status = Int32(text[end.upperBound...].prefix { $0.isNumber })
        else { throw try broken(outcome) }
        let output = begin.upperBound <= end.lowerBound ? String(text[begin.upperBound..<end.lowerBound]) : ""
        return Reply(output: output, status: status, errors: outcome.lastLines)
    }

    private func result(of command: Command) async throws -> (String, CommandOutcome) {
        do {
            let (text, outcome) = try await command.collect(limit: Self.outputLimit, stallLimit: Self.stallLimit)
            // A program between may have given it a terminal.
            return (text.replacing("\r\n", with: "\n"), outcome)
        } catch let error as MigrationError where error.code == .failed && address != .local {
            throw TransientFailure("the connection is silent")
        }
    }

    /// The script, as the way to the machine takes it.
    func command(_ script: String) -> Command {
        switch address {
        case .local: return Command("sh", ["-c", script])
        case .ssh(let destination, let port):
            // Nobody is there to be asked, and what has died without a word has to be noticed.
            var arguments = ["-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=15"]
            arguments += ["-o", "ServerAliveInterval=10", "-o", "ServerAliveCountMax=3"]
            if let configuration { arguments += ["-F", configuration.string] }
            if let key { arguments += ["-i", key.string] }
            if let port { arguments += ["-p", "\(port)"] }
            return Command("ssh", arguments + [destination, "sh -c \(script.shellQuoted)"])
        case .gcloud(let project, let zone, let name):
            return Command(
                "gcloud",
                [
                    "compute", "ssh", name, "--project=\(project)", "--zone=\(zone)", "--tunnel-through-iap", "--quiet",
                    "--command=sh -c \(script.shellQuoted)",
                ])
        case .mi(let customer):
            let whose = customer.map { ["--customer", $0] } ?? []
            return Command("mi", whose + ["ssh-exec", "sh -c \(script.shellQuoted)"])
        }
    }

    // MARK: Connections that break

    /// What no second try mends.
    private static let refusals = [
        "Permission denied", "Host key verification failed", "REMOTE HOST IDENTIFICATION HAS CHANGED",
        "Could not resolve hostname", "Name or service not known", "Bad owner or permissions",
        "Bad configuration option",
        "PERMISSION_DENIED", "was not found", "do not currently have an active account", "not authorized",
        "Usage:", "unknown command",
    ]

    private func broken(_ outcome: CommandOutcome) throws -> TransientFailure {
        let refusal = outcome.lastLines.first { line in
            !line.contains("Temporary failure") && Self.refusals.contains { line.contains($0) }
        }
        if let refusal {
            throw MigrationError(
                .unreachable, "\(address.name) cannot be reached: \(refusal)",
                next: "See that `\(command("true").maskedLine)` works, without asking for anything.",
                details: outcome.lastLines.count > 1 ? outcome.lastLines : [])
        }
        let why = outcome.lastLines.last.map { ": \($0)" } ?? ""
        return TransientFailure("the connection broke (\(command("").program) \(outcome.ending))\(why)")
    }
}
