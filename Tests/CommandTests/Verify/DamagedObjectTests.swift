import Foundation
import MigrationKit
import TestClusters
import Testing

/// `verify -bucket`, of a bucket whose objects are not what was uploaded.
@Suite(.inTurn) struct DamagedObjectTests {
    let workplace: Workplace
    private let name = "bucket/codeintel.sql"

    init() async throws {
        workplace = try await Workplace()
        try await workplace.takeExample("bucket")
    }

    /// Verifies, and expects that all of these are said after the last event.
    private func isRefused(_ sentences: String...) async throws {
        let refused = try await workplace.snapshot("verify", "-bucket=./bucket")
        #expect(refused.exit == 4, "\(refused.errors)")
        #expect(refused.output == "")
        let final = try #require(refused.errors.range(of: "error: "))
        for sentence in sentences {
            #expect(refused.errors[final.lowerBound...].contains(sentence), "\(refused.errors)")
        }
    }

    @Test func wholeOneIsTaken() async throws {
        try workplace.folder.write("bucket/notes.txt", "of no concern")
        let verified = try await workplace.snapshot("verify", "-bucket=./bucket")
        #expect(verified.exit == 0, "\(verified.errors)")
        for database in Database.allCases { #expect(verified.errors.contains("\(database.dumpName): ")) }
    }

    @Test(arguments: [0.0, 0.001, 0.3, 0.5, 0.9, 0.9999])
    func flippedBitIsFound(place: Double) async throws {
        var bytes = try workplace.folder.bytes(name)
        bytes[Int(Double(bytes.count) * place)] ^= 1
        try workplace.folder.write(name, bytes)
        try await isRefused("codeintel.sql")
    }

    @Test func flippedBitOfARowIsFound() async throws {
        let text = try workplace.folder.text(name)
        let changed = text.replacing("scip-go gomod", with: "scip-go gomnd", maxReplacements: 1)
        #expect(changed != text)
        try workplace.folder.write(name, changed)
        try await isRefused("codeintel.sql is not what was uploaded: its checksums differ.")
    }

    @Test(arguments: [0, 1, 500, 999])
    func cutObjectIsFound(perMille: Int) async throws {
        let bytes = try workplace.folder.bytes(name)
        let rest = bytes.count * perMille / 1000
        try workplace.folder.write(name, bytes.prefix(rest))
        try await isRefused("codeintel.sql has \(rest) bytes; \(bytes.count) were uploaded.")
    }

    @Test func appendedByteIsFound() async throws {
        let bytes = try workplace.folder.bytes(name)
        try workplace.folder.write(name, bytes + Data("\n".utf8))
        try await isRefused("codeintel.sql has \(bytes.count + 1) bytes; \(bytes.count) were uploaded.")
    }

    @Test func missingObjectsAreAllNamed() async throws {
        for name in ["codeintel.sql", "primary.sql", "summary.json"] { try workplace.folder.remove("bucket/\(name)") }
        try await isRefused("codeintel.sql is missing.", "primary.sql is missing.", "summary.json is missing.")
    }

    @Test(arguments: ["summary.json", "primary.sql", "codeinsights.sql"])
    func missingObjectIsNamed(name: String) async throws {
        try workplace.folder.remove("bucket/\(name)")
        try await isRefused("\(name) is missing.")
    }

    @Test func changedSummaryIsFound() async throws {
        let text = try workplace.folder.text("bucket/summary.json")
        try workplace.folder.write("bucket/summary.json", text.replacing("5.1.8", with: "5.1.9"))
        try await isRefused("summary.json is not what was uploaded: its checksums differ.")
    }

    @Test func dumpInPlaceOfAnotherIsFound() async throws {
        try workplace.folder.remove(name)
        try workplace.folder.copy(workplace.folder.file("bucket/codeinsights.sql"), to: name)
        try await isRefused("codeintel.sql has ")
    }

    @Test func folderInPlaceOfAnObjectIsNone() async throws {
        try workplace.folder.remove(name)
        try workplace.folder.write("\(name)/x", "")
        try await isRefused("codeintel.sql is missing.")
    }
}
