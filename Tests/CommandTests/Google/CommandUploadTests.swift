import FakeGoogle
import Foundation
import MigrationKit
import TestClusters
import Testing

/// `src-snapshot upload` puts a snapshot in a Google bucket.
@Suite(.inTurn) struct CommandUploadTests {
    @Test func objectsAreTheRewrittenDumps() async throws {
        try await CommandPlace.with(CommandPlace.threeDumps) { place in
            try place.writeSummary()
            let uploaded = try await place.upload()
            #expect(uploaded.exit == 0, "\(uploaded.errors)")
            #expect(
                place.objects == ["codeinsights.sql", "codeintel.sql", "manifest.json", "primary.sql", "summary.json"])
            for (database, dump) in CommandPlace.threeDumps {
                #expect(place.object(database.dumpName) == dump.rewritten, "\(database)")
                #expect(dump.rewritten.count == dump.text.count + 12)
            }
            #expect(place.object("summary.json") == Data("{\"version\": \"5.1.8\"}\n".utf8))
            let lines = uploaded.output.split(separator: "\n")
            #expect(lines.count == 5 && lines[0].hasPrefix("object"))
            #expect(lines[1].hasPrefix("primary.sql") && lines[1].contains("11.0 MB"), "\(uploaded.output)")
            #expect(uploaded.errors.contains("manifest.json is in gs://bucket: the snapshot is complete."))
            #expect(place.fake.openUploads == [] && place.fake.grants.count == 1)
            #expect(place.fake.violations == [])
        }
    }

    @Test func manifestIsSentWhenAllElseIsThere() async throws {
        try await CommandPlace.with(CommandPlace.threeDumps) { place in
            try place.writeSummary()
            let fake = place.fake
            fake.fault(.startSession, of: "manifest.json", .stall())
            let uploaded = try await place.upload { _ in
                try await fake.waitUntil { $0.stalled == 1 }
                // They were answered before it came, though the fake may have to do with them still.
                let others = fake.requests.filter { $0.object != "manifest.json" }
                #expect(others.count > 6 && others.allSatisfy { $0.status == 200 })
                #expect(place.objects == ["codeinsights.sql", "codeintel.sql", "primary.sql", "summary.json"])
                fake.releaseStalls()
            }
            #expect(uploaded.exit == 0, "\(uploaded.errors)")
            #expect(fake.requests.last?.object == "manifest.json")
            #expect(fake.violations == [])
        }
    }

    @Test func secondRunSendsNothing() async throws {
        try await CommandPlace.with(CommandPlace.threeDumps) { place in
            try place.writeSummary()
            let first = try await place.upload()
            #expect(first.exit == 0, "\(first.errors)")
            let requests = place.fake.requests.count
            let second = try await place.upload()
            #expect(second.exit == 0, "\(second.errors)")
            #expect(place.fake.requests.count == requests)
            for name in ["primary.sql", "codeintel.sql", "codeinsights.sql"] {
                #expect(second.errors.contains("\(name): already uploaded (20"), "\(second.errors)")
            }
            #expect(second.output == first.output)
            #expect(place.fake.violations == [])
        }
    }

    @Test func prefixComesBeforeTheNames() async throws {
        try await CommandPlace.with(CommandPlace.smallDumps) { place in
            let uploaded = try await place.upload("-bucket=gs://bucket/a/b", "--without-summary")
            #expect(uploaded.exit == 0, "\(uploaded.errors)")
            #expect(
                place.objects == ["a/b/codeinsights.sql", "a/b/codeintel.sql", "a/b/manifest.json", "a/b/primary.sql"])
            #expect(place.object("a/b/primary.sql") == CommandDump.small.rewritten)
            // Another prefix is another place, about which nothing is noted.
            let other = try await place.upload("-bucket=gs://bucket/a", "--without-summary")
            #expect(other.exit == 0, "\(other.errors)")
            #expect(place.objects.count == 8)
            #expect(place.fake.violations == [])
        }
    }

    @Test func manifestWaitsForTheFilesThatAreStillToCome() async throws {
        try await CommandPlace.with(CommandPlace.smallDumps) { place in
            let one = try await place.upload("-file=primary.sql")
            #expect(one.exit == 0, "\(one.errors)")
            #expect(place.objects == ["primary.sql"])
            #expect(
                one.errors.contains("manifest.json can be written only once, and waits for codeintel.sql, codeinsi"))
            let rest = try await place.upload("-file=codeintel.sql,codeinsights.sql")
            #expect(rest.exit == 0, "\(rest.errors)")
            let manifest = try JSONDecoder().decode(
                SnapshotManifest.self, from: try #require(place.object("manifest.json")))
            #expect(manifest.databases.map(\.database) == Database.allCases)
            #expect(rest.output.contains("primary.sql"))
            #expect(place.fake.violations == [])
        }
    }

    @Test func partialSnapshotTakesNoMoreDumps() async throws {
        try await CommandPlace.with(CommandPlace.smallDumps) { place in
            let one = try await place.upload("-file=codeintel.sql", "--partial")
            #expect(one.exit == 0, "\(one.errors)")
            #expect(
                one.errors.contains("for a partial snapshot without primary.sql, codeinsights.sql."), "\(one.errors)")
            #expect(place.objects == ["codeintel.sql", "manifest.json"])
            let requests = place.fake.requests.count
            // It would be known only when all is sent, hours later.
            let rest = try await place.upload("--without-summary")
            #expect(rest.exit == 3)
            #expect(
                rest.errors.contains(
                    "manifest.json is already in gs://bucket, and does not name primary.sql, codeinsights.sql."),
                "\(rest.errors)")
            #expect(place.fake.requests.count == requests)
            #expect(place.fake.violations == [])
        }
    }
}
