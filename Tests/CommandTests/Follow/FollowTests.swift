import FakeGoogle
import Foundation
import LoopbackServers
import MigrationKit
import TestClusters
import TestSupport
import Testing

@testable import MigrationKitPostgresDump

/// An import that follows an upload ends as one that began when all of it was there, or says that nothing counts.
@Suite(.inTurn) struct FollowTests {
    @Test(arguments: [3000, 60_000] as [Int64])
    func partsAreLoadedAsTheyArrive(size: Int64) async throws {
        try await FollowPlace.with(size: size) { place in
            let report = try await place.migrate {
                try await place.begin()
                try await place.waitForLoads(of: place.names(.schema))
                try await place.put(place.half)
                try await place.waitForLoads(of: place.half)
                let status = try await place.status
                #expect(status.following?.contains("Following \(AttemptBucket.attempt), which is not") == true)
                #expect(status.steps.allSatisfy { $0.name.step != .prove })
                let told = try await ReportMigration(
                    store: place.store, server: place.workplace.serverName, journal: place.journal
                ).run()
                #expect(told.doubts.contains { $0.reason.contains("is still being uploaded") }, "\(told.doubts)")
                try await place.complete()
            }
            try await place.expectImported(report)
            #expect(report.proofs.map(\.isEqual) == [true])
            #expect(try await place.status.following == nil)
        }
    }

    @Test func googleBucketIsFollowed() async throws {
        var options = FakeGoogleStorage.Options()
        options.permissions = FakeGoogleStorage.Options.objectViewer
        options.pageSize = 3
        try await FakeGoogleStorage.running(options) { fake in
            try await FollowPlace.with(in: fake) { place in
                // The same bytes, by another generation.
                let name = try #require(place.half.first)
                try await place.expectLost("\(name) was replaced") {
                    try await place.begin()
                    try await place.put(place.half)
                    try await place.waitForLoads(of: place.half)
                    try await place.put([name])
                }
                let report = try await place.migrate {
                    try await place.waitForLoads(of: place.half)
                    try await place.complete()
                }
                try await place.expectImported(report)
            }
            #expect(fake.violations == [])
        }
    }

    @Test func snapshotThatIsCompleteIsImportedAsEver() async throws {
        try await FollowPlace.with { place in
            try await place.complete()
            try await place.expectImported(try await place.migrate())
            #expect(place.told.change { $0.lines }.contains { $0.hasSuffix("there is nothing to follow.") })
        }
    }

