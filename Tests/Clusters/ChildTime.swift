import Dispatch
import Foundation
import Subprocess

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension ProcessIdentifier {
    /// Returns once the process has ended, and leaves it to be reaped by whoever has started it.
    ///
    /// - Returns: The CPU time of it and of those that it has waited for; nil where the system does not tell.
    package func cpuTimeAtItsEnd() async -> Duration? {
        #if os(Linux)
            await withCheckedContinuation { continuation in
                DispatchQueue.global().async {
                    var information = siginfo_t()
                    while waitid(P_PID, id_t(value), &information, WEXITED | WNOWAIT) == -1, errno == EINTR {}
                    continuation.resume(returning: cpuTime)
                }
            }
        #else
            nil
        #endif
    }

    #if os(Linux)
        private var cpuTime: Duration? {
            // The name may hold anything, also what looks like the end of it.
            let stat = try? String(contentsOfFile: "/proc/\(value)/stat", encoding: .utf8)
            let fields = stat?.split(separator: ")").last?.split(separator: " ").map { Int($0) }
            guard let fields, fields.count > 14 else { return nil }
            // utime, stime, cutime and cstime of proc(5), in ticks.
            let ticks = fields[11...14].compactMap(\.self).reduce(0, +)
            return .seconds(ticks) / sysconf(Int32(_SC_CLK_TCK))
        }
    #endif
}
