import FakeGoogle
import Foundation
import MigrationKit
import NIOCore
import Subprocess
import TestClusters
import Testing

/// One migration of a place, with a journal of its own, whose runs are killed.
struct KilledImport: Sendable {
    let place: CloudSQLPlace
    /// The folder of the bucket that the journal is in.
    let name: String
    let databases: [Database]
    let way: ImportWay
    private let operationsBefore: Int

    init(
        _ place: CloudSQLPlace, _ name: String, _ databases: [Database] = Database.allCases,
        through way: ImportWay = .api
    ) {
        (self.place, self.name, self.databases, self.way) = (place, name, databases, way)
        operationsBefore = place.instance.operations.count
    }

    // MARK: Runs

    private var arguments: [String] {
        let journal = "--journal=gs://\(CloudSQLPlace.bucket)/\(name)"
        let names = databases.map(\.rawValue).joined(separator: ",")
        return [
            "import", "--yes", "--credentials=key.json", "--settle=0", "--database=\(names)", journal, place.connection,
            "--through=\(way.rawValue)", "--terminate-connections",
        ]
    }

    /// Runs the command.
    func run(
        whileRunning: @Sendable (ProcessIdentifier) async throws -> Void = { _ in }
    ) async throws -> Workplace.Finished {
        try await place.workplace.run(
            BuiltPrograms.path("mi-migrate"), arguments, environment: place.environment, whileRunning: whileRunning)
    }

    /// Runs the command and kills it, if the moment comes before its end.
    func runKilled(_ moment: KillMoment) async throws -> Workplace.Finished {
        let finished = try await run { process in
            try await place.wait(for: moment, journal: "\(name)/\(place.journalFolder)")
            try process.send(.kill)
        }
        place.storage.removeFaults()
        return finished
    }

    // MARK: What came of it

    /// The databases hold something that no dump does: whoever does not drop them is found out.
    func litter() async throws {
        for database in databases {
            try await place.instance.sql("CREATE TABLE litter (a int)", database: database.importedName)
        }
    }

    /// What the databases hold, by pg_dump; sessions side by side store rows in another order each time.
    func contents() async throws -> [String] {
        var contents: [String] = []
        for database in databases {
            let dump = try await place.instance.pgDump(database.importedName)
            contents.append(way == .api ? dump : dump.split(separator: "\n").sorted().joined(separator: "\n"))
        }
        return contents
    }

    /// Everything was done, and once.
    func check(_ last: Workplace.Finished, _ comment: Comment, expected: [String]) async throws {
        #expect(last.exit == 0, "\(comment): \(last.errors)")
        #expect(try await contents() == expected, comment)
        let operations = place.instance.operations.dropFirst(operationsBefore)
        for database in databases {
            func count(_ type: String) -> Int {
                operations.count { $0.type == type && $0.database == database.importedName && $0.error == nil }
            }
            #expect(count("DELETE_DATABASE") == 1, "\(comment): \(database)")
            #expect(count("CREATE_DATABASE") == 1, "\(comment): \(database)")
            let uri = "gs://\(CloudSQLPlace.bucket)/\(database.dumpName)"
            #expect(operations.count { $0.uri == uri } == (way == .api ? 1 : 0), "\(comment): \(database)")
        }
        let state = try await journal()
        #expect(state.completedAt != nil && state.holder == nil, comment)
        #expect(state.steps.allSatisfy { $0.finishedAt != nil }, comment)
    }

    /// Where the migration stands, by its journal, whose entries are numbered without gaps.
    func journal() async throws -> JournalState {
        let (storage, bucket) = (place.storage, CloudSQLPlace.bucket)
        let names = storage.objectNames(in: bucket).filter { object in
            // What steps have found out is beside them.
            object.hasPrefix("\(name)/") && object.contains(/\/[0-9]{6}\.json$/)
        }
        for (index, object) in names.enumerated() {
            let number = String(String(1_000_001 + index).dropFirst())
            #expect(object.hasSuffix("/\(number).json"))
            let bytes = try #require(storage.object(bucket, object)?.bytes)
            try place.workplace.folder.write("\(name)/\(number).json", Data(bytes.readableBytesView))
        }
        let journal = MigrationJournal(store: DirectoryStore(path: place.workplace.folder.file(name)))
        try await journal.read()
        #expect(await journal.entries.count == names.count)
        return await journal.state
    }
}
