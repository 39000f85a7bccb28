import Foundation
import TestClusters
import Testing

/// Where what a command prints goes, and nobody takes it.
enum DeafEar: String, CaseIterable, CustomTestStringConvertible {
    case fullDisk = "/dev/full"
    case closed = "&-"
    /// A pipe whose reader has gone, such as a pager that was quit.
    case brokenPipe = "&4"

    /// Those that this system has.
    static let here = allCases.filter { $0 != .fullDisk || FileManager.default.fileExists(atPath: $0.rawValue) }

    var testDescription: String { "\(self)" }

    /// What the system says of it.
    var reason: String {
        switch self {
        case .fullDisk: "No space left on device"
        case .closed: "Bad file descriptor"
        case .brokenPipe: "Broken pipe"
        }
    }

    /// Makes descriptor 4 such a pipe: the reading end was there when it was opened, and is closed.
    fileprivate static let pipe = "rm -f deaf; mkfifo deaf; exec 3<>deaf 4>deaf; exec 3<&-; "
}

extension Workplace {
    /// Runs lines of shell in which descriptor 4 is a pipe whose reader has gone, with the target's password.
    func deafShell(_ lines: String) async throws -> Finished {
        try await shell(DeafEar.pipe + lines, environment: ["PGPASSWORD": target.password])
    }
}
