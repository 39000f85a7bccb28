import FakeGoogle
import Foundation
import MigrationKit
import TestClusters
import Testing

/// `mi-migrate import` into an instance, from beginning to end.
@Suite(.inTurn) struct CloudSQLImportTests {
    @Test func importsAndProvesWithAConnection() async throws {
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.example) { place in
            let imported = try await place.importAll(place.connection)
            #expect(imported.exit == 0, "\(imported.errors)")
            #expect(imported.errors.contains("holds exactly the rows that were dumped"))
            #expect(place.imports(of: "primary.sql") == 1)
            let owner = try await place.instance.sql(
                "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public' AND tablename = 'users'")
            #expect(owner == "cloudsqlsuperuser")
        }
    }

    @Test func countsRowsWithoutAConnection() async throws {
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.example) { place in
            let imported = try await place.importAll()
            #expect(imported.exit == 0, "\(imported.errors)")
            #expect(imported.errors.contains("as many rows as the dumps"))
            #expect(imported.output.contains("not compared"))
        }
    }

    @Test func doesNothingASecondTime() async throws {
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.small) { place in
            #expect(try await place.importAll().exit == 0)
            let operations = place.instance.operations.count
            let again = try await place.importAll()
            #expect(again.exit == 0, "\(again.errors)")
            #expect(again.errors.contains("Nothing is left to do"))
            #expect(place.instance.operations.count == operations)
        }
    }
}
