import FakeGoogle
import Foundation
import MigrationKit
import TestClusters
import TestSupport
import Testing

/// A dump that was split is imported part by part, and comes to the same as one that was not.
@Suite(.inTurnFirst) struct CloudSQLSplitTests {
    private let databases = ["pgsql", "codeintel-db", "codeinsights-db"]
    private static let second = "primary.20-data-0002.sql"

    private func uri(_ name: String) -> String { "gs://\(CloudSQLPlace.bucket)/\(name)" }

    /// What is in the databases after an import.
    private func imported(_ snapshot: [String: Data]) async throws -> [String] {
        var dumps: [String] = []
        try await CloudSQLPlace.with(snapshot) { place in
            let imported = try await place.importAll(place.connection)
            #expect(imported.exit == 0, "\(imported.errors)")
            for database in databases { dumps.append(try await place.instance.pgDump(database)) }
        }
        return dumps
    }

    @Test func partsComeToTheSameAsTheWhole() async throws {
        let whole = try await imported(try await CloudSQLSnapshot.example)
        let split = try await imported(try await CloudSQLSnapshot.split)
        #expect(whole.count == 3)
        for (whole, split) in zip(whole, split) { #expect(whole == split) }
    }

    @Test func compressedPartsComeToTheSame() async throws {
        let whole = try await imported(try await CloudSQLSnapshot.example)
        let split = try await imported(try await CloudSQLSnapshot.compressedSplit)
        for (whole, split) in zip(whole, split) { #expect(whole == split) }
    }

    @Test func everySchemaComesBeforeTheFirstRows() async throws {
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.split) { place in
            #expect(try await place.importAll().exit == 0)
            let names = place.instance.imports().compactMap { $0.uri?.split(separator: "/").last.map(String.init) }
            let rows = try #require(names.firstIndex { $0.contains(".20-data-") })
            let schema = try #require(names.lastIndex { $0.contains(".10-schema.") })
            #expect(schema < rows)
            #expect(names.count { $0.contains(".10-schema.") } == 3)
        }
    }

    @Test func partWhoseImportWasKilledIsRepeatedAlone() async throws {
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.split) { place in
            place.instance.fault(operation: .killed(afterBytes: 20_000), of: uri(Self.second))
            let imported = try await place.importAll(place.connection)
            #expect(imported.exit == 0, "\(imported.errors)")
            #expect(imported.errors.contains("\(Self.second)") && imported.errors.contains("importing it again"))
            #expect(place.imports(of: Self.second) == 2)
            #expect(place.imports(of: "primary.20-data-0001.sql") == 1)
            #expect(imported.errors.contains("holds exactly the rows that were dumped"))
        }
    }

    @Test func partThatWasCutOffIsFoundAndRepeated() async throws {
        let snapshot = try await CloudSQLSnapshot.split
        // Behind a row: psql would say of half a one that columns are missing.
        let lineEnd = try #require(snapshot[Self.second]?.dropFirst(20_000).firstIndex(of: 10))
        try await CloudSQLPlace.with(snapshot) { place in
            place.instance.fault(operation: .cutOff(afterBytes: lineEnd + 1), of: uri(Self.second))
            let refused = try await place.importAll(place.connection)
            #expect(refused.exit == 5)
            #expect(
                refused.errors.contains("were cut off while") && refused.errors.contains(Self.second),
                "\(refused.errors)")
            let imported = try await place.importAll(place.connection)
            #expect(imported.exit == 0, "\(imported.errors)")
            #expect(place.imports(of: Self.second) == 2)
            #expect(place.imports(of: "primary.20-data-0001.sql") == 1)
            #expect(imported.errors.contains("holds exactly the rows that were dumped"))
        }
    }

    /// The parts, as an import without a fault asks for them.
    private static let order = Task {
        let order = Watched<[String?]>([])
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.split) { place in
            let first = try await place.importAll(place.connection)
            try #require(first.exit == 0, "\(first.errors)")
            let uris = place.instance.imports().map(\.uri)
            order.change { $0 = uris }
        }
        return order.change { $0 }
    }

    @Test(arguments: ["primary.10-schema.sql", "primary.20-data-0001.sql", "primary.30-indexes.sql"])
    func partThatIsThereAlreadyIsNoError(name: String) async throws {
        let before = try #require(try await Self.order.value.firstIndex(of: uri(name)))
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.split) { place in
            // The answer is lost, and the list does not show the operation for longer than anybody waits.
            place.instance.fault(.lostAnswer, on: "instances.import", skip: before)
            place.instance.fault(operation: .unlisted(lists: 1000), of: uri(name))
            let imported = try await place.importAll(place.connection)
            #expect(imported.exit == 0, "\(imported.errors)")
            #expect(place.imports(of: name) == 2)
            #expect(imported.errors.contains("holds exactly the rows that were dumped"))
        }
    }
}
