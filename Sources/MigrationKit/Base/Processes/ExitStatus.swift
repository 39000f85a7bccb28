/// The exit status of a program, as shells and docker tell it.
package struct ExitStatus: Sendable, Hashable, CustomStringConvertible {
    /// The number.
    package let number: Int32

    /// Names a status.
    package init(_ number: Int32) { self.number = number }

    /// The name of the signal that it tells of: `SIGKILL` of 137; nil if it tells of none.
    package var signal: String? {
        guard number > 128, number < 193 else { return nil }
        return Self.signals[number - 128].map { "SIG\($0)" } ?? "signal \(number - 128)"
    }

    /// What became of the program: `failed with exit status 1`, `was killed (SIGKILL, exit status 137)`.
    package var description: String {
        guard let signal else { return "failed with exit status \(number)" }
        let end = number == 137 ? "was killed" : number == 143 ? "was terminated" : "was ended by a signal"
        return "\(end) (\(signal), exit status \(number))"
    }

    /// Those that have the same number on every system.
    private static let signals: [Int32: String] = [
        1: "HUP", 2: "INT", 3: "QUIT", 4: "ILL", 5: "TRAP", 6: "ABRT", 8: "FPE", 9: "KILL", 11: "SEGV", 13: "PIPE",
        14: "ALRM", 15: "TERM", 24: "XCPU", 25: "XFSZ",
    ]
}
