import TestClusters
import Testing

/// Nothing is dropped that nobody has agreed to.
@Suite(.inTurn) struct CloudSQLConfirmationTests {
    @Test func withoutTerminalNothingIsDropped() async throws {
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.small) { place in
            try await place.makePrecious()
            let refused = try await place.migrate("import", input: "example-project:sourcegraph-db\n")
            #expect(refused.exit == 2)
            #expect(refused.errors.contains("there is no terminal to confirm that on"), "\(refused.errors)")
            #expect(refused.errors.contains("will be dropped") && refused.errors.contains("codeintel-db"))
            try await place.expectUntouched()
        }
    }

    @Test func nameOfTheServerHasToBeTyped() async throws {
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.small) { place in
            try await place.makePrecious()
            let refused = try await typing("sourcegraph-db\n", in: place)
            #expect(refused.exit == 2)
            #expect(refused.output.contains("To continue, type the server's name (example-project:sourcegraph-db): "))
            #expect(refused.output.contains(" Not confirmed. Nothing was changed."), "\(refused.output)")
            try await place.expectUntouched()
            let imported = try await typing("example-project:sourcegraph-db\n", in: place)
            #expect(imported.exit == 0, "\(imported.output)")
            #expect(place.dropped == ["pgsql"])
        }
    }

    /// Imports one database at a terminal where something is typed ahead.
    private func typing(_ text: String, in place: CloudSQLPlace) async throws -> Workplace.Finished {
        try await place.workplace.atTerminal(
            "\(BuiltPrograms.path("mi-migrate")) import --credentials=key.json --database=primary",
            environment: place.environment, input: text)
    }
}
