import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import MigrationKit
@testable import MigrationKitBase

/// Where the journal of a migration lies where nobody has said.
@Suite struct JournalPlaceTests {
    private let folder: TestFolder

    init() throws {
        folder = try TestFolder()
        try FileManager.default.createDirectory(
            atPath: folder.file("bucket").string, withIntermediateDirectories: false)
    }

    private var environment: [String: String] { ["XDG_STATE_HOME": folder.file("state").string] }

    /// - Parameter place: What is told of the snapshot's bucket; it is read and written in a folder in any case.
    private func place(_ place: BucketLocation, isNamed: Bool = false) -> JournalPlace {
        JournalPlace(
            beside: place, DirectoryStore(path: folder.file("bucket")), server: "db/x:5433", environment: environment,
            isNamed: isNamed)
    }

    private let google = BucketLocation.googleCloudStorage(bucket: "acme", prefix: "")
    private var besideIt: String { folder.file("bucket/mi-migrate/db_x:5433").string }

    @Test func journalLiesBesideASnapshotInAFolder() async throws {
        let journal = try await place(.folder(folder.file("bucket"))).find()
        #expect(journal.location == besideIt)
        // Who only looks makes nothing.
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("bucket").string) == [])
    }

    @Test func journalOfAGoogleBucketLiesInTheStateFolderForItsOwnerAlone() async throws {
        let journal = try await place(google).find()
        let location = try #require(journal.location)
        #expect(location.hasPrefix(folder.file("state/mi-migrate/").string))
        try await journal.append(.began(step: "validate"))
        for path in [folder.file("state"), folder.file("state/mi-migrate"), FilePath(location)] {
            let rights = try FileManager.default.attributesOfItem(atPath: path.string)[.posixPermissions] as? Int
            #expect(rights == 0o700, "\(path)")
        }
        let entry = try FileManager.default.attributesOfItem(atPath: location + "/000001.json")
        #expect(entry[.posixPermissions] as? Int == 0o600)
        let found = try await place(google).find(beginsBeside: true)
        #expect(found.location == location)
        #expect(await found.entries.count == 1)
    }

    @Test func journalThatIsThereCountsBeforeAnyOtherPlace() async throws {
        try await place(google).beside().append(.began(step: "validate"))
        #expect(try await place(google).find().location == besideIt)
    }

    @Test func placeThatSomebodyNamesIsTheOnlyOne() async throws {
        try await place(google).find().append(.began(step: "validate"))
        #expect(try await place(google, isNamed: true).find().location == besideIt)
    }

    @Test(arguments: [
        (["XDG_STATE_HOME": "/x", "HOME": "/h"], "/x/mi-migrate"), (["HOME": "/h"], "/h/.local/state/mi-migrate"),
        (["XDG_STATE_HOME": "relative", "HOME": "/h"], "/h/.local/state/mi-migrate"),
        (["XDG_STATE_HOME": "", "HOME": "/h"], "/h/.local/state/mi-migrate"),
    ])
    func stateFolderIsThatOfTheSpecification(environment: [String: String], path: String) {
        #expect(JournalPlace.stateFolder(environment).string == path)
    }

    @Test func snapshotsOfTheSameNameHaveJournalsOfTheirOwn() throws {
        func place(_ path: String) throws -> String {
            try JournalPlace(
                beside: .folder(FilePath(path)), DirectoryStore(path: FilePath(path)), server: "h",
                environment: environment
            ).inState().location
        }
        #expect(try place("/a/bucket") != place("/b/bucket"))
        #expect(try place("/a/bucket") == place("/a/./bucket"))
    }
}
