/// How the programs of PostgreSQL are reached where a database is.
public enum DumpTransport: String, Sendable, CaseIterable {
    /// On this machine.
    case pgDump = "pg_dump"
    /// In a container of this machine's Docker.
    case docker
    /// In a pod of a Kubernetes cluster.
    case kubectl

    /// Targets when none are named.
    public var defaultPreset: TargetPreset {
        switch self {
        case .pgDump: .local
        case .docker: .docker
        case .kubectl: .k8s
        }
    }
}

/// Makes the commands that dump a database or ask it something.
package struct DumpCommand: Sendable {
    /// How the database is reached.
    package let transport: DumpTransport
    /// Where it is.
    package let target: DatabaseTarget

    /// Begins the line that tells the exit status inside the container.
    static let exitStatusMark = "src-snapshot: exit status inside the container: "

    /// What pg_dump writes for Sourcegraph's databases: plain SQL for an empty database and for one that is not, with
    /// no roles in it, in UTF-8 whatever the source is in, and names that no server's keywords can clash with.
    static let dumpFlags = [
        "--clean", "--encoding=UTF8", "--format=plain", "--if-exists", "--no-acl", "--no-owner",
        "--quote-all-identifiers",
    ]

    /// Names transport and target.
    package init(transport: DumpTransport, target: DatabaseTarget) {
        self.transport = transport
        self.target = target
    }

    /// The command that writes the dump to standard output.
    package var dump: Command { dump(.all, checkedBy: nil) }

    /// The command that writes a portion of it; where it runs in a container, a program there takes the checksum of what
    /// it writes and tells it at the end.
    func dump(_ portion: DumpPortion, checkedBy checksum: ContainerChecksum?) -> Command {
        let flags =
            Self.dumpFlags + portion.flags + ["--username=\(target.username)", "--dbname=\(databaseName)"]
        return command("pg_dump", flags + address, checkedBy: checksum)
    }

    /// The command that prints the program that can take a checksum in the container, if there is one.
    var checksumSearch: Command { command("sh", ["-c", ContainerChecksum.search]) }

    /// The command that prints pg_dump's version.
    var dumpVersion: Command { command("pg_dump", ["--version"]) }

    /// A query whose rows are printed with `|` between the columns.
    ///
    /// It goes by standard input: what `kubectl exec` runs is in the address of its request, and what stands between it
    /// and the cluster may take 8 KiB of that.
    ///
    /// - Parameter setting: Name and value, without spaces, of a setting that the connection begins with.
    func query(_ sql: String, beginningWith setting: (name: String, value: String)? = nil) -> Command {
        // Without a terminal psql would read a password from where the query is.
        // The server writes its errors in the language of its `lc_messages`; the SQLSTATE is the same in every one.
        let flags = [
            "--no-psqlrc", "--no-password", "--no-align", "--tuples-only", "--quiet", "--set=ON_ERROR_STOP=1",
            "--set=VERBOSITY=verbose", "--file=-",
        ]
        return command(
            "psql", flags + ["--username=\(target.username)", "--dbname=\(connection(setting))"] + address, input: sql,
            speaks: "C")
    }

    /// The exit status of pg_isready, which tells whether the server lets anybody in for now; nil: it did not run.
    func readiness(stallLimit: Duration) async -> Int32? {
        let flags = ["--quiet", "--timeout=30", "--username=\(target.username)", "--dbname=\(databaseName)"]
        var asking = target
        asking.password = Secret("")
        let command = DumpCommand(transport: transport, target: asking).command("pg_isready", flags + address)
        let answer = try? await command.withoutPassword.collect(stallLimit: stallLimit)
        guard let outcome = answer?.outcome else { return nil }
        return transport == .pgDump ? outcome.exitStatus : status(inContainer: outcome).flatMap { Int32($0) }
    }

    /// libpq reads a name with `=` in it, or one that looks like a URI, as a whole connection string.
    private var databaseName: String {
        let isReadAsMore = target.dbname.unicodeScalars.contains("=") || target.dbname.contains("://")
        return isReadAsMore ? connection : target.dbname
    }

    /// The database's name as a connection string.
    private var connection: String {
        let escaped = target.dbname.unicodeScalars.map { $0 == "'" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined()
        return "dbname='\(escaped)'"
    }

    private func connection(_ setting: (name: String, value: String)?) -> String {
        setting.map { "\(connection) options='-c \($0.name)=\($0.value)'" } ?? databaseName
    }

    private var address: [String] {
        // In a container the server is on the other end of a socket; `target` names the container.
        let host = transport == .pgDump && !["", "local"].contains(target.target) ? ["--host=\(target.target)"] : []
        return host + (target.port.map { ["--port=\($0)"] } ?? [])
    }

    /// The text of a dump must not depend on the client's time zone: the destination's rows are compared with it.
    private func settings(_ locale: String?) -> [Command.Variable] {
        [Command.Variable("PGTZ", Secret("UTC"))]
            + (target.sslmode.map { [Command.Variable("PGSSLMODE", Secret($0))] } ?? [])
            + (locale.map { [Command.Variable("LC_ALL", Secret($0))] } ?? [])
    }

    /// - Parameter locale: That of a program whose own words are read.
    private func command(
        _ program: String, _ arguments: [String], input: String? = nil, checkedBy checksum: ContainerChecksum? = nil,
        speaks locale: String? = nil
    ) -> Command {
        let settings = settings(locale)
        let variables = target.password.revealed.isEmpty ? [] : [Command.Variable("PGPASSWORD", target.password)]
        switch transport {
        case .pgDump:
            return Command(
                program, arguments, environment: variables + settings, input: input.map { Secret($0) })
        case .docker:
            // `-e NAME` hands a variable on without its value in argv.
            let environment = variables + settings
            let names = environment.flatMap { ["-e", $0.name] }
            let script = Self.reportingExit("\(program) \"$@\"", checksum)
            return Command(
                "docker", ["exec", "-i"] + names + [name(after: "/"), "sh", "-c", script, "sh"] + arguments,
                environment: environment, input: input.map { Secret($0) }
            )
        case .kubectl:
            // kubectl has no such option: the password comes on standard input, newlines included. Where the program
            // has input of its own, how many bytes the password has comes first, and that behind it.
            let assignments = settings.map { "\($0.name)=\($0.value.revealed.shellQuoted)" }
                .joined(separator: " ")
            let reading = input == nil ? "cat" : "dd bs=1 count=\"$n\" 2>/dev/null"
            let password =
                variables.isEmpty
                ? "" : "PGPASSWORD=$(\(reading); echo .); PGPASSWORD=${PGPASSWORD%.}; export PGPASSWORD; "
            let count = input == nil || variables.isEmpty ? "" : "read -r n; "
            let source = input == nil ? " </dev/null" : ""
            let script = count + password + Self.reportingExit("\(assignments) \(program) \"$@\"\(source)", checksum)
            let secret = target.password.revealed
            let text = input.map { variables.isEmpty ? $0 : "\(secret.utf8.count)\n\(secret)\($0)" }
            let place =
                (target.namespace.map { ["--namespace=\($0)"] } ?? [])
                + (target.container.map { ["--container=\($0)"] } ?? [])
            return Command(
                "kubectl", ["exec", "-i"] + place + [name(after: "pod/"), "--", "sh", "-c", script, "sh"] + arguments,
                input: text.map { Secret($0) } ?? (variables.isEmpty ? nil : target.password)
            )
        }
    }

    /// The container or pod. A program would take a name with a dash in front for an option of its own; behind what may
    /// stand before any name it is one.
    private func name(after prefix: String) -> String {
        target.target.utf8.first == UInt8(ascii: "-") ? prefix + target.target : target.target
    }

    /// `docker exec` and `kubectl exec` can cut a program's output and still exit 0 (kubernetes#73056, #124571), so the
    /// status is taken where the program ran.
    private static func reportingExit(_ line: String, _ checksum: ContainerChecksum?) -> String {
        let run = checksum?.watching(line) ?? "\(line); s=$?"
        return "\(run); echo \"\(exitStatusMark)$s\" >&2; exit ${s:-1}"
    }

    /// With what the program exited where it ran; nil: that was no container, or its end was not told.
    private func status(inContainer outcome: CommandOutcome) -> Substring? {
        outcome.lastLines.last { $0.hasPrefix(Self.exitStatusMark) }?.dropFirst(Self.exitStatusMark.count)
    }

    /// What the outcome of one of the commands is, judged inside the container where there is one.
    ///
    /// - Parameter code: The kind of failure if the program says that it has failed.
    /// - Returns: The program's own last lines.
    /// - Throws: ``MigrationError`` if it did not end well.
    @discardableResult
    func check(
        _ outcome: CommandOutcome, doing what: String, next: String, code: MigrationError.Code = .failed
    ) throws -> [String] {
        let lines = outcome.lastLines.filter {
            !$0.hasPrefix(Self.exitStatusMark) && !$0.hasPrefix(ContainerChecksum.mark)
        }
        let status = status(inContainer: outcome)
        if outcome.exitStatus != 0 {
            if transport == .docker, lines.contains(where: { $0.lowercased().contains("docker daemon") }) {
                throw MigrationError(
                    .unreachable, "\(what) failed: docker does not run on this machine, or this user may not use it.",
                    next: "Start it (sudo systemctl start docker), or run the command as a user of the group docker.",
                    details: lines)
            }
            let program = transport == .pgDump ? "the program" : "`\(transport.rawValue)`"
            var error = MigrationError(
                code, "\(what) failed: \(program) \(outcome.ending).", next: next, details: lines)
            error.sqlState = outcome.sqlState
            throw error
        }
        guard transport == .pgDump || status == "0" else {
            throw MigrationError(
                .tornDump,
                "\(what) failed: `\(transport.rawValue) exec` exited with 0, but "
                    + (status.map { "the program in the container with \($0)." }
                        ?? "cut off the container's output, so it is not known how the program there ended."),
                next: next, details: lines
            )
        }
        return lines
    }
}
