import TestClusters
import Testing

@testable import MigrationKit

/// Whom a server does not let in it tells why in its own language, and libpq does not hand on the SQLSTATE.
@Suite(.inTurn) struct ForeignServerTests {
    private func ask(_ server: RefusingServer) async throws -> MigrationError? {
        let workplace = try await Workplace()
        var uri = try workplace.importer.uri
        uri.port = server.port
        return await #expect(throws: MigrationError.self) {
            _ = try await PostgresImporter(uri: uri).describe([.primary], needing: nil)
        }
    }

    @Test func serverThatStartsIsToldFromOneThatRefusesTheRole() async throws {
        let starting = try await ask(
            try await RefusingServer(sqlState: "57P03", message: "das Datenbanksystem startet"))
        #expect(starting?.code == .unreachable)
        let told = starting?.message.hasSuffix("is starting or stopping, and does not accept connections.")
        #expect(told == true, "\(String(describing: starting))")
        let refusing = try await ask(
            try await RefusingServer(sqlState: "28P01", message: "Passwort-Authentifizierung fehlgeschlagen"))
        #expect(refusing?.code == .unreachable)
        #expect(refusing?.message.hasSuffix("refused the connection.") == true, "\(String(describing: refusing))")
    }

    /// pg_isready finds it ready then, as it does one that refuses the role.
    @Test func serverThatHasStartedMeanwhileIsToldFromOneThatRefusesTheRole() async throws {
        let workplace = try await Workplace()
        let refusal = "FATAL:  das Datenbanksystem nimmt noch keine Verbindungen an"
        try workplace.standIn(
            "psql",
            script: """
                mkdir '\(workplace.folder.path)/refused' 2>/dev/null || exec '\(workplace.postgres.bin)/psql' "$@"
                echo 'psql: error: connection to server at "127.0.0.1", port 5432 failed: \(refusal)' >&2
                exit 2
                """)
        try workplace.standIn("pg_isready", script: "exec '\(workplace.postgres.bin)/pg_isready' \"$@\"")
        var uri = try workplace.importer.uri
        uri.programs = workplace.folder.file("bin")
        let importer = PostgresImporter(uri: uri)
        let error = try await #require(throws: MigrationError.self) {
            _ = try await importer.describe([.primary], needing: nil)
        }
        #expect(error.message.hasSuffix("is starting or stopping, and does not accept connections."), "\(error)")
        #expect(error.details.contains { $0.hasSuffix(refusal) }, "\(error)")
        _ = try await importer.describe([.primary], needing: nil)
    }
}
