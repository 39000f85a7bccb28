import FakeGoogle
import Foundation
import MigrationKit
import NIOCore
import TestClusters
import TestSupport
import Testing

/// A dump in one object that a Google bucket does not give to its end while it is loaded.
@Suite(.inTurn) struct ReplacedDumpTests {
    private struct Place: Sendable {
        let workplace: Workplace
        let fake: FakeGoogleStorage
        let database: Database
        let objects: [String: Data]

        func putBack() { for (name, bytes) in objects { fake.add("bucket", name, ByteBuffer(bytes: bytes)) } }

        func migrate() async throws -> ImportReport {
            let store = try GoogleCloudStorage(
                bucket: "bucket", environment: ["STORAGE_EMULATOR_HOST": fake.endpoint])
            let journal = MigrationJournal(store: DirectoryStore(path: workplace.folder.file("journal")))
            var flow = ImportSnapshot(
                store: store, importer: try workplace.importer, journal: journal, databases: [database],
                confirm: { _ in true })
            flow.terminatesConnections = true
            return try await flow.run()
        }
    }

    private func with(_ body: @Sendable (Place) async throws -> Void) async throws {
        var options = FakeGoogleStorage.Options()
        options.permissions = FakeGoogleStorage.Options.objectViewer
        try await FakeGoogleStorage.running(options) { fake in
            try await TargetDatabases.withOne { database in
                let workplace = try await Workplace()
                try await workplace.upload(BigDump.text, as: database)
                let objects = try CloudSQLSnapshot.objects(of: workplace.folder.file("bucket"))
                let place = Place(workplace: workplace, fake: fake, database: database, objects: objects)
                place.putBack()
                try await body(place)
            }
        }
    }

    /// It is read once before, when it is verified.
    @Test func dumpThatIsReplacedMeanwhileIsNotCountedAndTheSameCommandGoesOn() async throws {
        try await with { place in
            let name = place.database.dumpName
            place.fake.fault(.media, of: name, skip: 1, .stall())
            let error = await #expect(throws: MigrationError.self) {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { _ = try await place.migrate() }
                    group.addTask {
                        try await place.fake.state.wait(
                            file: #filePath, line: #line, last: { $0.record.lastLines },
                            until: { $0.record.stalled > 0 })
                        place.fake.add("bucket", name, ByteBuffer(string: "--"))
                        place.fake.releaseStalls()
                    }
                    try await group.waitForAll()
                }
            }
            #expect(error?.code == .damagedSnapshot && error?.next != nil)
            let told = error?.message.contains("was replaced or removed while it was being read")
            #expect(told == true, "\(String(describing: error))")
            #expect(try await place.workplace.relations(in: place.database) == "0")
            place.putBack()
            let report = try await place.migrate()
            #expect(report.completedAt != nil && report.proofs.map(\.isEqual) == [true])
        }
    }

    @Test func dumpWhoseConnectionIsClosedEarlyIsReadOn() async throws {
        try await with { place in
            place.fake.fault(.media, of: place.database.dumpName, skip: 1, times: 2, .tornAnswer(afterBytes: 1 << 20))
            let report = try await place.migrate()
            #expect(report.completedAt != nil && report.proofs.map(\.isEqual) == [true])
            let reads = place.fake.record.requests.count { request in
                request.operation == .media && request.object == place.database.dumpName
            }
            #expect(reads == 4)
        }
    }
}
