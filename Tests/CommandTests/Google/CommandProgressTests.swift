import FakeGoogle
import Foundation
import MigrationKit
import TestClusters
import Testing

/// What is told while an upload runs.
@Suite(.inTurn) struct CommandProgressTests {
    @Test(arguments: [[], ["--gzip"], ["--profile=none"]])
    func progressEndsWithAllBytes(options: [String]) async throws {
        // What is compressed has several parts only if there is much of it.
        let dump = options == ["--gzip"] ? CommandDump.large : .medium
        try await CommandPlace.with([.primary: dump]) { place in
            place.fake.fault(.part(2), .reset(afterBytes: 3 << 20))
            place.fake.fault(.part(1), .status(503))
            let uploaded = try await place.upload(
                ["-file=primary.sql", "--partial", "--json", "--parallel=2"] + options)
            #expect(uploaded.exit == 0, "\(uploaded.output)")
            let lines = try CommandLines(uploaded.output)
            let name = options == ["--gzip"] ? "primary.sql.gz" : "primary.sql"
            let text = dump.text.count
            let sent = options == [] ? dump.rewritten.count : text
            #expect(lines.events("started", name).map { $0["total"] as? Int } == [text])
            let advanced = lines.advanced(name)
            #expect(advanced.max() ?? 0 <= sent && advanced.last == sent, "\(advanced)")
            #expect(lines.events("finished", name).count == 1)
            #expect(lines.objects.last?.keys.sorted() == ["result"])
            #expect(uploaded.errors == "")
            #expect(place.fake.violations == [])
        }
    }

    @Test func whatIsStoredAlreadyCountsFromTheBeginning() async throws {
        try await CommandPlace.with([.primary: .medium]) { place in
            place.fake.fault(.complete, .status(400))
            let failed = try await place.uploadPrimary()
            #expect(failed.exit == 1)
            let uploaded = try await place.uploadPrimary("--json")
            #expect(uploaded.exit == 0, "\(uploaded.output)")
            let advanced = try CommandLines(uploaded.output).advanced("primary.sql")
            #expect(advanced.last == CommandDump.medium.rewritten.count, "\(advanced)")
            #expect(place.fake.violations == [])
        }
    }

    @Test func linesWithoutATerminalArePlain() async throws {
        try await CommandPlace.with([.primary: .medium]) { place in
            place.fake.fault(.part(2), .status(503))
            let uploaded = try await place.uploadPrimary()
            #expect(uploaded.exit == 0, "\(uploaded.errors)")
            #expect(!uploaded.errors.contains("\u{1B}") && !uploaded.errors.contains("\r"))
            #expect(uploaded.errors.contains("warning: part 2 of primary.sql: 503 "), "\(uploaded.errors)")
            #expect(uploaded.errors.contains("\nprimary.sql: 11.0 MB in "), "\(uploaded.errors)")
            #expect(uploaded.errors.contains(", 4 statements commented out\n"))
            #expect(place.fake.violations == [])
        }
    }
}
