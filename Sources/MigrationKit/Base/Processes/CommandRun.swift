internal import Logging
internal import NIOCore
internal import Subprocess
internal import SystemPackage

/// How a program ended, and the last it had to say.
package struct CommandOutcome: Sendable {
    /// Its exit status; a signal counts as 128 and its number, as shells have it.
    package var exitStatus: Int32
    /// The signal that ended it; nil: it exited by itself, perhaps with a status above 128.
    package var signal: Int32?
    /// The last lines of its standard error.
    package var lastLines: [String]
    /// The first line that tells of an error of the server, and those that follow it.
    package var firstError: [String]
    /// That error's SQLSTATE; nil: psql was not asked for it, or has none.
    package var sqlState: String?
}

extension Command {
    /// Runs the command and collects what it prints.
    ///
    /// - Parameters:
    ///   - limit: Bytes of standard output that are plenty.
    ///   - stallLimit: How long the program may print nothing; nil: as long as it likes.
    /// - Returns: Standard output, and how it ended. A non-zero exit is a value and no error.
    /// - Throws: ``MigrationError`` if the program is not there, or prints more than `limit`, or nothing for too long.
    package func collect(
        limit: Int = 1 << 20, stallLimit: Duration? = nil
    ) async throws -> (output: String, outcome: CommandOutcome) {
        let pipe = try OutputPipe()
        let process = try RunningProcess(self, output: pipe.writingEnd, closesOutput: true)
        return try await process.whileRunning { stream in
            var output: [UInt8] = []
            for try await chunk in stream {
                output.append(contentsOf: chunk.readableBytesView)
                guard output.count <= limit else {
                    throw MigrationError(.failed, "`\(program)` printed far more than it should.")
                }
            }
            return (String(decoding: output, as: UTF8.self), try await process.outcome)
        } pull: {
            try await pipe.read(stallLimit: stallLimit, program: program, hasEnded: { process.hasEnded })
        }
    }

    /// Runs the command and gives its standard output as a stream, which ends only once the program has.
    ///
    /// - Parameters:
    ///   - file: Where the program writes its output; the stream follows the file. Nil: to a pipe.
    ///   - stallLimit: How long the program may print nothing before it is taken for hanging.
    ///   - check: Looks at how the program ended and throws if that was not well: the stream throws the same.
    ///   - body: Reads the stream. When it throws or returns early, the program is stopped.
    /// - Returns: What `body` returns.
    /// - Throws: ``MigrationError`` if the program is not there or prints nothing for too long; what `check` and `body`
    ///   throw.
    package func withOutput<Value: Sendable>(
        writtenTo file: AtomicFile? = nil, stallLimit: Duration,
        check: @escaping @Sendable (CommandOutcome) async throws -> Void, body: (ByteStream) async throws -> Value
    ) async throws -> Value {
        if let file {
            let followed = try FollowedFile(file)
            let process = try RunningProcess(self, output: file.descriptor, closesOutput: false)
            return try await process.whileRunning(body) {
                let chunk = try await followed.read(
                    stallLimit: stallLimit, program: program, hasEnded: { process.hasEnded }
                )
                if chunk == nil { try await check(try await process.outcome) }
                return chunk
            }
        }
        let pipe = try OutputPipe()
        let process = try RunningProcess(self, output: pipe.writingEnd, closesOutput: true)
        return try await process.whileRunning(body) {
            let chunk = try await pipe.read(stallLimit: stallLimit, program: program, hasEnded: { process.hasEnded })
            if chunk == nil { try await check(try await process.outcome) }
            return chunk
        }
    }

    /// A session of its own: no program may ask for a password on the terminal, and what a wrapper script has started
    /// is stopped with it.
    var configuration: Configuration {
        Logger(label: "MigrationKit").debug("running \(maskedLine)")
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [
            .gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: .seconds(2)),
            .send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .seconds(1)),
        ]
        let variables = environment.map { (Environment.Key(rawValue: $0.name), $0.value.revealed) }
        var overrides: [Environment.Key: String?] = [:]
        for case (let key?, let value) in variables { overrides[key] = value }
        for name in unsetting {
            if let key = Environment.Key(rawValue: name) { overrides.updateValue(nil, forKey: key) }
        }
        return Configuration(
            executable: program.contains("/") ? .path(FilePath(program)) : .name(program),
            arguments: Arguments(arguments), environment: .inherit.updating(overrides), platformOptions: options
        )
    }

    /// - Throws: ``MigrationError`` with code `usage` for a text that no program can be given as it is: a NUL ends it.
    func checkForNUL() throws {
        let words = arguments + environment.map(\.value.revealed)
        guard words.contains(where: { $0.utf8.contains(0) }) else { return }
        throw MigrationError(
            .usage, "An argument or a variable for `\(program)` holds a NUL.", next: "Correct the value.")
    }

    /// What programs come with.
    private static let origins = [
        "psql": "postgresql-client", "pg_dump": "postgresql-client", "ssh": "openssh-client",
        "docker": "Docker Engine", "kubectl": "Kubernetes", "gcloud": "the Google Cloud CLI",
        "mi": "the command of Sourcegraph's operators for managed instances", "terraform": "Terraform or OpenTofu",
    ]

    func notRun(_ error: SubprocessError) -> MigrationError {
        switch error.code {
        case .executableNotFound:
            MigrationError(
                .unmetRequirement, "The program `\(program)` is not installed, or not in PATH.",
                next: Self.origins[program].map { "Install it (\($0)), or add its folder to PATH." }
                    ?? "Install it, or add its folder to PATH."
            )
        default:
            MigrationError(.failed, "`\(program)` could not be run: \(error).")
        }
    }
}

extension CommandOutcome {
    init(_ status: TerminationStatus, _ lines: LastLines.Excerpt) {
        switch status {
        case .exited(let code): exitStatus = code
        case .signaled(let signal):
            exitStatus = 128 + signal
            self.signal = signal
        }
        lastLines = lines.last
        firstError = lines.firstError
        sqlState = lines.sqlState
    }

    /// How the program ended, for a message.
    package var ending: String {
        signal.map { ExitStatus(128 + $0).description } ?? "exited with status \(exitStatus)"
    }
}
