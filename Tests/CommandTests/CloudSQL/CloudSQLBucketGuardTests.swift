import FakeGoogle
import Foundation
import MigrationKit
import NIOCore
import TestClusters
import Testing

/// A bucket that does not hold what was uploaded is found out before anything is dropped.
@Suite(.inTurn) struct CloudSQLBucketGuardTests {
    private func put(_ name: String, _ text: String, in place: CloudSQLPlace) {
        place.storage.add(CloudSQLPlace.bucket, name, ByteBuffer(string: text))
    }

    /// What is done to the bucket, and what is said of it.
    private func cases(_ dump: String) -> [(what: String, change: (CloudSQLPlace) -> Void, told: String)] {
        [
            (
                "other bytes", { put("primary.sql", dump.replacing("Grace", with: "Gracf"), in: $0) },
                "primary.sql is not what was uploaded: its checksums differ."
            ),
            (
                "a truncated dump", { put("codeintel.sql", String(dump.prefix(dump.count / 2)), in: $0) },
                "codeintel.sql has \(dump.utf8.count / 2) bytes; \(dump.utf8.count) were uploaded."
            ),
            (
                "a missing dump", { $0.storage.remove(CloudSQLPlace.bucket, "codeinsights.sql") },
                "codeinsights.sql is missing."
            ),
            (
                "a missing summary", { $0.storage.remove(CloudSQLPlace.bucket, "summary.json") },
                "summary.json is missing."
            ),
            (
                "a missing manifest", { $0.storage.remove(CloudSQLPlace.bucket, "manifest.json") },
                "has no manifest.json: the snapshot is not complete."
            ),
            (
                "a manifest that is none", { put("manifest.json", "{}", in: $0) },
                "manifest.json in gs://snapshot is not valid."
            ),
        ]
    }

    @Test func damagedBucketIsRefusedBeforeAnythingIsDropped() async throws {
        let snapshot = try await CloudSQLSnapshot.small
        try await CloudSQLPlace.with(snapshot) { place in
            try await place.makePrecious()
            let dump = String(decoding: try #require(snapshot["primary.sql"]), as: UTF8.self)
            for (what, change, told) in cases(dump) {
                change(place)
                let refused = try await place.importAll()
                #expect(refused.exit == 4, "\(what)")
                #expect(refused.errors.contains(told), "\(what): \(refused.errors)")
                for (name, bytes) in snapshot {
                    place.storage.add(CloudSQLPlace.bucket, name, ByteBuffer(bytes: bytes))
                }
            }
            try await place.expectUntouched()
            #expect(place.instance.operations.isEmpty)
        }
    }

    @Test func dumpThatWasTruncatedBeforeItsChecksumsWereTakenIsRefused() async throws {
        let snapshot = try await CloudSQLSnapshot.small
        let dump = String(decoding: try #require(snapshot["primary.sql"]), as: UTF8.self)
        let cut = try #require(dump.range(of: "-- PostgreSQL database dump complete"))
        let truncated = String(dump[..<cut.lowerBound])
        var torn = snapshot
        torn["primary.sql"] = Data(truncated.utf8)
        let checksum = { (text: String) in FakeChecksum.text(FakeChecksum.of(ByteBuffer(string: text))) }
        // All three have the same bytes.
        for name in ["codeintel.sql", "codeinsights.sql"] { torn[name] = torn["primary.sql"] }
        torn = try CloudSQLSnapshot.changing(torn, checksum(dump), checksum(truncated))
        torn = try CloudSQLSnapshot.changing(torn, " \(dump.utf8.count)", " \(truncated.utf8.count)")
        try await CloudSQLPlace.with(torn) { place in
            try await place.makePrecious()
            let refused = try await place.importAll()
            #expect(refused.exit == 4)
            #expect(refused.errors.contains("error: 3 of 3 dumps failed.\n"), "\(refused.errors)")
            #expect(refused.errors.contains("primary.sql"), "\(refused.errors)")
            try await place.expectUntouched()
        }
    }

    @Test func objectThatChangesAfterItWasVerifiedIsNotBelieved() async throws {
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.small) { place in
            place.instance.fault(operation: .held(), of: CloudSQLPlace.uri("primary.sql"))
            let failed = try await place.importAll { _ in
                try await place.whileHeld("primary.sql") { put("primary.sql", "SELECT 1;\n", in: place) }
            }
            #expect(failed.exit == 4)
            #expect(
                failed.errors.contains("error: primary.sql changed in the bucket after it was verified."),
                "\(failed.errors)")
            #expect(!place.journal.contains { $0.contains("completed") })
        }
    }

    @Test func bucketThatCannotBeWrittenToIsToldBeforeAnythingIsDropped() async throws {
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.small) { place in
            try await place.makePrecious()
            place.storage.fault(.init(times: 100, .denied(.objectsCreate)) { $0.object.hasPrefix("mi-migrate/") })
            let refused = try await place.importAll()
            #expect(refused.exit == 3)
            #expect(refused.errors.contains("storage.objects.create"), "\(refused.errors)")
            try await place.expectUntouched()
        }
    }
}