    /// Who follows waits for the schema, and destroys nothing before.
    @Test func nothingIsDroppedBeforeTheSchemaIsThere() async throws {
        try await FollowPlace.with { place in
            let time = ManualTime()
            let error = await #expect(throws: MigrationError.self) {
                try await time.ruling {
                    try await place.migrate {
                        try await place.put(place.names(.extensions) + place.half)
                        try await place.waitForSight(of: place.names(.extensions) + place.half)
                        time.advance(by: .seconds(3600))
                    } changing: {
                        $0.confirm = { _ in throw WaitedInVain("a question", last: "") }
                    }
                }
            }
            let message = "Gave up waiting for the schema of \(place.database.dumpName) in "
            #expect(error?.message.hasPrefix(message) == true, "\(String(describing: error))")
            #expect(error?.message.hasSuffix("Nothing was changed.") == true)
        }
    }

    // MARK: What does not count

    @Test func uploadThatNeverEndsIsGivenUp() async throws {
        try await FollowPlace.with { place in
            let time = ManualTime()
            try await time.ruling {
                try await place.expectLost("Gave up waiting for the rest of \(AttemptBucket.attempt).") {
                    try await place.begin()
                    try await place.put(place.half)
                    try await place.waitForLoads(of: place.half)
                    time.advance(by: .seconds(60))
                    try await place.told.wait(
                        file: #filePath, line: #line, last: { "\($0)" },
                        until: { $0.lines.contains { $0.contains("nothing has arrived since") } })
                    time.advance(by: .seconds(3600))
                }
            }
            // The customer went on after all: all of it is loaded again, also without following.
            try await place.complete()
            try await place.expectImported(try await place.migrate(changing: { $0.waitsForUpload = nil }))
        }
    }

    @Test func newAttemptIsFollowedByTheNextRun() async throws {
        try await FollowPlace.with { place in
            let new = "run-20261130T070000Z-0001"
            let objects = try place.renamed(new)
            try await place.expectLost("A new attempt, \(new), has begun") {
                try await place.begin()
                try await place.put(place.half)
                try await place.waitForLoads(of: place.half)
                let name = try #require(objects.keys.filter { $0.contains(".10-schema") }.first)
                try await place.put(name, try #require(objects[name]))
            }
            let report = try await place.migrate {
                try await place.putRows(objects)
                try await place.waitForLoads(of: objects.keys.filter { $0.contains(".20-data-") })
                try await place.complete(objects)
            }
            try await place.expectImported(report)
        }
    }

    /// A folder keeps the manifest of the snapshot before until the next one's.
    @Test func newerAttemptBesideACompleteSnapshotIsNotPassedOver() async throws {
        try await FollowPlace.with { place in
            let new = "run-20261130T070000Z-0001"
            try await place.begin()
            try await place.complete()
            for (name, bytes) in try place.renamed(new) where name.contains(".10-schema") {
                try await place.put(name, bytes)
            }
            // Then it is imported without --follow, and nor does that count as the one that comes.
            for _ in 1...2 {
                let error = try await #require(throws: MigrationError.self) { _ = try await place.migrate() }
                #expect(error.code == .unmetRequirement)
                let message = "names \(AttemptBucket.attempt), but a newer attempt, \(new), has begun beside it."
                #expect(error.message.hasSuffix(message), "\(error)")
                try await place.expectImported(try await place.migrate(changing: { $0.waitsForUpload = nil }))
            }
        }
    }

    /// What was loaded while the upload was followed counts for an import that follows nothing and loads nothing more.
    @Test func importThatStopsEarlyGoesOnWithoutFollowing() async throws {
        struct Stopped: Error {}
        try await FollowPlace.with { place in
            await #expect(throws: Stopped.self) {
                try await place.migrate {
                    try await place.begin()
                    try await place.put(place.half)
                    try await place.waitForLoads(of: place.half)
                    throw Stopped()
                }
            }
            try await place.complete()
            let early = try await place.migrate(changing: { ($0.waitsForUpload, $0.until) = (nil, .reset) })
            #expect(early.completedAt == nil)
            let lines = place.told.change { $0.lines }
            #expect(lines.contains { $0.hasPrefix("Resuming the import") }, "\(lines)")
            try await place.expectImported(try await place.migrate(changing: { $0.waitsForUpload = nil }))
        }
    }

    @Test func backupIsOfWhatWasThereBeforeTheFirstAttempt() async throws {
        try await FollowPlace.with { place in
            let new = "run-20261130T070000Z-0001"
            let (name, target) = (place.database.importedName, place.workplace.target)
            try await target.sql("DROP DATABASE IF EXISTS \"\(name)\" WITH (FORCE)")
            try await target.sql("CREATE DATABASE \"\(name)\" OWNER \"sourcegraph-admin\"")
            try await target.sql("CREATE TABLE precious AS SELECT 1 AS one", in: name)
            try await target.sql("ALTER TABLE precious OWNER TO \"sourcegraph-admin\"", in: name)
            let objects = try place.renamed(new)
            let lost = try await #require(throws: MigrationError.self) {
                _ = try await place.migrate(
                    while: {
                        try await place.begin()
                        try await place.put(place.half)
                        try await place.waitForLoads(of: place.half)
                        for (name, bytes) in objects where name.contains(".10-schema") {
                            try await place.put(name, bytes)
                        }
                    }, changing: { $0.backsUp = true })
            }
            #expect(lost.message.hasPrefix("A new attempt, \(new), has begun"), "\(lost)")
            try await place.complete(objects)
            try await place.expectImported(try await place.migrate(changing: { $0.backsUp = true }))
            let copy = "\(name).before-import"
            #expect(try await target.sql("SELECT one FROM precious", in: copy) == "1")
            try await target.sql("DROP DATABASE \"\(copy)\"")
        }
    }

    @Test func manifestOfAnotherAttemptIsNotThatOfThisOne() async throws {
        try await FollowPlace.with { place in
            let other = "run-20261130T060000Z-0001"
            let objects = try place.renamed(other)
            try await place.expectLost("manifest.json names \(other), and \(AttemptBucket.attempt) was loaded.") {
                try await place.begin()
                try await place.put(place.half)
                try await place.waitForLoads(of: place.half)
                try await place.complete(objects)
            }
            try await place.expectImported(try await place.migrate(changing: { $0.waitsForUpload = nil }))
        }
    }

    @Test(arguments: [true, false])
    func partThatIsReplacedIsNoticed(isComplete: Bool) async throws {
        try await FollowPlace.with { place in
            let name = try #require(place.half.first)
            try await place.expectLost("\(name) was replaced") {
                try await place.begin()
                try await place.put(place.half)
                try await place.waitForLoads(of: place.half)
                try await place.put([name])
                if isComplete { try await place.complete() }
            }
            try await place.complete()
            try await place.expectImported(try await place.migrate())
        }
    }

    @Test(arguments: ["size", "crc32c", "sha256", "name"])
    func manifestThatDiffersInOneOfAllPartsIsNotThatOfWhatWasLoaded(member: String) async throws {
        try await FollowPlace.with { place in
            var manifest = try JSONDecoder().decode(
                SnapshotManifest.self, from: try #require(place.objects[SnapshotManifest.name]))
            let part = try #require(manifest.databases[0].parts.firstIndex { $0.object.name == place.half.last })
            let object = manifest.databases[0].parts[part].object
            switch member {
            case "size": manifest.databases[0].parts[part].object.size += 1
            case "crc32c": manifest.databases[0].parts[part].object.crc32c = "AAAAAA=="
            case "sha256": manifest.databases[0].parts[part].object.sha256 = String(repeating: "0", count: 64)
            default: manifest.databases[0].parts.remove(at: part)
            }
            let text = try JSONEncoder().encode(manifest)
            try await place.expectLost("\(object.name) was loaded") {
                try await place.begin()
                try await place.put(place.names(.data))
                try await place.waitForLoads(of: place.names(.data))
                try await place.put(place.names(.indexes))
                try await place.put(SnapshotManifest.name, text)
            }
            try await place.complete()
            try await place.expectImported(try await place.migrate(changing: { $0.waitsForUpload = nil }))
        }
    }

    // MARK: Refusals

    @Test func dumpThatIsNotSplitIsNotFollowed() async throws {
        try await FollowPlace.with { place in
            let name = "run-20261130T080000Z-0001.\(place.database.dumpName)"
            try await place.put(name, Data("--".utf8))
            let error = await #expect(throws: MigrationError.self) { try await place.migrate() }
            #expect(error?.message == "\(name) is not split into parts: it cannot be loaded before it is complete.")
        }
    }

    @Test func partThatIsNoneIsNotLoaded() async throws {
        try await FollowPlace.with { place in
            let name = try #require(place.half.first)
            let error = await #expect(throws: MigrationError.self) {
                try await place.migrate {
                    try await place.begin()
                    try await place.put(name, Data("--\n-- PostgreSQL database dump\n--\n\nSELECT 1;\n".utf8))
                }
            }
            #expect(error?.message == "\(name) is not a part that src-snapshot made.")
        }
    }
}

extension FollowPlace {
    fileprivate var status: MigrationStatus {
        get async throws {
            try await MigrationStatus(
                store: store, importer: try workplace.importer, journal: journal, databases: [database])
        }
    }
}
