import Foundation
import TestClusters
import Testing

@testable import MigrationKit
@testable import MigrationKitBase
@testable import MigrationKitPostgresDump
@testable import MigrationKitSourcegraphAPI

/// The page of a report in a real browser: on a phone, on a desk and on paper.
@Suite(.inTurn) struct ReportInChromiumTests {
    let workplace: Workplace
    let chromium: Chromium

    init() async throws {
        workplace = try await Workplace()
        chromium = try await Chromium(workplace)
    }

    private static let hostile =
        "<script>document.title='pwned'</script><img src=/x onerror=\"document.title='pwned'\">\"'&\u{202E}\u{0}"

    /// A journal with somebody else's words in every place, and tables of such names.
    private func page(tables: Int = 300, name: String = Self.hostile) async throws -> String {
        let journal = MigrationJournal(store: nil)
        let identity = MigrationIdentity(
            snapshot: "gs://acme\(name)", manifest: nil, target: name, databases: ["primary.sql"])
        try await journal.append(.opened(identity, plan: nil))
        try await journal.step("freeze") { "frozen \(name)" }
        await #expect(throws: MigrationError.self) {
            try await journal.step("reset pgsql") {
                throw MigrationError(.failed, String(repeating: "\(name)wide", count: 20))
            }
        }
        var dumped = DumpContents()
        dumped.tables = (0..<tables).map { index in
            let table = TableName(
                schema: "public", name: "\(name)\(index)\(String(repeating: "x", count: index % 64))")
            return TableContents(table: table, columns: [], rows: index, digest: "")
        }
        let imported = DestinationContents(
            tables: dumped.tables, sequences: [], unexpectedTables: [], invalidIndexes: [name], extensions: [])
        let proof = ContentProof(database: .primary, dumped: dumped, imported: imported, countsOnly: false)
        try await journal.step("prove pgsql") {
            try await journal.keep(proof, of: "prove pgsql")
            return name
        }
        let path = try UpgradePath(from: "3.20.0", to: "5.11.6271")
        try await journal.step("upgrade") {
            try await journal.keep(path, of: "upgrade")
            return name
        }
        let finding = Finding(name, in: name, .fail, name, details: [name], remedy: name)
        try await journal.step("check") {
            try await journal.keep([finding], of: "check")
            return name
        }
        let store = DirectoryStore(path: workplace.folder.file("bucket"))
        return try await ReportMigration(store: store, server: name, journal: journal).run().text(.html)
    }

    @Test(arguments: [360, 1280])
    func pageFitsItsWidth(width: Int) async throws {
        let (look, console) = try await chromium.look(at: page(), width: width)
        #expect(console == [])
        #expect(look.inner == width)
        #expect(look.scroll <= width && look.sticking == 0)
        #expect(look.word == "Failed" && look.height > 10)
        #expect(look.page > 3000)
    }

    @Test func nothingOfSomebodyElsesIsDone() async throws {
        let (look, console) = try await chromium.look(at: page(tables: 5), width: 800)
        #expect(console == [])
        #expect(look.active == 0 && look.handlers == 0)
        #expect(look.text.contains("<script>document.title='pwned'</script><img src=/x onerror="))
        #expect(look.text.contains("\\u{202e}\\u{0}"))
        #expect(!look.text.contains("\u{202E}"))
    }

    @Test func browserTellsOfWhatAPageMayNot() async throws {
        // Or the console of the other tests would be empty whatever happens.
        let page = try await page(tables: 1).replacing("</main>", with: "</main><script>1</script>")
        let (_, console) = try await chromium.look(at: page, width: 800)
        #expect(console.contains { $0.contains("Content Security Policy") }, "\(console)")
    }

    // MARK: Pictures and paper

    /// Opens a file, and reads what came of it.
    private func made(_ name: String, of page: String, _ flags: [String]) async throws -> Data {
        try workplace.folder.write("page.html", page)
        let file = workplace.folder.file(name)
        let flag = name.hasSuffix(".pdf") ? "--print-to-pdf=\(file)" : "--screenshot=\(file)"
        _ = try await chromium.open("file://\(workplace.folder.file("page.html"))", flag, "--window-size=1280,1600")
        defer { try? workplace.folder.remove(name) }
        return try workplace.folder.bytes(name)
    }

    @Test func pageIsPaintedInColours() async throws {
        let picture = try await made("report.png", of: page(name: "users"), [])
        let blank = try await made("blank.png", of: "<!DOCTYPE html><title>x</title>", [])
        #expect(picture.starts(with: [0x89, 0x50, 0x4E, 0x47]))
        #expect(picture.count > 4 * blank.count && picture.count > 40_000, "\(picture.count) \(blank.count)")
    }

    @Test func foldedTablesAreOnPaper() async throws {
        func sheets(tables: Int) async throws -> Int {
            let paper = String(
                decoding: try await made("report.pdf", of: page(tables: tables, name: "t"), []), as: UTF8.self)
            #expect(paper.hasPrefix("%PDF-"))
            return paper.split(separator: "/Type /Page\n").count - 1
        }
        let (short, long) = (try await sheets(tables: 1), try await sheets(tables: 300))
        #expect(short >= 2 && long >= short + 4, "\(short) \(long)")
    }
}
