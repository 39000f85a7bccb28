import LoopbackServers
import MigrationKit
import TestClusters
import TestSupport
import Testing

/// pg_dump's own connection ends while it writes the schema, or tables that lanes do not read.
@Suite(.inTurn) struct CutDumpExportTests {
    private static let again = "Running pg_dump again under the same snapshot."

    /// The ledger in partitions, which pg_dump reads: 3.3 MB.
    private static let ledger = """
        CREATE TABLE ledger (id bigserial PRIMARY KEY, note text) PARTITION BY RANGE (id);
        CREATE TABLE ledger_1 PARTITION OF ledger FOR VALUES FROM (1) TO (6001);
        CREATE TABLE ledger_2 PARTITION OF ledger FOR VALUES FROM (6001) TO (12001);
        INSERT INTO ledger (note) SELECT repeat(md5(n::text), 8) FROM generate_series(1, 12000) AS n;
        """

    /// In the catalogue, both of them; or in the midst of rows, once and twice.
    @Test(arguments: [(2, 100_000), (1, ExportPlace.midway), (2, ExportPlace.midway)])
    func dumpThatIsCutGoesOnUnderItsSnapshot(times: Int, bytes: Int) async throws {
        try await ExportPlace.withRelay("dump_is_cut_\(times)_\(bytes)", Self.ledger) { place, relay in
            relay.cut(times, after: bytes)
            let exported = try await place.run("--keep-dumps", "--jobs=1")
            #expect(relay.cuts == times)
            #expect(exported.errors.split(separator: Self.again).count == times + 1, "\(exported.errors)")
            try await place.expectWhole(exported)
            #expect(Set(try place.folder.list("bucket").map { $0.prefix { $0 != "." } }).count == 2)
        }
    }

    @Test func dumpThatIsCutAgainAndAgainEndsTheRun() async throws {
        try await ExportPlace.withRelay("dump_is_lost", Self.ledger) { place, relay in
            relay.cut(3, after: ExportPlace.midway)
            let exported = try await place.run("--jobs=1")
            #expect(exported.exit == 1, "\(exported.errors)")
            #expect(relay.cuts == 3)
            #expect(exported.errors.split(separator: Self.again).count == 3, "\(exported.errors)")
            #expect(try !place.folder.list("bucket").contains("manifest.json"))
        }
    }

    /// What goes wrong, once, with the pg_dump that writes rows; its exit status is 0.
    struct Fault: Sendable, CustomTestStringConvertible {
        var name: String
        /// What its output goes through.
        var filter: String
        /// Whether all is read again.
        var losesSnapshot = false

        var testDescription: String { name }
    }

    static let faults = [
        Fault(name: "cut", filter: "head -c 2000000"),
        Fault(name: "end_is_missing", filter: "head -c -100"),
        Fault(name: "row_is_lost", filter: "sed '/^5000\\t/d' | head -c 2000000", losesSnapshot: true),
    ]

    @Test(arguments: faults)
    func dumpThatDidNotArriveWholeAndSaysNothingGoesOn(fault: Fault) async throws {
        try await ExportPlace.with("dump_\(fault.name)", Self.ledger) { place in
            try place.workplace.standIn(
                "pg_dump",
                script: """
                    case "$*" in *--section=post-data*"dbname=\(place.database) "*)
                        [ -e happened ] || {
                            touch happened
                            "\(place.source.bin)/pg_dump" "$@" | \(fault.filter)
                            exit 0
                        } ;;
                    esac
                    exec "\(place.source.bin)/pg_dump" "$@"
                    """)
            let exported = try await place.run("--keep-dumps")
            #expect(exported.errors.contains(Self.again), "\(exported.errors)")
            let message = "its next run wrote something else for codeintel. Reading everything again."
            #expect(exported.errors.contains(message) == fault.losesSnapshot, "\(exported.errors)")
            try await place.expectWhole(exported)
        }
    }

    /// To ask again would be of no use.
    @Test func refusalEndsTheRunAtOnce() async throws {
        try await ExportPlace.with("dump_is_refused", Self.ledger) { place in
            try place.workplace.standIn(
                "pg_dump",
                script: """
                    case "$*" in *--section=post-data*"dbname=\(place.database) "*)
                        echo 'pg_dump: error: query failed: ERROR:  permission denied for table ledger' >&2
                        exit 1 ;;
                    esac
                    exec "\(place.source.bin)/pg_dump" "$@"
                    """)
            let exported = try await place.run()
            #expect(exported.exit == 1)
            #expect(exported.errors.contains("permission denied for table ledger"), "\(exported.errors)")
            #expect(!exported.errors.contains(Self.again), "\(exported.errors)")
        }
    }
}
