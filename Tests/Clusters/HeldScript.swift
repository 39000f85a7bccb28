import Foundation
import Subprocess
package import SystemPackage
import TestSupport
import Testing

/// A script that keeps something up for as long as its standard input is open: the kernel closes that when this process
/// ends, whichever way it does.
package struct HeldScript: Sendable {
    /// What it has said so far.
    package let lines: [String]
    private let running: Task<Void, Never>
    private let watchdog = Watchdog()
    private let hold: AsyncStream<Never>.Continuation

    /// The root of the repository.
    package static let repository = FilePath(#filePath).removingLastComponent().appending("../..")

    /// Returns when it has said so many lines.
    package init(
        _ script: FilePath, _ arguments: [String], environment: [String: String], lines count: Int
    ) async throws {
        var options = PlatformOptions()
        options.createSession = true  // Ctrl-C is for the tests; the script sees their end.
        let configuration = try Configuration(
            executable: .name("bash"), arguments: Arguments([script.string] + arguments),
            environment: .only(ChildEnvironment.variables(ofScript: environment)), platformOptions: options)
        let (held, hold) = AsyncStream.makeStream(of: Never.self)
        let (told, continuation) = AsyncThrowingStream.makeStream(of: [String].self)
        let name = script.lastComponent?.string ?? script.string
        running = Task.detached { [watchdog] in
            do {
                let result = try await Subprocess.run(
                    configuration, input: .inputWriter, output: .sequence, error: .text(limit: 1 << 20)
                ) { execution in
                    watchdog.watch(execution.processIdentifier)
                    var output = execution.standardOutput.strings().makeAsyncIterator()
                    var lines: [String] = []
                    while lines.count < count, let line = try await output.next() {
                        lines.append(line.trimmingCharacters(in: .newlines))
                    }
                    if lines.count == count {
                        watchdog.leave()
                        continuation.yield(lines)
                        for await _ in held {}
                        watchdog.watch(execution.processIdentifier)
                    }
                    // The writer is the script's standard input.
                    try await execution.standardInputWriter.finish()
                    while try await output.next() != nil {}
                    return lines
                }
                let said = (result.closureResult + [result.standardError]).joined(separator: "\n")
                if watchdog.leave() {
                    let error = WaitedInVain("\(name) \(arguments.joined(separator: " "))", last: said)
                    if result.closureResult.count == count { Issue.record(error, "It did not end.") }
                    throw error
                }
                continuation.finish(throwing: NotStarted(description: "\(name): \(said)"))
            } catch {
                continuation.finish(throwing: error)
            }
        }
        self.hold = hold
        var lines: [String] = []
        for try await all in told {
            lines = all
            break
        }
        self.lines = lines
    }

    /// Closes its standard input, and returns when it has ended.
    package func end() async {
        hold.finish()
        await running.value
    }

    private struct NotStarted: Error, CustomStringConvertible { let description: String }
}
