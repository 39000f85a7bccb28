import LoopbackServers
import MigrationKit
import Subprocess
import SystemPackage
import TestClusters
import TestSupport
import Testing

/// An export that ends in its middle has exported nothing, and does not stand in the way of the next one.
@Suite(.inTurnFirst) struct KilledExportTests {
    /// What a run reads of the database at the least.
    private static let bytes = ExportPlace.ledgerBytes

    @Test(arguments: 0..<4 as Range<UInt64>)
    func killedExportsCountForNothing(block: UInt64) async throws {
        try await ExportPlace.withRelay("killed_\(block)", ExportPlace.ledger) { place, relay in
            var random = SplitMix(seed: block)
            for _ in 0..<5 {
                let moment = relay.bytes + Int.random(in: 0..<Self.bytes, using: &random)
                let killed = try await place.run("--jobs=2", "--keep-dumps") { process in
                    try await relay.wait(until: moment)
                    try? process.send(.kill)
                }
                if place.folder.exists("bucket/manifest.json") {
                    let verified = try await place.workplace.snapshot("verify", "-bucket=./bucket")
                    #expect(verified.exit == 0, "\(verified.errors)")
                    for folder in ["bucket", "src-snapshot"] { try place.folder.remove(folder) }
                } else {
                    #expect(killed.exit == nil, "\(killed.errors)")
                }
            }
            try await place.expectWhole(await place.run("--jobs=2", "--keep-dumps"))
            // Nobody is left at the server who holds a lock.
            try await place.source.wait(
                until: """
                    NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = '\(place.database)'
                      AND application_name IN ('src-snapshot', 'pg_dump'))
                    """)
        }
    }

    @Test(arguments: [Signal.interrupt, .terminate, .terminalClosed])
    func interruptedExportSaysWhatCounts(signal: Signal) async throws {
        let database = "interrupted_by_\(signal.rawValue)"
        try await ExportPlace.withRelay(database, ExportPlace.ledger) { place, relay in
            relay.holdOne(after: ExportPlace.midway)
            let interrupted = try await place.run("--keep-dumps") { process in
                try await relay.waitUntilHeld()
                try process.send(signal)
            }
            #expect(interrupted.exit == 130)
            #expect(
                interrupted.errors.hasSuffix(
                    "Stopped: there is no manifest.json, and what was sent counts for nothing.\n"
                        + "Run the same command again: it begins anew.\n"), "\(interrupted.errors)")
            #expect(!interrupted.errors.contains("error"), "\(interrupted.errors)")
            #expect(try !place.folder.list("src-snapshot").contains("codeintel.sql"))
            try await place.expectWhole(await place.run("--keep-dumps"))
        }
    }
}
