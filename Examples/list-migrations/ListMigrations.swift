import Foundation
import MigrationKit

/// A line for each migration, read from its journal: `list-migrations bucket/mi-migrate/* gs://acme/mi-migrate/prod`.
@main
struct ListMigrations {
    static func main() async {
        print("snapshot", "began", "proven", "steps done", "last", separator: "\t")
        var isWhole = true
        for place in CommandLine.arguments.dropFirst() {
            do {
                let journal = MigrationJournal(store: try BucketLocation(place).store())
                try await journal.read()
                print(row(await journal.state).joined(separator: "\t"))
            } catch {
                // One that cannot be read does not keep the others from being shown.
                FileHandle.standardError.write(Data("\(place): \(error)\n".utf8))
                isWhole = false
            }
        }
        exit(isWhole ? 0 : 1)
    }

    private static func row(_ state: JournalState) -> [String] {
        let failed = state.steps.last { $0.error != nil }.map { "\($0.name) failed: \($0.error ?? "")" }
        let worker = state.holder.map { "\($0.writer.who) is at work" }
        return [
            state.identity?.snapshot ?? "-", time(state.openedAt), time(state.completedAt),
            "\(state.steps.count { $0.finishedAt != nil })",
            failed ?? worker ?? state.steps.last.map { "\($0.name)" } ?? "-",
        ]
    }

    private static func time(_ time: Date?) -> String { time?.formatted(.iso8601) ?? "-" }
}
