import MigrationKit
import TestClusters
import Testing

/// Lanes through `docker exec` and `kubectl exec`, which may lose what they carry and say nothing of it.
@Suite(.inTurn) struct ContainerExportTests {
    private func with(
        _ program: String, _ database: String, _ body: @Sendable (ExportPlace) async throws -> Void
    ) async throws {
        try await ExportPlace.with("\(database)_\(program)", ExportPlace.ledger) { place in
            try place.workplace.standIn(program)
            try place.workplace.writeContainerTargets { one, lines in
                if one == .codeintel { lines.dbname = place.database }
            }
            try await body(place)
        }
    }

    private func export(
        _ place: ExportPlace, _ program: String, _ fault: String = "", _ options: [String] = []
    ) async throws -> Workplace.Finished {
        try await place.workplace.run(
            BuiltPrograms.path("src-snapshot"),
            ["run", program, "--targets=targets.yaml", "-bucket=./bucket", "--without-instance", "--keep-dumps"]
                + options,
            environment: place.workplace.container(fault, at: "codeintel-db"))
    }

    @Test(arguments: ["docker", "kubectl"])
    func rowsAreThoseOfAServerNearby(program: String) async throws {
        try await with(program, "lanes") { place in
            try await place.expectWhole(await export(place, program))
        }
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        /// See `container.sh`.
        var name: String
        var message: String
        var options: [String] = []

        var testDescription: String { name }
    }

    static let faults = [
        Fault(name: "lane-cut", message: "cut off the container's output"),
        Fault(
            name: "lane-lose-bytes",
            message: "did not arrive as psql wrote them in the container: the checksums differ."),
        Fault(
            name: "lane-lose-row", message: "did not arrive as psql wrote them in the container: the checksums differ."),
        // Long enough that on a busy machine none of the others seems to hang.
        Fault(
            name: "lane-lose-token", message: "has printed nothing for 20 seconds", options: ["--stall-timeout=20"]),
    ]

    @Test(arguments: ["docker", "kubectl"], faults)
    func chunkThatDidNotArriveWholeIsReadAgain(program: String, fault: Fault) async throws {
        try await with(program, fault.name.replacing("-", with: "_")) { place in
            let exported = try await export(place, program, fault.name, ["--jobs=1"] + fault.options)
            #expect(place.folder.exists("codeintel-db.happened"), "\(exported.errors)")
            #expect(exported.errors.contains(fault.message), "\(exported.errors)")
            #expect(exported.errors.contains("Reading the rows of ledger on a new connection."), "\(exported.errors)")
            try await place.expectWhole(exported)
        }
    }
}
