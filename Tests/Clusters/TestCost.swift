import Foundation
import Synchronization
import SystemPackage
package import Testing

/// What a test has taken of the machine: its own time, without the wait for its turn, and the CPU time of the programs
/// that it has started. `Scripts/test.sh` prints the most costly ones.
package final class TestCost: Sendable {
    /// That of the test that runs.
    @TaskLocal package static var current: TestCost?

    private let start = ContinuousClock.now
    private let childrenTime = Mutex(Duration.zero)

    /// Adds the CPU time of a program that has ended, and of those that it has waited for.
    package func add(children time: Duration) { childrenTime.withLock { $0 += time } }

    /// Adds a line to `test-costs.tsv` beside the built programs: seconds, CPU seconds of programs, test.
    package func note(_ test: Test) {
        guard !HostileEnvironment.isInside else { return }
        let seconds = [ContinuousClock.now - start, childrenTime.withLock { $0 }].map {
            String(format: "%.3f", $0 / .seconds(1))
        }
        let line = (seconds + ["\(test.id)"]).joined(separator: "\t") + "\n"
        // One write a line, at the end of the file: those of other tests stay whole.
        let file = try? FileDescriptor.open(
            BuiltPrograms.folder.appending("test-costs.tsv"), .writeOnly, options: [.create, .append],
            permissions: .ownerReadWrite)
        _ = try? file?.closeAfter { try file?.writeAll(line.utf8) }
    }
}
