import Testing

@testable import MigrationKit
@testable import MigrationKitBase

/// What psql hands on of a server that does not speak English: as PostgreSQL 15 wrote it in German, and 11 in Japanese.
@Suite(.timeLimit(.minutes(5))) struct ServerReportTests {
    private func outcome(_ errors: String) async throws -> CommandOutcome {
        try await Command("sh", ["-c", "cat >&2; exit 3"], input: Secret(errors)).collect().outcome
    }

    @Test func errorIsToldWithoutWhatOnlyDevelopersRead() async throws {
        let outcome = try await outcome(
            """
            psql:<stdin>:1: HINWEIS:  00000: Tabelle »x« existiert nicht, wird übersprungen
            LOCATION:  DropErrorMsgNonExistent, tablecmds.c:1310
            psql:<stdin>:3: FEHLER:  23505: doppelter Schlüsselwert verletzt Unique-Constraint »t_pkey«
            DETAIL:  Schlüssel »(a)=(1)« existiert bereits.
            SCHEMA NAME:  public
            TABLE NAME:  t
            CONSTRAINT NAME:  t_pkey
            LOCATION:  _bt_check_unique, nbtinsert.c:664
            psql:<stdin>:3: STATEMENT:  insert into t values (1);
            """)
        #expect(outcome.sqlState == "23505" && ServerTrouble(outcome) == nil)
        let told = [
            "psql:<stdin>:3: FEHLER:  doppelter Schlüsselwert verletzt Unique-Constraint »t_pkey«",
            "DETAIL:  Schlüssel »(a)=(1)« existiert bereits.",
            "psql:<stdin>:3: STATEMENT:  insert into t values (1);",
        ]
        #expect(outcome.firstError == told)
        let notice = "psql:<stdin>:1: HINWEIS:  Tabelle »x« existiert nicht, wird übersprungen"
        #expect(outcome.lastLines == [notice] + told)
    }

    @Test(arguments: [
        ("psql:<stdin>:7: FEHLER:  40P01: Verklemmung (Deadlock) entdeckt", ServerTrouble.deadlock),
        ("psql:<stdin>:7: ERROR:  40P01: デッドロックを検出しました", .deadlock),
        (
            "psql:<stdin>:7: FATAL:  57P01: Verbindung wird abgebrochen aufgrund von Anweisung des Administrators",
            .endedSession
        ),
        (
            "psql:<stdin>:7: WARNUNG:  57P02: Verbindung wird abgebrochen wegen Absturz eines anderen Serverprozesses",
            .endedSession
        ),
        ("psql:<stdin>:7: FEHLER:  55P03: storniere Anfrage wegen Zeitüberschreitung einer Sperre", .lockTimeout),
        ("psql:<stdin>:7: FEHLER:  57014: storniere Anfrage wegen Benutzeraufforderung", .canceled),
        ("psql:<stdin>:7: FEHLER:  53200: Speicher aufgebraucht", .outOfMemory),
        (
            """
            psql:<stdin>:7: FEHLER:  53200: Shared Memory aufgebraucht
            HINT:  Sie müssen möglicherweise max_locks_per_transaction erhöhen.
            """, .noMoreLocks
        ),
        (
            "psql:<stdin>:7: FEHLER:  53100: konnte Datei »base/5/1« nicht erweitern: Auf dem Gerät ist kein Speicherplatz mehr verfügbar",
            .diskFull
        ),
        ("psql:<stdin>:7: ERROR:  58030: could not write to file \"base/5/1\": Disk quota exceeded", .diskFull),
        (
            "psql:<stdin>:7: FEHLER:  53400: Größe der temporären Datei überschreitet temp_file_limit (64kB)",
            .temporaryFileLimit
        ),
        ("psql:<stdin>:7: FATAL:  53300: zu viele Verbindungen für Rolle »app«", .noMoreSessions),
    ])
    func troubleIsKnownInEveryLanguage(errors: String, trouble: ServerTrouble) async throws {
        let outcome = try await outcome(errors)
        #expect(ServerTrouble(outcome) == trouble)
        #expect(!outcome.firstError.joined().contains(trouble.sqlState), "\(outcome.firstError)")
        #expect(ServerTrouble(of: trouble.error("A query", on: "db", outcome)) == trouble)
    }

    @Test(arguments: [
        "ERROR:  40P01: deadlock detected", "psql:<stdin>:7: server closed the connection unexpectedly",
        "psql:<stdin>:7: ERROR:  deadlock detected", "psql:<stdin>:7: STATEMENT:  SELECT '40P01: a'", "psql: ",
        "psql:<stdin>:7: ERROR:  invalid input syntax for type integer: \"40P01: \"",
    ])
    func whatIsNoReportStaysAsItIs(line: String) { #expect(ServerReport(line) == nil) }

    @Test(arguments: [
        "psql:<stdin>:7: WARNING:  25P01: there is no transaction in progress",
        "psql:<stdin>:7: WARNUNG:  01000: Datenbank »a« hat eine andere Sortierfolge",
        "psql:<stdin>:7: NOTICE:  42P07: relation \"t\" already exists, skipping",
    ])
    func warningsAreNoErrors(line: String) throws { #expect(try #require(ServerReport(line)).isError == false) }
}
