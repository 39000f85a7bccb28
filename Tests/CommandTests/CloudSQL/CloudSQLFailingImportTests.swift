import FakeGoogle
import Foundation
import MigrationKit
import NIOCore
import TestClusters
import Testing

/// An import that fails: what is told, and how it goes on.
@Suite(.inTurn) struct CloudSQLFailingImportTests {
    /// The dump with a row twice, which a unique index finds at the end; and much that psql prints before.
    private func broken() async throws -> String {
        let dump = try await SmallDump.text
        let noise = String(repeating: "SELECT pg_catalog.set_config('search_path', '', false);\n", count: 3000)
        let row = try #require(dump.firstMatch(of: /\n1\tAda\t.*\n/)?.output)
        let loud = "SET row_security = off;\n"
        return dump.replacing(loud, with: loud + noise, maxReplacements: 1)
            .replacing(row, with: row + row.dropFirst().replacing("Ada", with: "stderr: ERROR: Ada"))
    }

    @Test func firstErrorIsToldAndTheDatabaseIsEmptiedBeforeTheNextAttempt() async throws {
        let whole = try await CloudSQLSnapshot.primary(SmallDump.text)
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.primary(broken())) { place in
            let failed = try await place.importAll("--database=primary")
            #expect(failed.exit == 5)
            let error = try #require(failed.errors.components(separatedBy: "error: ").last)
            #expect(
                error.hasPrefix("The import of primary.sql failed: ERROR:  could not create unique index"), "\(error)")
            #expect(error.contains("DETAIL:  Key (id)=(1) is duplicated."), "\(error)")
            #expect(error.contains("pgsql is incomplete."), "\(error)")
            #expect(failed.errors.utf8.count < 5000)

            let status = try await place.migrate("status", "--database=primary")
            #expect(status.output.contains("could not create unique index"), "\(status.output)")

            let again = try await place.importAll("--database=primary")
            #expect(again.exit == 5 && place.dropped == ["pgsql", "pgsql"], "\(again.errors)")

            for (name, bytes) in whole { place.storage.add(CloudSQLPlace.bucket, name, ByteBuffer(bytes: bytes)) }
            let other = try await place.importAll("--database=primary")
            #expect(other.exit == 3)
            #expect(other.errors.contains("is of another snapshot"), "\(other.errors)")
            #expect(other.errors.contains("--start-over"))
            let fixed = try await place.importAll("--database=primary", "--start-over")
            #expect(fixed.exit == 0, "\(fixed.errors)")
            #expect(try await place.instance.sql("SELECT count(*) FROM people") == "5")
        }
    }

    @Test func failureOfGooglesOwnIsToldAsThat() async throws {
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.small) { place in
            place.instance.fault(operation: .fails(), of: CloudSQLPlace.uri("primary.sql"))
            let failed = try await place.importAll("--database=primary")
            #expect(failed.exit == 5)
            #expect(failed.errors.contains("The import of primary.sql failed: An internal error occurred."))
            #expect(failed.errors.contains("INTERNAL_ERROR"))
            #expect(
                failed.errors.contains("Run the same command again: the database is emptied first."), "\(failed.errors)"
            )
            let imported = try await place.importAll("--database=primary")
            #expect(imported.exit == 0, "\(imported.errors)")
            #expect(place.dropped == ["pgsql", "pgsql"])
        }
    }

    @Test func loadThatIsKilledIsDoneAgainFromTheBeginning() async throws {
        let snapshot = try await CloudSQLSnapshot.small
        try await CloudSQLPlace.with(snapshot) { place in
            let middle = try offset(of: "\nCOPY \"public\".\"visits\"", in: snapshot)
            place.instance.fault(operation: .killed(afterBytes: middle), of: CloudSQLPlace.uri("primary.sql"))
            let failed = try await place.importAll("--database=primary")
            #expect(failed.exit == 5)
            #expect(failed.errors.contains("The import of primary.sql failed: signal: killed"), "\(failed.errors)")
            let imported = try await place.importAll("--database=primary")
            #expect(imported.exit == 0, "\(imported.errors)")
            #expect(place.dropped == ["pgsql", "pgsql"])
        }
    }

    @Test(arguments: [true, false])
    func importThatWasCutOffAndSaysItWentWellIsFoundByTheProof(withConnection: Bool) async throws {
        let snapshot = try await CloudSQLSnapshot.small
        try await CloudSQLPlace.with(snapshot) { place in
            let middle = try offset(of: "\nCOPY \"public\".\"visits\"", in: snapshot) + 300
            place.instance.fault(operation: .cutOff(afterBytes: middle), of: CloudSQLPlace.uri("primary.sql"))
            let failed = try await place.importAll(
                withConnection ? place.connection : "--settle=1", "--database=primary")
            #expect(failed.exit == 5)
            #expect(failed.errors.contains("example-project:sourcegraph-db does not hold what was dumped."))
            #expect(failed.errors.contains(/pgsql: visits has \d+ rows; 50 were dumped\./), "\(failed.errors)")
            let again = try await place.importAll("--database=primary")
            #expect(again.exit == 5 && place.imports(of: "primary.sql") == 1)
            let imported = try await place.importAll("--database=primary", "--start-over")
            #expect(imported.exit == 0, "\(imported.errors)")
        }
    }

    private func offset(of text: String, in snapshot: [String: Data]) throws -> Int {
        let dump = String(decoding: try #require(snapshot["primary.sql"]), as: UTF8.self)
        let found = try #require(dump.range(of: text))
        return dump.utf8.distance(from: dump.startIndex, to: found.upperBound)
    }
}
