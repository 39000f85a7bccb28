import Foundation
import MigrationKit
import TestClusters
import Testing

/// `verify` without a bucket: the dumps in `src-snapshot/`, against what `--run` has noted of them.
@Suite(.inTurn) struct VerifyDumpsTests {
    let workplace: Workplace
    private let name = "src-snapshot/codeintel.sql"
    private let record = "src-snapshot/codeintel.dump.json"

    init() async throws {
        workplace = try await Workplace()
        try await workplace.takeExample("src-snapshot")
    }

    /// Verifies, and expects that this is said after the last event.
    private func isRefused(_ sentence: String) async throws {
        let refused = try await workplace.snapshot("verify")
        #expect(refused.exit == 4, "\(refused.errors)")
        #expect(refused.output == "")
        let final = try #require(refused.errors.range(of: "error: "))
        #expect(refused.errors[final.lowerBound...].contains(sentence), "\(refused.errors)")
        #expect(refused.errors[final.lowerBound...].contains("codeintel"), "\(refused.errors)")
    }

    @Test func dumpsOfRunAreUnaltered() async throws {
        let verified = try await workplace.snapshot("verify")
        #expect(verified.exit == 0, "\(verified.errors)")
        for database in Database.allCases {
            #expect(verified.errors.contains("src-snapshot/\(database.dumpName): whole and unaltered, "))
        }
    }

    @Test func dumpMadeByHandIsWholeAndNoMoreIsSaid() async throws {
        try workplace.folder.remove(record)
        let verified = try await workplace.snapshot("verify")
        #expect(verified.exit == 0, "\(verified.errors)")
        #expect(verified.errors.contains("\(name): whole (made by hand: nothing to compare it with)"))
        #expect(verified.errors.contains("src-snapshot/primary.sql: whole and unaltered"))
    }

    @Test(arguments: ["row", "statement", "comment", "end"])
    func alteredDumpIsNotTheOneThatWasMade(place: String) async throws {
        let text = try workplace.folder.text(name)
        let changed =
            switch place {
            case "row": text.replacing("scip-go gomod", with: "scip-go gomad", maxReplacements: 1)
            case "statement": text.replacing("DROP INDEX", with: "drop INDEX", maxReplacements: 1)
            case "comment": text.replacing("-- Name: ", with: "-- NAME: ", maxReplacements: 1)
            default: text + "\n"
            }
        #expect(changed != text)
        try workplace.folder.write(name, changed)
        try await isRefused("\(name) has changed since it was dumped (at ")
    }

    @Test(arguments: [true, false], [0, 10, 500, 999])
    func tornDumpIsNamed(isMadeByHand: Bool, perMille: Int) async throws {
        let bytes = try workplace.folder.bytes(name)
        try workplace.folder.write(name, bytes.prefix(bytes.count * perMille / 1000))
        if isMadeByHand { try workplace.folder.remove(record) }
        try await isRefused("\(name): The dump ")
    }

    @Test func dumpOfAnotherDatabaseIsNotTheOneThatWasMade() async throws {
        try workplace.folder.remove(name)
        try workplace.folder.copy(workplace.folder.file("src-snapshot/codeinsights.sql"), to: name)
        try await isRefused("\(name) has changed since it was dumped (at ")
    }

    @Test(arguments: ["", "{}", "{\"bytes\":"])
    func recordThatCannotBeReadIsNamed(text: String) async throws {
        try workplace.folder.write(record, text)
        try await isRefused("\(record) is not a valid record of a dump.")
    }

    @Test func dumpThatWasMadeAndIsMissingIsNamed() async throws {
        try workplace.folder.remove(name)
        try await isRefused("codeintel.sql is missing from src-snapshot; it was finished at ")
    }

    @Test func folderWithoutDumpsIsNotWhole() async throws {
        for file in try workplace.folder.list("src-snapshot") { try workplace.folder.remove("src-snapshot/\(file)") }
        let refused = try await workplace.snapshot("verify")
        #expect(refused.exit == 3)
        #expect(refused.errors.contains("src-snapshot has no dump."))
    }
}
