import FakeGoogle
import Foundation
import MigrationKit
import NIOCore
import TestClusters
import Testing

/// The forms in which a dump is sent: compressed, as it is, in one stream.
@Suite(.inTurn) struct CommandUploadFormTests {
    @Test(arguments: [CommandDump.small, .large])
    func compressedObjectIsTheRewrittenDump(dump: CommandDump) async throws {
        try await CommandPlace.with([.primary: dump]) { place in
            let uploaded = try await place.uploadPrimary("--gzip")
            #expect(uploaded.exit == 0, "\(uploaded.errors)")
            #expect(place.objects == ["manifest.json", "primary.sql.gz"])
            let object = try #require(place.object("primary.sql.gz"))
            #expect(object.count < dump.text.count * 3 / 4)
            #expect(place.fake.object("bucket", "primary.sql.gz")?.contentType == "application/gzip")
            try place.folder.write("primary.sql.gz", object)
            let unpacked = try await place.workplace.shell("gzip -dc primary.sql.gz > unpacked.sql")
            #expect(unpacked.exit == 0, "\(unpacked.errors)")
            #expect(try place.folder.bytes("unpacked.sql") == dump.rewritten)
            #expect(place.fake.openUploads == [] && place.fake.violations == [])
        }
    }

    @Test func dumpOfAnotherProfileIsSentAsItIs() async throws {
        try await CommandPlace.with([.primary: .medium]) { place in
            let uploaded = try await place.uploadPrimary("--profile", "none")
            #expect(uploaded.exit == 0, "\(uploaded.errors)")
            #expect(place.object("primary.sql") == CommandDump.medium.text)
            #expect(place.fake.violations == [])
        }
    }

    @Test func dumpWithARecordIsHeldAgainstIt() async throws {
        try await CommandPlace.with([.primary: .medium]) { place in
            try place.writeRecord(of: CommandDump.medium.text)
            let uploaded = try await place.uploadPrimary("--profile=none")
            #expect(uploaded.exit == 0, "\(uploaded.errors)")
            #expect(place.object("primary.sql") == CommandDump.medium.text)
            #expect(place.fake.violations == [])
        }
    }

    @Test(arguments: ["none", "cloud-sql"])
    func dumpThatIsNotTheRecordedOneIsNotSent(profile: String) async throws {
        try await CommandPlace.with([.primary: .medium]) { place in
            try place.writeRecord(of: CommandDump.large.text)
            let refused = try await place.uploadPrimary("--profile=\(profile)")
            #expect(refused.exit == 4)
            #expect(refused.errors.contains("primary.sql has changed since it was dumped (at "), "\(refused.errors)")
            #expect(place.objects == [] && place.fake.openUploads == [])
            #expect(place.fake.violations == [])
        }
    }

    @Test func otherFormOfADumpTakesTheFirstOnesPartsAway() async throws {
        try await CommandPlace.with([.primary: .medium]) { place in
            place.fake.fault(.complete, .status(400))
            let failed = try await place.uploadPrimary()
            #expect(failed.exit == 1)
            #expect(place.paidUploads.count == 1)
            let compressed = try await place.uploadPrimary("--gzip")
            #expect(compressed.exit == 0, "\(compressed.errors)")
            #expect(place.objects == ["manifest.json", "primary.sql.gz"])
            #expect(place.fake.openUploads == [])
            #expect(place.fake.violations == [])
        }
    }
}

extension CommandPlace {
    /// Writes what `databases --run` would have noted of the primary dump, had it been this one.
    func writeRecord(of dump: Data) throws {
        var pass = DumpPass(profile: .none)
        var output = ByteBuffer()
        try pass.transform(ByteBuffer(bytes: dump), into: &output)
        let noted = try pass.finish(into: &output).contents
        let contents = try JSONSerialization.jsonObject(with: JSONEncoder().encode(noted))
        let record: [String: Any] = [
            "finishedAt": "2026-01-02T03:04:05Z", "bytes": dump.count, "crc32c": FakeChecksum.of(.init(bytes: dump)),
            "contents": contents, "refusals": [],
        ]
        try folder.write("src-snapshot/primary.dump.json", try JSONSerialization.data(withJSONObject: record))
    }
}
