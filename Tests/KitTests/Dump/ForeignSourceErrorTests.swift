import Testing

@testable import MigrationKit
@testable import MigrationKitBase
@testable import MigrationKitPostgresDump

/// What is judged of a source's errors where its server does not speak English: as PostgreSQL 15 wrote them in German,
/// to psql with the SQLSTATE, and to pg_dump without.
@Suite(.timeLimit(.minutes(5))) struct ForeignSourceErrorTests {
    private static let command = DumpCommand(
        transport: .docker,
        target: DatabaseTarget(target: "pgsql-1", dbname: "sg", username: "sg", password: Secret("")))

    private func outcome(_ errors: String) async throws -> CommandOutcome {
        let told = "\(errors)\n\(DumpCommand.exitStatusMark)3\n"
        return try await Command("sh", ["-c", "cat >&2; exit 3"], input: Secret(told)).collect().outcome
    }

    private func error(_ errors: String) async throws -> MigrationError {
        let outcome = try await outcome(errors)
        return try #require(throws: MigrationError.self) {
            try Self.command.check(outcome, doing: "Reading rows of primary", next: "Run the same command again.")
        }
    }

    // MARK: Changes in the way

    @Test(arguments: [
        "psql:<stdin>:4: FEHLER:  55P03: storniere Anfrage wegen Zeitüberschreitung einer Sperre",
        "psql:<stdin>:4: ERROR:  55P03: canceling statement due to lock timeout",
        "pg_dump: error: query failed: ERROR:  canceling statement due to statement timeout",
    ])
    func waitForAChangeOfATableIsKnown(errors: String) async throws {
        let lost = try #require(HeldInstant.Lost(change: try await error(errors)))
        #expect(lost.error.message.hasPrefix("A change of a table waits for the export"))
        #expect(lost.error.details.last?.contains(": ") == true && !lost.error.details.joined().contains("55P03"))
    }

    @Test(arguments: [
        "psql:<stdin>:4: FEHLER:  57014: storniere Anfrage wegen Benutzeraufforderung",
        "psql:<stdin>:4: FEHLER:  22P02: ungültige Eingabesyntax: »canceling statement due to lock timeout«",
        "pg_dump: error: query failed: ERROR:  canceling statement due to user request",
    ])
    func otherErrorsAreNoWait(errors: String) async throws {
        #expect(HeldInstant.Lost(change: try await error(errors)) == nil)
    }

    // MARK: Refusals

    @Test(arguments: [
        ("psql:<stdin>:4: FEHLER:  42501: keine Berechtigung für Tabelle users", true),
        ("psql:<stdin>:4: FEHLER:  55P03: storniere Anfrage wegen Zeitüberschreitung einer Sperre", true),
        ("psql:<stdin>:4: FEHLER:  53200: Speicher aufgebraucht", true),
        ("psql:<stdin>:4: FEHLER:  57014: storniere Anfrage wegen Benutzeraufforderung", false),
        ("psql:<stdin>:4: FEHLER:  40001: storniere Anfrage wegen Konflikt mit der Wiederherstellung", false),
        ("psql:<stdin>:4: FATAL:  57P01: Verbindung wird abgebrochen aufgrund von Anweisung des Administrators", false),
        ("psql:<stdin>:4: FATAL:  53200: out of memory", false),
        ("psql:<stdin>:4: FATAL:  08P01: terminating connection because protocol synchronization was lost", false),
        ("psql:<stdin>:4: FEHLER:  XX000: Cache-Lookup fehlgeschlagen für Typ 4711", true),
        ("psql:<stdin>:4: server closed the connection unexpectedly", false),
        ("pg_dump: error: query failed: ERROR:  permission denied for table users", true),
        ("pg_dump: error: query failed: ERROR:  canceling statement due to conflict with recovery", false),
    ])
    func serverThatRefusesIsAskedNoMore(errors: String, isRefusal: Bool) async throws {
        #expect(try await error(errors).isServerRefusal == isRefusal)
    }

    // MARK: Text

    @Test(arguments: [
        ("psql:<stdin>:4: FEHLER:  22021: ungültige Byte-Sequenz für Kodierung »UTF8«: 0xff", true),
        (#"pg_dump: error: ERROR:  invalid byte sequence for encoding "UTF8": 0xff"#, true),
        (#"psql:<stdin>:4: FEHLER:  22P02: »invalid byte sequence for encoding "UTF8"«"#, false),
    ])
    func textThatIsNotUTF8HasARemedy(errors: String, isText: Bool) async throws {
        #expect((SourceEncoding.remedy(for: try await outcome(errors)) != nil) == isText)
    }
}
