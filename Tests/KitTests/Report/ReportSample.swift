import Foundation

@testable import MigrationKit
@testable import MigrationKitBase
@testable import MigrationKitPostgresDump
@testable import MigrationKitSourcegraphAPI

/// Journals and reports to look at.
enum ReportSample {
    static let ada = JournalWriter(run: "1", who: "ada@ops", host: "ops", machine: nil, process: 1)
    static let grace = JournalWriter(run: "2", who: "grace@ops", host: "ops", machine: nil, process: 2)
    static let identity = MigrationIdentity(
        snapshot: "gs://acme", manifest: nil, target: "server", databases: ["primary.sql"])

    /// The time so many seconds after noon.
    static func time(_ seconds: Int) -> Date {
        Date(timeIntervalSince1970: 1_788_264_000 + Double(seconds))
    }

    static func entries(_ events: [(Int, JournalWriter, JournalEvent)]) -> [JournalEntry] {
        events.enumerated().map { index, event in
            JournalEntry(number: index + 1, at: time(event.0), by: event.1, previous: "", event: event.2)
        }
    }

    static func history(
        _ events: [(Int, JournalWriter, JournalEvent)], atWork: String? = nil
    ) -> MigrationReport.History {
        MigrationReport.History(entries(events), atWork: atWork)
    }

    // MARK: Reports

    /// A whole report of a migration that went well.
    ///
    /// - Parameters:
    ///   - tables: How many tables were proven.
    ///   - text: Stands in every place where somebody else's text may stand.
    static func report(tables: Int = 3, text: String = "") -> MigrationReport {
        let steps = MigrationStep.allCases.filter { $0 != .validate && $0 != .backup }.enumerated().map { index, step in
            let attempt = MigrationReport.Attempt(
                beganAt: time(index * 60), endedAt: time(index * 60 + 50), outcome: .done, text: "done \(text)", run: 0)
            let part = MigrationReport.Part(
                name: JournaledStep(step, .dump("\(text)pgsql")), attempts: [attempt], bytes: 5_000_000)
            return MigrationReport.Step(step: step, state: .done, parts: [part])
        }
        var report = MigrationReport(
            createdBy: "mi-migrate 0.1.0\(text)", createdAt: time(5000),
            verdict: .init(kind: .unfinished, text: ""), snapshot: "gs://acme\(text)", server: "acme.main\(text)",
            identity: identity, fromRelease: "5.1.8\(text)", toRelease: "5.11.6271", beganAt: time(0),
            importedAt: time(400), endedAt: time(1000),
            runs: [
                .init(
                    who: "ada@ops\(text)", program: "mi-migrate 0.1.0\(text)", beganAt: time(0), lastAt: time(900),
                    entries: 40, hasEnded: true, isAtWork: false)
            ],
            steps: steps, databases: [database(tables: tables, text: text)], upgrade: upgrade(text),
            check: [finding(.pass, text), finding(.warn, text)],
            acceptance: AcceptanceReport(
                findings: [finding(.pass, text), finding(.pass, text)], attempts: 2, duration: .seconds(12)),
            doubts: [],
            journal: .init(
                location: "gs://acme/mi-migrate\(text)", entries: 40, hash: String(repeating: "a", count: 64),
                earlier: 0))
        report.verdict = report.judged()
        return report
    }

    static func finding(_ verdict: Finding.Verdict, _ text: String) -> Finding {
        Finding(
            "containers\(text)", in: "instance\(text)", verdict, "They run.\(text)", details: ["gitserver-0\(text)"],
            remedy: "Look.\(text)")
    }

    private static func upgrade(_ text: String) -> MigrationReport.Upgrade? {
        var upgrade = (try? UpgradePath(from: "5.1.8", to: "5.11.6271")).map(MigrationReport.Upgrade.init)
        upgrade?.warnings.append("Known before.\(text)")
        return upgrade
    }

    static func database(tables: Int, text: String) -> DatabaseReport {
        let proven = (0..<tables).map { index in
            ContentProof.Table(
                table: TableName(schema: "public", name: "table_\(index)\(text)"), dumped: index * 1000,
                imported: index * 1000, isEqual: true)
        }
        let dump = DatabaseReport.Dump(
            bytes: 5_000_000, parts: 1, uploadedAt: time(-90_000), profile: .cloudSQL, serverVersion: "12.17\(text)",
            pgDumpVersion: "15.4\(text)", sourcegraphVersion: "5.1.8",
            migrations: [SchemaMigrationState(schema: "schema_migrations", applied: 12, unfinished: [])],
            extensions: ["pg_trgm\(text)"], tables: tables, rows: 10, sequences: 2,
            rewrites: [
                Rewrite(
                    rule: .owner, position: DumpPosition(offset: 0, line: 12), length: 40,
                    statement: "ALTER TABLE public.users OWNER TO sg;\(text)")
            ])
        var report = DatabaseReport(database: .primary, entry: nil, proof: nil)
        report.dump = dump
        report.proof = proof(proven)
        return report
    }

    static func proof(_ tables: [ContentProof.Table], countsOnly: Bool = false) -> ContentProof {
        var proof = ContentProof(
            database: .primary, dumped: DumpContents(),
            imported: DestinationContents(
                tables: [], sequences: [], unexpectedTables: [], invalidIndexes: [], extensions: []),
            countsOnly: countsOnly)
        proof.tables = tables
        return proof
    }
}
