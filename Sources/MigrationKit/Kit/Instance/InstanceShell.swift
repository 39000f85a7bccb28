internal import SystemPackage

/// Runs scripts for a POSIX shell on the machine that an instance runs on.
///
/// What a script prints, and its exit status, count only if they have come whole: a connection may break at any time,
/// and programs between may say something of their own.
struct InstanceShell: Sendable {
    let address: InstanceAddress
    /// That which its scripts go over.
    private let connection: SSHConnection?
    /// A key for ssh, where its configuration names none.
    var key: FilePath?
    /// Another configuration of ssh's than the user's.
    var configuration: FilePath?
    /// Variables for the programs that lead there, and for scripts on this machine.
    var environment: [Command.Variable] = []
    /// After how many seconds of silence ssh asks for a sign of life, and how often before it gives up.
    var signsOfLife = (every: 10, count: 3)
    var retry = RetryPolicy()
    var onNotice: @Sendable (MigrationNotice) -> Void = { _ in }

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

    init(_ address: InstanceAddress) {
        self.address = address
        connection = if case .ssh = address { SSHConnection() } else { nil }
    }

    /// Runs a script that may be run again: where the connection breaks, it is.
    ///
    /// - Returns: Its output and exit status, whatever that is.
    /// - Throws: ``MigrationError`` if the machine cannot be reached.
    func run(_ script: String) async throws -> Reply {
        let next =
            "Check the network and the machine, then run the same command again: it resumes where this one stopped."
        do {
            return try await Retry(retry, next: next, onNotice: onNotice)(address.name) { try await once(script) }
        } catch var error as MigrationError where error.code == .failed {
            error.code = .unreachable
            throw error
        }
    }

    private func once(_ script: String) async throws -> Reply {
        try address.checkNames()
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
        let way: [String]
        switch try await connectionWay() {
        case .over(let options): way = options
        case .alone: way = []
        case .failed(let outcome): throw try broken(outcome)
        }
        var command = command(framed, over: way)
        command.environment = environment
        let (text, outcome) = try await result(of: command)
        guard let begin = text.firstRange(of: "mi-migrate-\(nonce) begins\n"),
            let end = text.firstRange(of: "\nmi-migrate-\(nonce) ended "),
            begin.upperBound <= text.index(after: end.lowerBound),
            let status = Int32(text[end.upperBound...].prefix { $0.isNumber })
        else {
            await connection?.close()
            throw try broken(outcome)
        }
        let output = begin.upperBound <= end.lowerBound ? String(text[begin.upperBound..<end.lowerBound]) : ""
        return Reply(output: output, status: status, errors: outcome.lastLines)
    }

    private func result(of command: Command) async throws -> (String, CommandOutcome) {
        do {
            let (text, outcome) = try await command.collect(limit: Self.outputLimit, stallLimit: Self.stallLimit)
            // A program between may have given it a terminal.
            return (text.replacing("\r\n", with: "\n"), outcome)
        } catch let error as MigrationError where error.code == .failed && address != .local {
            await connection?.close()
            throw TransientFailure("no data from the connection")
        }
    }

    private func connectionWay() async throws -> SSHConnection.Way {
        guard let connection, case .ssh(let destination, let port) = address else { return .alone }
        return try await connection.way(to: destination, sshOptions(port), environment)
    }

    /// Nobody is there to be asked, and what has died without a word has to be noticed.
    private func sshOptions(_ port: Int?) -> [String] {
        var options = ["-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=15"]
        options += ["-o", "ServerAliveInterval=\(signsOfLife.every)"]
        options += ["-o", "ServerAliveCountMax=\(signsOfLife.count)"]
        if let configuration { options += ["-F", configuration.string] }
        if let key { options += ["-i", key.string] }
        if let port { options += ["-p", "\(port)"] }
        return options
    }

    /// The script, as the way to the machine takes it.
    ///
    /// - Parameter way: Options of ssh's for a connection that stands.
    func command(_ script: String, over way: [String] = []) -> Command {
        switch address {
        case .local: return Command("sh", ["-c", script])
        case .ssh(let destination, let port):
            return Command("ssh", sshOptions(port) + way + [destination, "sh -c \(script.shellQuoted)"])
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

    /// What no second try fixes.
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
                .unreachable, "Cannot connect to \(address.name): \(refusal)",
                next: "Check that `\(command("true").maskedLine)` works, without any prompt.",
                details: outcome.lastLines.count > 1 ? outcome.lastLines : [])
        }
        let why = outcome.lastLines.last.map { ": \($0)" } ?? ""
        return TransientFailure("the connection broke (\(command("").program) \(outcome.ending))\(why)")
    }
}
