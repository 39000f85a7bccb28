import LoopbackServers
import MigrationKit
import TestClusters
import TestSupport
import Testing

/// Whoever changes more of a table than its rows waits for the export, or the export for them.
@Suite(.inTurn) struct LockedTableExportTests {
    @Test func whoeverHoldsATableIsNamed() async throws {
        try await ExportPlace.with("table_is_held", ExportPlace.ledger) { place in
            try await place.source.holding(
                "LOCK TABLE ledger IN ACCESS EXCLUSIVE MODE; SELECT now(), 'what nobody is to see'", in: place.database
            ) {
                let refused = try await place.run("--lock-timeout=1")
                #expect(refused.exit == 1, "\(refused.errors)")
                let pid = try await place.source.sql(
                    "SELECT pid FROM pg_locks WHERE relation = 'ledger'::regclass AND mode = 'AccessExclusiveLock'",
                    in: place.database)
                let line = "Session \(pid) (test) of sg, idle in transaction, in a transaction for "
                #expect(refused.errors.contains(line), "\(refused.errors)")
                #expect(refused.errors.contains(": SELECT now(), \n"), "\(refused.errors)")
                #expect(!refused.errors.contains("nobody"), "\(refused.errors)")
                let objects = place.folder.exists("bucket") ? try place.folder.list("bucket") : []
                #expect(objects == [])
            }
        }
    }

    @Test(arguments: [
        "TRUNCATE ledger", "ALTER TABLE ledger DROP COLUMN note", "DROP TABLE ledger", "VACUUM FULL ledger",
    ])
    func changeDuringTheExportWaitsForItsEnd(change: String) async throws {
        let database = "changed_by_\(change.prefix { $0 != " " })".lowercased()
        try await ExportPlace.withRelay(database, ExportPlace.ledger) { place, relay in
            let expected = try await place.source.pgDump(database, ExportPlace.dumpFlags)
            relay.holdOne(after: ExportPlace.midway)
            try place.workplace.standIn(
                "pg_dump",
                script: """
                    "\(place.source.bin)/pg_dump" "$@"
                    status=$?
                    case "$*" in *--snapshot=*"dbname=\(database) "*) echo >>dumped ;; esac
                    exit $status
                    """)
            async let changed = {
                try await relay.waitUntilHeld()
                // Whoever has no lock yet would wait for the change.
                try await waitUntil("the ends of both pg_dumps") {
                    (try? place.folder.text("dumped")) == "\n\n"
                }
                return try await place.source.sql(change, in: database)
            }()
            let exported = try await place.run("--keep-dumps", "--jobs=1") { _ in
                try await place.source.wait(
                    until: """
                        EXISTS (SELECT FROM pg_stat_activity WHERE datname = '\(database)' AND query = '\(change)'
                          AND wait_event_type = 'Lock')
                        """)
                relay.release()
            }
            _ = try await changed
            #expect(exported.exit == 0, "\(exported.errors)")
            let kept = try place.folder.text("src-snapshot/codeintel.sql")
            #expect(ExportPlace.lines(kept) == ExportPlace.lines(expected))
        }
    }

