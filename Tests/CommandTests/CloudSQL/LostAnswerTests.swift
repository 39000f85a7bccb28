import FakeGoogle
import MigrationKit
import Subprocess
import TestClusters
import Testing

/// Answers of the instance are lost, and whether it has done what it was asked for has to be found out.
@Suite(.inTurn) struct LostAnswerTests {
    private static let uri = "gs://\(CloudSQLPlace.bucket)/primary.sql"

    /// Whether the work was done or not: nobody can tell from these.
    private static let faults: [FakeCloudSQL.Fault] = [
        .lostAnswer, .tornAnswer(afterBytes: 20), .wrongAnswer("<html>"), .reset, .status(503), .status(500),
    ]

    /// Everything was done, and once.
    private func check(
        _ place: CloudSQLPlace, _ imported: Workplace.Finished, _ databases: [Database] = [.primary]
    ) {
        #expect(imported.exit == 0, "\(imported.errors)")
        #expect(imported.errors.contains("holds exactly the rows that were dumped"), "\(imported.errors)")
        for database in databases {
            #expect(place.imports(of: database.dumpName) == 1)
            for type in ["CREATE_DATABASE", "DELETE_DATABASE"] {
                #expect(
                    place.instance.operations.count { $0.type == type && $0.database == database.importedName } == 1)
            }
        }
    }

    @Test(arguments: faults)
    func nothingIsDoneTwice(fault: FakeCloudSQL.Fault) async throws {
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.small) { place in
            try await KilledImport(place, "", [.primary]).litter()
            // The first of each is the scratch database's.
            for method in ["instances.import", "databases.insert", "databases.delete"] {
                place.instance.fault(fault, on: method)
                place.instance.fault(fault, on: method)
            }
            let imported = try await place.importAll(place.connection, "--settle=0", "--database=primary")
            check(place, imported)
            #expect(imported.errors.contains("Checking whether it was accepted."))
        }
    }

    @Test func importsWhoseAnswersAreAllLostAreFound() async throws {
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.small) { place in
            for method in ["instances.import", "databases.insert", "databases.delete"] {
                place.instance.fault(.lostAnswer, on: method, times: 1000)
            }
            let imported = try await place.importAll(place.connection, "--settle=0")
            check(place, imported, Database.allCases)
            #expect(imported.errors.contains("The import of primary.sql is under way: operation "))
        }
    }

    @Test func importThatTheListShowsLateIsFound() async throws {
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.small) { place in
            try await place.importUpToLoad()
            place.instance.fault(.lostAnswer, on: "instances.import")
            place.instance.fault(operation: .unlisted(lists: 2), of: Self.uri)
            check(place, try await place.importAll(place.connection, "--database=primary"))
        }
    }

    /// At different places in what is asked meanwhile.
    @Test(arguments: [2, 3, 4, 8])
    func importThatTheListShowsFarTooLateIsFoundByBeingInTheWay(lists: Int) async throws {
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.small) { place in
            try await place.importUpToLoad()
            place.instance.fault(.lostAnswer, on: "instances.import")
            place.instance.fault(operation: .held(), of: Self.uri)
            place.instance.fault(operation: .unlisted(lists: lists), of: Self.uri)
            let imported = try await place.importAll(place.connection, "--settle=0", "--database=primary") { _ in
                try await place.instance.waitUntil { record in
                    guard let name = record.imports(of: Self.uri).first?.name else { return false }
                    return record.requests(for: "operations.get").contains { $0.pieces.last == name }
                }
                place.instance.releaseOperations()
            }
            check(place, imported)
            #expect(place.instance.requests(for: "instances.import").contains { $0.status == 409 } || lists < 8)
        }
    }

    @Test func operationOfSomebodyElseIsNotTakenForTheDatabases() async throws {
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.small) { place in
            try await KilledImport(place, "", [.primary]).litter()
            place.instance.fault(.stall, on: "databases.delete", skip: 1)
            let killed = try await place.importAll(place.connection, "--database=primary") { process in
                try await place.instance.waitUntil { $0.stalled == 1 }
                // It is asked for and not done, and somebody drops another database.
                place.instance.startForeignOperation("DELETE_DATABASE", looks: 0)
                try process.send(.kill)
                try await place.instance.waitUntil { $0.stalled == 0 }
            }
            #expect(killed.exit == nil)
            check(place, try await place.importAll(place.connection, "--database=primary"))
        }
    }
}
