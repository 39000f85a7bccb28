import FakeGoogle
import NIOCore
import Testing

@testable import MigrationKit
@testable import MigrationKitBase

/// The list of a bucket holds what can be read by its name, and nothing else.
@Suite(.timeLimit(.minutes(30))) struct ListTests {
    private func store(_ fake: FakeGoogleStorage, prefix: String = "") throws -> GoogleCloudStorage {
        var options = GoogleCloudStorage.Options()
        options.retry.firstDelay = .milliseconds(5)
        return try GoogleCloudStorage(
            bucket: "bucket", prefix: prefix, options: options, environment: ["STORAGE_EMULATOR_HOST": fake.endpoint])
    }

    private func with(pageSize: Int = 1000, _ names: [String], _ body: (FakeGoogleStorage) async throws -> Void)
        async throws
    {
        var options = FakeGoogleStorage.Options()
        options.permissions = FakeGoogleStorage.Options.objectViewer
        options.pageSize = pageSize
        try await FakeGoogleStorage.running(options) { fake in
            for name in names { fake.add("bucket", name, ByteBuffer(string: name)) }
            try await body(fake)
            #expect(fake.violations == [])
        }
    }

    private func expect(_ fake: FakeGoogleStorage, prefix: String = "", lists names: [String]) async throws {
        let listed = try await store(fake, prefix: prefix).list()
        #expect(listed == names)
    }

    @Test(arguments: [1, 2, 3, 1000])
    func listIsReadPageByPage(pageSize: Int) async throws {
        let names = ["codeinsights.sql", "codeintel.sql", "manifest.json", "primary.sql", "summary.json"]
        try await with(pageSize: pageSize, names.reversed()) { fake in
            fake.fault(.list, .status(503))
            fake.fault(.list, .tornAnswer(afterBytes: 40))
            fake.fault(.list, .answer("<html>"))
            try await expect(fake, lists: names)
        }
    }

    @Test(arguments: [1, 2, 1000]) func foldersAreReadPageByPage(pageSize: Int) async throws {
        let names = ["a", "x/mi-migrate/prod.main/000001.json", "x/mi-migrate/prod.main/000002.json", "x/b", "x/.h/c"]
        try await with(pageSize: pageSize, names) { fake in
            #expect(try await store(fake).folders() == ["x"])
            #expect(try await store(fake, prefix: "x").folders() == ["mi-migrate"])
            #expect(try await store(fake, prefix: "x").list() == ["b"])
            let journals = try await store(fake, prefix: "x").journals()
            #expect(journals.compactMap(\.location) == ["gs://bucket/x/mi-migrate/prod.main"])
        }
    }

    @Test func sizesAreReadPageByPage() async throws {
        try await with(pageSize: 2, ["x/a", "x/bcd", "x/e", "x/.hidden", "other"]) { fake in
            let sizes = try await store(fake, prefix: "x").sizes()
            #expect(sizes == ["a": 3, "bcd": 5, "e": 3])
        }
    }

    @Test func emptyBucketHasAnEmptyList() async throws {
        try await with([]) { fake in try await expect(fake, lists: []) }
    }

    @Test func listIsOfThePrefixAlone() async throws {
        try await with(["a.sql", "some/a.sql", "some/where/b.sql", "some/where/else/c.sql", "some/wherever.sql"]) {
            fake in
            try await expect(fake, prefix: "some/where", lists: ["b.sql"])
            try await expect(fake, prefix: "some", lists: ["a.sql", "wherever.sql"])
            try await expect(fake, lists: ["a.sql"])
        }
    }

    @Test func namesThatNobodyCouldReadAreLeftOut() async throws {
        let hostile = [
            "../a", "/etc/passwd", ".hidden", "..", "a\u{0}b", "a\nb", "x/y", String(repeating: "x", count: 300),
        ]
        try await with(hostile + ["a.sql"]) { fake in try await expect(fake, lists: ["a.sql"]) }
        try await with(hostile.map { "p/" + $0 } + ["p/", "p/a.sql"]) { fake in
            try await expect(fake, prefix: "p", lists: ["a.sql"])
        }
    }

    /// A mark that combines with the slash before it makes one character of both.
    @Test func nameIsNotTakenForAnother() async throws {
        let name = "\u{301}manifest.json"
        try await with(["p/" + name]) { fake in
            let names = try await store(fake, prefix: "p").list()
            #expect(names.map { Array($0.utf8) } == [Array(name.utf8)])
        }
    }

    @Test func listWithoutEndIsAnErrorAndNotHalfAList() async throws {
        try await with([]) { fake in
            let page = #"{"items":[{"name":"a.sql"}],"nextPageToken":"x"}"#
            fake.fault(.list, times: .max, .answer(page))
            let error = await #expect(throws: MigrationError.self) { try await store(fake).list() }
            #expect(error?.message.contains("endless list") == true && error?.next != nil)
        }
    }

    @Test func serverThatListsWhatIsElsewhereIsNotBelieved() async throws {
        try await with([]) { fake in
            fake.fault(.list, .answer(#"{"items":[{"name":"q/a.sql"},{"name":"x"},{"name":""},{"name":"p/b.sql"}]}"#))
            try await expect(fake, prefix: "p", lists: ["b.sql"])
        }
    }
}
