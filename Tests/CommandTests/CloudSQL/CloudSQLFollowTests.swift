import FakeGoogle
import Foundation
import MigrationKit
import NIOCore
import Subprocess
import TestClusters
import TestSupport
import Testing

/// An upload that is followed into Cloud SQL, over a connection, with the journal in the bucket.
@Suite(.inTurnFirst) struct CloudSQLFollowTests {
    private func contents(_ place: CloudSQLPlace) async throws -> [Substring] {
        try await place.instance.pgDump(Database.primary.importedName).split(separator: "\n").sorted()
    }

    @Test func followerThatIsKilledIsSucceededFromAnotherFolder() async throws {
        let objects = try AttemptBucket(try await CloudSQLSnapshot.split).objects
        let rows = objects.keys.filter { $0.contains(".primary.20-data-") }.sorted()
        let schemas = objects.keys.filter { name in [".primary.00-", ".primary.10-"].contains { name.contains($0) } }
        let first = try #require(rows.first)
        try await CloudSQLPlace.with([:]) { place in
            @Sendable func put(_ names: [String]) {
                for name in names {
                    if let bytes = objects[name] {
                        place.storage.add(CloudSQLPlace.bucket, name, ByteBuffer(bytes: bytes))
                    }
                }
            }
            put(schemas + [first])
            let killed = try await place.importOnLanes("--follow", "--wait=10m", "--database=primary") { process in
                try await place.storage.state.wait(
                    file: #filePath, line: #line, last: { $0.record.lastLines },
                    until: { state in
                        state.objects.values.map { String(buffer: $0.bytes) }
                            .contains { $0.contains("\"finished\"") && $0.contains(first) }
                    })
                for others in [
                    try await place.importOnLanes("--database=primary"),
                    try await place.importOnLanes("--follow", "--database=primary"),
                ] {
                    #expect(others.exit == 8, "\(others.errors)")
                    #expect(others.errors.contains("This migration is locked by "), "\(others.errors)")
                    #expect(others.errors.contains("process \(process.value)"))
                }
                let status = try await place.migrate("status")
                #expect(status.exit == 0 && status.errors.contains("Following run-"), "\(status.errors)")
                let report = try await place.migrate("report", "-o", "report.json")
                #expect(report.exit == 0, "\(report.errors)")
                try process.send(.kill)
            }
            #expect(killed.status == .signaled(Signal.kill.rawValue))

            let other = try await Workplace()
            try other.folder.write("key.json", try place.storage.serviceAccountKey())
            let present = Set(place.storage.objectNames(in: CloudSQLPlace.bucket))
            put(objects.keys.filter { !present.contains($0) && $0 != SnapshotManifest.name } + [SnapshotManifest.name])
            let last = try await other.run(
                BuiltPrograms.path("mi-migrate"),
                [
                    "import", "--yes", "--credentials=key.json", "--settle=1", place.connection, "--jobs=1", "--follow",
                    "--database=primary",
                ], environment: place.environment)
            #expect(last.exit == 0, "\(last.errors)")
            #expect(last.errors.contains("Resuming the import"), "\(last.errors)")
            #expect(last.errors.contains("holds exactly the rows that were dumped"), "\(last.errors)")
            #expect(place.dropped == ["pgsql"] && place.instance.imports().isEmpty)

            let followed = try await contents(place)
            let plain = try await place.importOnLanes("--start-over", "--database=primary")
            #expect(plain.exit == 0, "\(plain.errors)")
            #expect(try await contents(place) == followed)
        }
    }
}
