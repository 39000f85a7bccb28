import Foundation
import TestSupport
import Testing

@testable import MigrationKit
@testable import MigrationKitBase

@Suite struct MigrationOverviewTests {
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    private func journal(_ path: String) throws -> MigrationJournal {
        MigrationJournal(store: DirectoryStore(makingParentsOf: folder.file(path)))
    }

    @Test func everyJournalBelowAFolderIsALine() async throws {
        let failed = try journal("mi-migrate/prod.main")
        try await failed.append(.began(step: "freeze"))
        try await failed.append(.failed(step: "freeze", error: "<b>no</b> bucket"))
        try await journal("acme/mi-migrate/db:5433").append(.began(step: "validate"))
        try folder.write("readme", "")
        let overview = try await MigrationOverview(of: [DirectoryStore(path: folder.path)])
        #expect(overview.migrations.map(\.server) == ["prod.main", "db:5433"])
        let one = overview.migrations[0]
        #expect(one.next == "freeze" && one.state == .failed && one.error == "<b>no</b> bucket" && one.done == 0)
        #expect(one.steps > 0 && one.holder == nil)
        #expect(overview.table.split(separator: "\n").count == 3)
        #expect(overview.summary == "2 migrations: 0 done, 1 failed, 0 running.")
        let page = OverviewPage(overview: overview, at: Date()).text
        #expect(page.contains("&lt;b&gt;no&lt;/b&gt; bucket") && !page.contains("<b>no"))
        #expect(page.contains("<p class=\"word\">1 failed</p>") && page.contains("<h1>2 migrations</h1>"))
    }

    @Test func journalThatIsDamagedIsALineToo() async throws {
        try await journal("mi-migrate/a").append(.began(step: "validate"))
        try folder.write("mi-migrate/a/000001.json", "{}")
        let overview = try await MigrationOverview(of: [DirectoryStore(path: folder.path)])
        #expect(overview.migrations.map(\.state) == [.failed])
        #expect(overview.migrations[0].error?.isEmpty == false)
        #expect(overview.summary == "1 migration: 0 done, 1 failed, 0 running.")
    }

    @Test func folderWithoutJournalsHasNone() async throws {
        #expect(try await MigrationOverview(of: [DirectoryStore(path: folder.path)]).migrations.isEmpty)
    }
}