    /// Whoever comes behind a change that waits for the export waits for the change.
    @Test func changeThatStandsInTheWayIsLetThroughAndAllIsReadAgain() async throws {
        try await ExportPlace.with("change_in_the_way", ExportPlace.ledger) { place in
            _ = try await place.workplace.shell("mkfifo begun go")
            try place.workplace.standIn(
                "pg_dump",
                script: """
                    case "$*" in *--section=post-data*"dbname=\(place.database) "*)
                        [ -e stopped ] || { touch stopped; echo >begun; cat go >/dev/null; } ;;
                    esac
                    exec "\(place.source.bin)/pg_dump" "$@"
                    """)
            async let changed = {
                _ = try await place.workplace.shell("cat begun")
                return try await place.source.sql("TRUNCATE ledger", in: place.database)
            }()
            let exported = try await place.run("--lock-timeout=1") { _ in
                try await place.source.wait(
                    until: """
                        EXISTS (SELECT FROM pg_stat_activity WHERE datname = '\(place.database)'
                          AND query = 'TRUNCATE ledger' AND wait_event_type = 'Lock')
                        """)
                _ = try await place.workplace.shell("echo >go")
            }
            _ = try await changed
            #expect(exported.exit == 0, "\(exported.errors)")
            #expect(exported.errors.contains("the export waited for the change. Reading everything again."))
            #expect(exported.errors.contains("(test) of sg, active, in a transaction for "), "\(exported.errors)")
            #expect(exported.errors.contains(": TRUNCATE ledger\n"), "\(exported.errors)")
            let tables = try await place.manifest.databases.flatMap(\.contents.tables)
            #expect(tables.filter { $0.table.name == "ledger" }.map(\.rows) == [0])
        }
    }

    /// Money that moves between two tables is in one of them, and once.
    @Test func ledgerThatIsWrittenAllTheWhileAddsUp() async throws {
        try await ExportPlace.withRelay("ledger_is_written", ExportPlace.ledger) { place, relay in
            relay.holdOne(after: ExportPlace.midway)
            let writer = Writer()
            async let writing: Void = writer.write(place)
            try await writer.wait(for: 20)
            let exported = try await place.run("--keep-dumps", "--jobs=3") { _ in
                try await relay.waitUntilHeld()
                try await writer.wait(for: 200)
                relay.release()
            }
            writer.stop()
            try await writing
            #expect(exported.exit == 0, "\(exported.errors)")
            let dump = try place.folder.text("src-snapshot/codeintel.sql")
            let (ledger, vault) = (Self.rows(of: "ledger", in: dump), Self.rows(of: "vault", in: dump))
            #expect(ledger.count == 12_000 && vault.count == 100)
            let sum = (ledger + vault).compactMap { Int($0.split(separator: "\t")[1]) }.reduce(0, +)
            #expect(sum == 1_200_000)
        }
    }

    private static func rows(of table: String, in dump: String) -> [Substring] {
        guard let head = dump.firstRange(of: "COPY \"public\".\"\(table)\" "),
            let start = dump[head.upperBound...].firstIndex(of: "\n"),
            let end = dump[start...].firstRange(of: "\n\\.\n")
        else { return [] }
        return dump[start..<end.lowerBound].split(separator: "\n")
    }
}

/// Writes in the ledger all the while; the sum stays.
private final class Writer: Sendable {
    private let state = Watched((writes: 0, isStopped: false))

    func write(_ place: ExportPlace) async throws {
        try await place.source.session(in: place.database) { session in
            while case (let number, false) = state.change({ $0 }) {
                _ = try await session.query(Self.transaction(number)).get()
                state.change { $0.writes += 1 }
            }
        }
    }

    func stop() { state.change { $0.isStopped = true } }

    /// Returns when so many more writes are done.
    func wait(for count: Int, file: String = #filePath, line: Int = #line) async throws {
        let end = state.change { $0.writes } + count
        try await state.wait(file: file, line: line, last: { "\($0)" }, until: { $0.writes >= end })
    }

    /// Takes from the ledger what it puts into the vault, and gives a row another number and another place.
    private static func transaction(_ number: Int) -> String {
        """
        BEGIN;
        UPDATE ledger SET amount = amount - 7 WHERE id = \(5001 + number * 7919 % 7000);
        UPDATE vault SET amount = amount + 7 WHERE id = \(1 + number % 100);
        WITH gone AS (DELETE FROM ledger WHERE id = \(1 + number % 5000) RETURNING amount)
          INSERT INTO ledger SELECT \(20_000 + number), amount, 'moved' FROM gone;
        UPDATE ledger SET note = note || '.' WHERE id = \(5001 + number * 31 % 7000);
        COMMIT
        """
    }
}
