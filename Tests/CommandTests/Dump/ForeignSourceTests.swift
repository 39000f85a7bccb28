import TestClusters
import Testing

/// A source whose server lets nobody in, and says why in a language of its own, without an SQLSTATE.
@Suite(.inTurn) struct ForeignSourceTests {
    private let workplace: Workplace

    init() async throws {
        workplace = try await Workplace()
        try workplace.writeTargets()
    }

    /// Dumps a database whose server refuses psql and pg_isready until the latter has asked it.
    ///
    /// - Parameter isLasting: Whether it refuses them after that, too.
    private func dump(refusedBy server: RefusingServer, isLasting: Bool) async throws -> Workplace.Finished {
        for program in ["psql", "pg_isready"] {
            try workplace.standIn(
                program,
                script: """
                    real='\(workplace.postgres.bin)/\(program)'
                    \(program == "pg_isready" ? #"[ -z "$PGPASSWORD" ] || echo >password"# : "")
                    [ ! -e asked ] || exec "$real" "$@"
                    \(program == "psql" || isLasting ? "" : "echo >asked")
                    exec "$real" "$@" --host=127.0.0.1 --port=\(server.port)
                    """)
        }
        let dumped = try await workplace.snapshot(
            "databases", "pg_dump", "--targets=targets.yaml", "--only=codeinsights", "--run")
        // With one it would log in, and be refused once more.
        #expect(!workplace.folder.exists("password"))
        return dumped
    }

    @Test func serverThatStartsIsWaitedFor() async throws {
        let server = try await RefusingServer(sqlState: "57P03", message: "das Datenbanksystem startet")
        let dumped = try await dump(refusedBy: server, isLasting: false)
        #expect(dumped.exit == 0, "\(dumped.errors)")
        let notice = "The server of codeinsights is starting or stopping: waiting up to 60 s."
        #expect(dumped.errors.contains(notice), "\(dumped.errors)")
    }

    @Test func serverThatRefusesTheRoleIsNotWaitedFor() async throws {
        let server = try await RefusingServer(
            sqlState: "28P01", message: "Passwort-Authentifizierung fehlgeschlagen")
        let dumped = try await dump(refusedBy: server, isLasting: true)
        #expect(dumped.exit == 3)
        #expect(dumped.errors.contains("error: Connecting to codeinsights failed"), "\(dumped.errors)")
        #expect(dumped.errors.contains("Passwort-Authentifizierung fehlgeschlagen"))
        #expect(!dumped.errors.contains("waiting up to"), "\(dumped.errors)")
    }
}
