import MigrationKit
import SystemPackage
import TestClusters

extension Workplace {
    private static let standIns = FilePath(#filePath).removingLastComponent().appending("../StandIns")

    /// Puts programs of `StandIns` first in the PATH of commands run here.
    func standIn(_ names: String...) throws {
        for name in names + ["container.sh", "failing"] where !folder.exists("bin/\(name)") {
            try folder.copy(Self.standIns.appending(name), to: "bin/\(name)")
        }
    }

    /// Puts a program of the test's own there, a script for `sh`.
    func standIn(_ name: String, script: String) throws {
        try folder.write("bin/\(name)", "#!/bin/sh\n\(script)\n", mode: 0o755)
    }

    /// What the stand-ins of docker and kubectl have to know.
    ///
    /// - Parameters:
    ///   - fault: What goes wrong, see `container.sh`.
    ///   - container: Where.
    func container(_ fault: String = "", at container: String = "") -> [String: String] {
        [
            "STANDIN_FAULT": fault, "STANDIN_AT": container, "STANDIN_PATH": ChildEnvironment.path([postgres.bin]),
            "STANDIN_PGHOST": postgres.source.socket.string, "STANDIN_PGPORT": "\(postgres.source.port)",
            "STANDIN_SCRATCH": folder.path.string,
        ]
    }

    /// Writes a targets file for containers named as Sourcegraph's are.
    func writeContainerTargets(_ change: (Database, inout TargetLines) -> Void = { _, _ in }) throws {
        try writeTargets { database, lines in
            lines.target = ["primary": "pgsql", "codeintel": "codeintel-db"][database.rawValue] ?? "codeinsights-db"
            lines.others = [:]
            change(database, &lines)
        }
    }
}
