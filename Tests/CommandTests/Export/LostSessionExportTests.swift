import LoopbackServers
import MigrationKit
import TestClusters
import TestSupport
import Testing

/// Sessions at the source end while they are needed.
@Suite(.inTurn) struct LostSessionExportTests {
    private static let again = "Reading the rows of ledger on a new connection."

    @Test func laneThatIsCutReadsItsChunkAgain() async throws {
        try await ExportPlace.withRelay("lane_is_cut", ExportPlace.ledger) { place, relay in
            relay.cut(1, after: ExportPlace.midway)
            let exported = try await place.run("--keep-dumps", "--jobs=1")
            #expect(relay.cuts == 1)
            #expect(exported.errors.split(separator: Self.again).count == 2, "\(exported.errors)")
            try await place.expectWhole(exported)
            // No more than a chunk comes twice.
            #expect(relay.bytes < ExportPlace.ledgerBytes * 2)
        }
    }

    @Test func laneThatIsTerminatedReadsItsChunkAgain() async throws {
        try await ExportPlace.withRelay("lane_is_terminated", ExportPlace.ledger) { place, relay in
            relay.holdOne(after: ExportPlace.midway)
            let exported = try await place.run("--keep-dumps", "--jobs=1") { _ in
                try await relay.waitUntilHeld()
                try await place.terminate(where: "query LIKE 'COPY%'")
            }
            #expect(exported.errors.contains(Self.again), "\(exported.errors)")
            #expect(!exported.errors.contains("Reading everything again."), "\(exported.errors)")
            try await place.expectWhole(exported)
        }
    }

    @Test func laneThatIsLostAgainAndAgainEndsTheRun() async throws {
        try await ExportPlace.withRelay("lane_is_lost", ExportPlace.ledger) { place, relay in
            relay.cut(3, after: ExportPlace.midway)
            let exported = try await place.run("--jobs=1")
            #expect(exported.exit == 1, "\(exported.errors)")
            #expect(exported.errors.split(separator: Self.again).count == 3, "\(exported.errors)")
            #expect(try !place.folder.list("bucket").contains("manifest.json"))
        }
    }

    /// The moment is lost with its holder: everything is read again, under names of its own.
    @Test(arguments: ["the holder", "all sessions"])
    func lostHolderBeginsEverythingAnew(who: String) async throws {
        let database = who == "the holder" ? "holder_is_terminated" : "all_are_cut"
        try await ExportPlace.withRelay(database, ExportPlace.ledger) { place, relay in
            relay.holdOne(after: ExportPlace.midway)
            let exported = try await place.run("--keep-dumps", "--jobs=2") { _ in
                try await relay.waitUntilHeld()
                try await waitUntil("parts of the first attempt") {
                    (try? place.folder.list("bucket").contains { $0.contains("codeinsights.30") }) == true
                }
                if who == "the holder" { try await place.terminate() } else { relay.cutAll() }
            }
            #expect(
                exported.errors.contains(
                    "The session that held the snapshot of codeintel is gone, and the moment with it. "
                        + "Reading everything again."), "\(exported.errors)")
            let said = try await place.expectWhole(exported)
            let manifest = try await place.manifest
            let named = Set(manifest.databases.flatMap(\.parts).map { $0.object.name.prefix { $0 != "." } })
            let all = Set(try place.folder.list("bucket").map { $0.prefix { $0 != "." } }).subtracting(["manifest"])
            #expect(named.count == 1 && all.count == 2)
            // What is left of the first attempt is named, and may be removed.
            for left in all.subtracting(named) { #expect(said.contains("\(left): "), "\(said)") }
            #expect(said.contains("of an attempt that the manifest does not name"), "\(said)")
        }
    }

    /// A table that comes between locks and snapshots is a new start for all databases, not for its own alone.
    @Test func snapshotsAreTakenTogetherHoweverOften() async throws {
        try await ExportPlace.with("together", ExportPlace.ledger) { place in
            let other = "together_with_it"
            try await place.source.withDatabase(other, "CREATE TABLE series_points (id integer PRIMARY KEY)") {
                try place.workplace.writeTargets { one, lines in
                    if one == .codeintel { lines.dbname = place.database }
                    if one == .codeinsights { lines.dbname = other }
                }
                let (ledgerIsFree, lateIsFree) = (Watched(false), Watched(false))
                async let ledger: Void = place.source.holding(Self.lock("ledger"), in: place.database) {
                    _ = await ledgerIsFree.wait { $0 }
                }
                try await place.source.wait(until: Self.isHeld("ledger", by: "test"), in: place.database)
                let exported = try await place.run("--incomplete=small") { _ in
                    try await place.source.wait(until: Self.isHeldUp(place.database))
                    // The other one has locked all that it had by now.
                    try await place.source.wait(until: Self.isHeld("series_points", by: "src-snapshot"), in: other)
                    try await place.source.sql("CREATE TABLE late (id integer)", in: other)
                    async let late: Void = place.source.holding(Self.lock("late"), in: other) {
                        _ = await lateIsFree.wait { $0 }
                    }
                    try await place.source.wait(until: Self.isHeld("late", by: "test"), in: other)
                    ledgerIsFree.change { $0 = true }
                    try await place.source.wait(until: Self.isHeldUp(other))
                    try await place.source.sql("INSERT INTO vault VALUES (-1, 0)", in: place.database)
                    lateIsFree.change { $0 = true }
                    try await late
                }
                ledgerIsFree.change { $0 = true }
                try await ledger
                #expect(exported.exit == 0, "\(exported.errors)")
                let manifest = try await place.manifest
                let tables = manifest.databases.first { $0.database == .codeintel }?.contents.tables
                #expect(tables?.first { $0.table.name == "vault" }?.rows == 101)
            }
        }
    }

    private static func isHeldUp(_ database: String) -> String {
        """
        EXISTS (SELECT FROM pg_stat_activity WHERE datname = '\(database)' AND application_name = 'src-snapshot'
          AND wait_event_type = 'Lock')
        """
    }

    private static func lock(_ table: String) -> String { "LOCK TABLE \(table) IN ACCESS EXCLUSIVE MODE" }

    private static func isHeld(_ table: String, by application: String) -> String {
        """
        EXISTS (SELECT FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid) WHERE l.relation = '\(table)'::regclass
          AND l.granted AND a.application_name = '\(application)' AND a.state = 'idle in transaction')
        """
    }
}
