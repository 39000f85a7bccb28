import FakeGoogle
import Foundation
import MigrationKit
import NIOCore
import TestClusters
import Testing

/// Dumps that are not the same any more, and names that are taken.
@Suite(.inTurn) struct CommandChangedSourceTests {
    /// A dump of the same size, which differs in a row.
    private static let other = changed(.medium)

    private static func changed(_ dump: CommandDump) -> Data {
        var text = dump.text
        text[text.count / 2] = UInt8(ascii: text[text.count / 2] == UInt8(ascii: "7") ? "8" : "7")
        return text
    }

    /// Leaves an upload with its parts sent and its last step refused.
    private func begin(_ place: CommandPlace, _ options: String...) async throws {
        place.fake.fault(.complete, .status(400))
        let failed = try await place.upload(["-file=primary.sql", "--partial"] + options)
        try #require(failed.exit == 1, "\(failed.errors)")
        try #require(place.paidUploads.count == 1)
    }

    @Test(arguments: [CommandDump.large.text, other])
    func uploadOfADumpThatWasReplacedBeginsAnew(new: Data) async throws {
        try await CommandPlace.with([.primary: .medium]) { place in
            try await begin(place)
            try place.write(new, as: .primary)
            let again = try await place.uploadPrimary("--profile=none")
            #expect(again.exit == 0, "\(again.errors)")
            #expect(
                again.errors.contains(
                    "warning: src-snapshot/primary.sql has changed since its upload started. "
                        + "Sending it from the beginning."), "\(again.errors)")
            #expect(place.object("primary.sql") == new)
            #expect(place.fake.requests(for: .abort).map(\.status) == [204])
            #expect(place.fake.openUploads == [] && place.fake.violations == [])
        }
    }

    @Test func uploadThatStartsOverLeavesNothingOfTheOldOne() async throws {
        try await CommandPlace.with([.primary: .medium]) { place in
            try await begin(place)
            place.fake.fault(.abort, .status(503))
            let again = try await place.uploadPrimary("--start-over")
            #expect(again.exit == 0, "\(again.errors)")
            #expect(place.object("primary.sql") == CommandDump.medium.rewritten)
            #expect(place.partBytes == 2 * Int64(CommandDump.medium.rewritten.count))
            #expect(place.fake.openUploads == [] && place.fake.violations == [])
        }
    }

    @Test func dumpThatChangedAfterItWasSentIsToldBeforeAnythingIsSent() async throws {
        try await CommandPlace.with(CommandPlace.smallDumps) { place in
            let sent = try await place.upload("-file=codeinsights.sql")
            #expect(sent.exit == 0, "\(sent.errors)")
            let requests = place.fake.requests.count
            let other = Self.changed(.small)
            try place.write(other, as: .codeinsights)
            let refused = try await place.upload("--without-summary")
            #expect(refused.exit == 3)
            #expect(
                refused.errors.contains(
                    "error: codeinsights.sql is already in gs://bucket, and src-snapshot/codeinsights.sql has changed."
                ),
                "\(refused.errors)")
            #expect(refused.errors.contains("-bucket=gs://bucket/2") && refused.errors.contains("--start-over"))
            #expect(place.fake.requests.count == requests)
            place.fake.remove("bucket", "codeinsights.sql")
            let anew = try await place.upload("--without-summary", "--start-over")
            #expect(anew.exit == 0, "\(anew.errors)")
            #expect(place.object("codeinsights.sql")?.count == other.count + 12)
            #expect(place.fake.violations == [])
        }
    }

    @Test func dumpThatIsWrittenToWhileItIsSentLeavesNothing() async throws {
        try await CommandPlace.with([.primary: .large]) { place in
            place.fake.fault(.anyPart(times: 2, .stall(afterBytes: 1 << 20)))
            let refused = try await place.uploadPrimary("--parallel=2") { _ in
                try await place.fake.waitUntil { $0.stalled == 2 }
                try place.folder.append("\n", to: "src-snapshot/primary.sql")
                place.fake.releaseStalls()
            }
            #expect(refused.exit == 4)
            #expect(
                refused.errors.contains(
                    "src-snapshot/primary.sql changed while it was being read."), "\(refused.errors)")
            #expect(place.objects == [] && place.fake.openUploads == [])
            #expect(place.fake.requests(for: .abort).count == 1 && place.fake.violations == [])
        }
    }

    /// In one piece, and in parts: those of what is compressed are held.
    static let torn: [(CommandDump, [String])] = [
        (.small, []), (.small, ["--gzip"]), (.small, ["--profile=none"]),
        (.medium, []), (.large, ["--gzip"]), (.medium, ["--profile=none"]),
    ]

    @Test(arguments: torn)
    func tornDumpLeavesNothing(dump: CommandDump, options: [String]) async throws {
        try await CommandPlace.with { place in
            try place.write(dump.text.dropLast(60), as: .primary)
            let refused = try await place.upload(["-file=primary.sql"] + options)
            #expect(refused.exit == 4)
            #expect(refused.errors.contains("The dump does not end with pg_dump's trailer"), "\(refused.errors)")
            #expect(place.objects == [] && place.fake.openUploads == [])
            #expect(place.fake.violations == [])
        }
    }

    @Test(arguments: [CommandDump.small, .medium])
    func objectThatIsThereIsNotReplaced(dump: CommandDump) async throws {
        try await CommandPlace.with([.primary: dump]) { place in
            place.fake.add("bucket", "primary.sql", .init(string: "somebody else's"))
            let refused = try await place.uploadPrimary()
            #expect(refused.exit == 3)
            let account = "uploader@example-project.iam.gserviceaccount.com"
            #expect(
                refused.errors.contains(
                    "error: primary.sql is already in gs://bucket, and \(account) is not allowed to replace it."),
                "\(refused.errors)")
            #expect(refused.errors.contains("-bucket=gs://bucket/PREFIX"))
            #expect(place.object("primary.sql") == Data("somebody else's".utf8))
            // Once it is gone, nothing of a large one has to be sent again.
            place.fake.remove("bucket", "primary.sql")
            let again = try await place.uploadPrimary()
            #expect(again.exit == 0, "\(again.errors)")
            #expect(place.object("primary.sql") == dump.rewritten)
            #expect(place.partBytes == (place.partBytes > 0 ? Int64(dump.rewritten.count) : 0))
            #expect(place.fake.violations == [])
        }
    }

    @Test func uploadThatWasRefusedAndForgottenIsNotTakenForDone() async throws {
        try await CommandPlace.with([.primary: .medium]) { place in
            place.fake.add("bucket", "primary.sql", .init(string: "somebody else's"))
            let refused = try await place.uploadPrimary()
            #expect(refused.exit == 3)
            // As a rule of the bucket's for unfinished uploads does after some days.
            place.fake.remove("bucket", "primary.sql")
            place.fake.change { $0.uploads = [:] }
            let again = try await place.uploadPrimary()
            #expect(again.exit == 0, "\(again.errors)")
            #expect(place.object("primary.sql") == CommandDump.medium.rewritten)
            #expect(place.fake.violations == [])
        }
    }
}
