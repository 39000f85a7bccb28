import MigrationKit
import TestClusters
import Testing

/// The source's three databases, dumped and uploaded once by `src-snapshot`; tests look at what came of it, and take
/// copies to damage.
struct ExampleSnapshot: Sendable {
    /// Has `src-snapshot/` and `bucket/`. Not to be changed.
    let workplace: Workplace
    let dumped: Workplace.Finished
    let uploaded: Workplace.Finished

    static var shared: ExampleSnapshot { get async throws { try await making.value } }

    private static let making = Task {
        let workplace = try await Workplace()
        try workplace.writeTargets()
        try workplace.folder.write("src-snapshot/summary.json", "{\"version\": \"5.1.8\"}\n")
        let dumped = try await workplace.snapshot("databases", "pg_dump", "--targets=targets.yaml", "--run")
        try #require(dumped.exit == 0, "\(dumped.errors)")
        let uploaded = try await workplace.snapshot("upload", "-bucket=./bucket")
        try #require(uploaded.exit == 0, "\(uploaded.errors)")
        return ExampleSnapshot(workplace: workplace, dumped: dumped, uploaded: uploaded)
    }
}

extension Workplace {
    /// Copies the dumps, or the bucket, of the example here.
    func takeExample(_ name: String) async throws {
        try folder.copy(await ExampleSnapshot.shared.workplace.folder.file(name), to: name)
    }
}
