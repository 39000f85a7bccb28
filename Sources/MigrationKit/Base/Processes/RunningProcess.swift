package import NIOCore
internal import Subprocess
import Synchronization
package import SystemPackage

/// A child process whose output somebody reads: reaped in every case, stopped when nobody reads any more.
package final class RunningProcess: Sendable {
    /// Its standard input.
    private let input: InputPipe
    private let task: Task<CommandOutcome, any Error>
    private let ended: Ended

    /// Shared with the task that waits for the process.
    private final class Ended: Sendable {
        let flag = Mutex(false)
    }

    /// Starts it, and hands it the command's input, if it has one.
    ///
    /// - Parameters:
    ///   - command: What to run.
    ///   - output: Where its standard output goes.
    ///   - closesOutput: Whether our copy of that descriptor is closed once the process has its own.
    ///   - isFed: Whether the caller writes the input instead: see ``feed(_:)``.
    package init(
        _ command: Command, output: SystemPackage.FileDescriptor, closesOutput: Bool, isFed: Bool = false
    ) throws {
        try command.checkForNUL()
        let input = try InputPipe()
        self.input = input
        let ended = Ended()
        self.ended = ended
        task = Task {
            defer { ended.flag.withLock { $0 = true } }
            do {
                let result = try await Subprocess.run(
                    command.configuration, input: .fileDescriptor(input.readingEnd, closeAfterSpawningProcess: true),
                    output: .fileDescriptor(output, closeAfterSpawningProcess: closesOutput), error: .sequence
                ) { execution in
                    try await ChildSessions.with(execution.processIdentifier.value) {
                        try await LastLines.read(execution.standardError)
                    }
                }
                return CommandOutcome(result.terminationStatus, result.closureResult)
            } catch let error as SubprocessError {
                throw command.notRun(error)
            }
        }
        guard !isFed else { return }
        Task {
            // A program that does not want to know its input is judged by how it ends.
            try? await input.write(ByteBuffer(string: command.input?.revealed ?? "")) { ended.flag.withLock { $0 } }
            input.close()
        }
    }

    /// Writes to its standard input; nil ends it.
    ///
    /// - Throws: `Errno.brokenPipe` if it takes no more.
    package func feed(_ chunk: ByteBuffer?) async throws {
        if let chunk { try await input.write(chunk) { self.hasEnded } } else { endInput() }
    }

    /// Ends its standard input. Called once, and not beside ``feed(_:)``.
    package func endInput() { input.close() }

    /// Whether it has ended: whatever it wrote is written.
    package var hasEnded: Bool { ended.flag.withLock { $0 } }

    /// How it ended; throws `CancellationError` if it was stopped because the caller is to stop.
    package var outcome: CommandOutcome {
        get async throws {
            let outcome = try await task.value
            try Task.checkCancellation()
            return outcome
        }
    }

    /// Stops it, whatever it is doing.
    package func cancel() { task.cancel() }

    /// Runs `body` with the stream that `pull` makes; then the process is over, by itself or by us.
    package func whileRunning<Value: Sendable>(
        _ body: (ByteStream) async throws -> Value, pull: @escaping @Sendable () async throws -> ByteBuffer?
    ) async throws -> Value {
        try await withTaskCancellationHandler {
            do {
                let value = try await body(ByteStream(pull))
                await stop()
                return value
            } catch {
                await stop()
                throw error
            }
        } onCancel: {
            task.cancel()
        }
    }

    private func stop() async {
        task.cancel()
        _ = await task.result
    }
}
