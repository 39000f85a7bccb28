import Foundation
package import Subprocess
package import SystemPackage
import TestProcess
import Testing

/// What child processes of the tests have for an environment: what stands here and what a test adds, and nothing of
/// whoever runs the tests. The process of the tests itself is cleaned by `TestProcess.c`.
package enum ChildEnvironment {
    private static let folder = FilePath(String(cString: testProcessFolder()))

    /// The system's programs that tests, stand-ins and commands may find, and no others of the machine's: no docker, no
    /// kubectl, no gcloud, no terraform.
    package static let tools = folder.appending("tools")

    /// Stand-ins for what runs in the process of the tests.
    package static let standIns = folder.appending("bin")

    /// A symbolic link to PostgreSQL's programs, for what runs in the process of the tests.
    package static let postgres = folder.appending("postgres")

    /// The PATH of whoever runs the tests. It says which PostgreSQL, Chromium and Terraform are taken, and no more.
    package static let searchPath = String(cString: testProcessSearchPath())

    /// A PATH.
    ///
    /// - Parameter folders: What is found before the system's programs.
    package static func path(_ folders: [FilePath]) -> String {
        (folders + [tools]).map(\.string).joined(separator: ":")
    }

    /// All variables of a child process.
    ///
    /// - Parameters:
    ///   - folders: What is found before the system's programs.
    ///   - home: One that is not there, if it is nil.
    ///   - others: The test's own; they win.
    package static func variables(
        _ folders: [FilePath] = [], home: FilePath? = nil, _ others: [String: String] = [:]
    ) -> [String: String] {
        let all = [
            "PATH": path(folders), "HOME": (home ?? folder.appending("nobodys-home")).string, "LC_ALL": "C",
            "TZ": "UTC",
        ]
        return all.merging(others) { $1 }
    }

    /// The variables of a script of the tests that keeps something up. It takes it down after the process of the tests
    /// has ended, and its tools with it: so it has the system's folders.
    package static func variables(ofScript others: [String: String]) -> [String: String] {
        var all = variables([], others)
        all["PATH"] = "/usr/bin:/bin:/usr/sbin:/sbin"
        all["SEARCH_PATH"] = searchPath
        all["TMPDIR"] = ProcessInfo.processInfo.environment["TMPDIR"]
        return all
    }
}

extension Subprocess.Environment {
    /// These variables alone.
    package static func only(_ variables: [String: String]) throws -> Self {
        var all: [Key: String] = [:]
        for (name, value) in variables { all[try #require(Key(rawValue: name), "\(name)")] = value }
        return .custom(all)
    }
}
