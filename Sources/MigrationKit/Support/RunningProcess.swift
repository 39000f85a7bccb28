internal import NIOCore
internal import Subprocess
import Synchronization
internal import SystemPackage

/// A child process whose output somebody reads: reaped in every case, stopped when nobody reads any more.
final class RunningProcess: Sendable {
    private let task: Task<CommandOutcome, any Error>
    private let ended: Ended

    /// Shared with the task that waits for the process.
    private final class Ended: Sendable {
        let flag = Mutex(false)
    }

    /// Starts it.
    ///
    /// - Parameters:
    ///   - command: What to run.
    ///   - output: Where its standard output goes.
    ///   - closesOutput: Whether our copy of that descriptor is closed once the process has its own.
    init(_ command: Command, output: SystemPackage.FileDescriptor, closesOutput: Bool) {
        let ended = Ended()
        self.ended = ended
        task = Task {
            defer { ended.flag.withLock { $0 = true } }
            do {
                let result = try await Subprocess.run(
                    command.configuration, input: .array(Array((command.input?.revealed ?? "").utf8)),
                    output: .fileDescriptor(output, closeAfterSpawningProcess: closesOutput), error: .sequence
                ) { execution in
                    try await LastLines.read(execution.standardError)
                }
                return CommandOutcome(result.terminationStatus, result.closureResult)
            } catch let error as SubprocessError {
                throw command.notRun(error)
            }
        }
    }

    /// Whether it has ended: whatever it wrote is written.
    var hasEnded: Bool { ended.flag.withLock { $0 } }

    /// How it ended.
    var outcome: CommandOutcome {
        get async throws { try await task.value }
    }

    /// Runs `body` with the stream that `pull` makes; then the process is over, by itself or by us.
    func whileRunning<Value: Sendable>(
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
