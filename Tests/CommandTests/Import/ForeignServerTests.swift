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
}
