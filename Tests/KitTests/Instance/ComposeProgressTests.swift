import Testing

@testable import MigrationKit

@Suite struct ComposeProgressTests {
    private static let progress = [
        "Creating network \"deployment_default\" with the default driver", "Creating cloud-sql-proxy ...",
        "Creating cloud-sql-proxy ... done",
        "worker is up-to-date", "Removing network deployment_default", "Attaching to migrator",
        "[+] Running 3/3", "Container worker Started", "✔ Container sourcegraph-frontend-0 Started 0.5s",
        "Network deployment_default Created", "Container migrator Exited", "migrator Pulling",
        "5.3.12303: Pulling from sourcegraph/migrator", "9a1e03b7c3a2: Pulling fs layer",
        "9a1e03b7c3a2 Downloading [=> ] 1.2MB/33MB", "9a1e03b7c3a2: Pull complete",
        "Digest: sha256:50cfdceddc58b2d4a4f60475bd9351c3",
        "Status: Downloaded newer image for sourcegraph/migrator:5.3.1",
    ]
    private static let reasons = [
        "Pulling migrator (index.docker.io/sourcegraph/migrator:5.3.12303)...",
        "Creating cloud-sql-proxy ... error",
        "ERROR: for worker Cannot start service worker: port is already allocated",
        "Error response from daemon: manifest unknown", "Container migrator Error", "migrator Error manifest unknown",
        "dependency failed to start: container worker is unhealthy",
        "service \"migrator\" didn't complete successfully",
        "failed to register layer: no space left on device", "👉 Migrating to v5.2 (step 1 of 2)",
        "database drift detected",
        "Waiting for the migrator of an earlier run to finish.", "",
    ]

    @Test(arguments: progress) func progressIsNoReason(_ line: String) { #expect(ComposeProgress.tells(line)) }

    @Test func reasonsStay() {
        #expect(ComposeProgress.removed(from: Self.progress + Self.reasons) == Self.reasons)
    }
}
