import MigrationKit
import TestClusters
import Testing

/// A dump made by hand that a terminal or a message has changed is refused by whatever reads it.
@Suite(.inTurn) struct ChangedDumpTests {
    let workplace: Workplace

    init() async throws { workplace = try await Workplace() }

    enum Change: String, CaseIterable {
        case terminal, message, lost

        /// What is said of it.
        var reason: String {
            switch self {
            case .terminal: "The dump's lines end in CR LF: it was made through a terminal (-t) or on Windows."
            case .message: "a row of table people has 1 column, but its COPY has 3."
            case .lost: "a row of table people has 2 columns, but its COPY has 3."
            }
        }

        func made(of dump: String) throws -> String {
            let changed =
                switch self {
                case .terminal: dump.replacing("\n", with: "\r\n")
                case .message: dump.replacing("\n2\tGrace", with: "\npg_dump: warning: hunter2\n2\tGrace")
                case .lost: dump.replacing("Grace\t1906-12-09\n3\tEdsger\t", with: "")
                }
            try #require(changed != dump)
            return changed
        }
    }

    private func isRefused(_ finished: Workplace.Finished, _ change: Change) {
        #expect(finished.exit == 4, "\(finished.errors)")
        #expect(finished.errors.contains(change.reason), "\(finished.errors)")
        #expect(!finished.errors.contains("Grace") && !finished.errors.contains("hunter2"), "\(finished.errors)")
    }

    @Test(arguments: Change.allCases)
    func verifyAndUploadRefuseIt(change: Change) async throws {
        try workplace.folder.write("src-snapshot/primary.sql", change.made(of: await SmallDump.text))
        isRefused(try await workplace.snapshot("verify"), change)
        for options in [[], ["--gzip"], ["--split=16MiB"], ["--profile=none"]] {
            let arguments = ["upload", "-bucket=./bucket", "-file=primary.sql", "--without-summary"] + options
            isRefused(try await workplace.run(BuiltPrograms.path("src-snapshot"), arguments), change)
        }
        #expect(!workplace.folder.exists("bucket/manifest.json"))
    }

    @Test(arguments: Change.allCases)
    func importRefusesItBeforeAnythingIsDropped(change: Change) async throws {
        try await TargetDatabases.withOne { database in
            try workplace.folder.write("bucket/\(database.dumpName)", change.made(of: await SmallDump.text))
            let error = try await #require(throws: MigrationError.self) {
                _ = try await workplace.importSnapshot(of: database, afterReset: { Issue.record("was reset") })
            }
            #expect(error.message.contains(change.reason), "\(error)")
        }
    }
}
