import Testing

@testable import MigrationKit

/// The keys of steps and operations, as every version has written them.
@Suite struct JournaledStepTests {
    @Test(arguments: [
        ("freeze", JournaledStep(.freeze)), ("restore", .restore), ("restore-point", JournaledStep(.restorePoint)),
        ("reset pgsql", MigrationStep.reset.of(.primary)),
        ("extensions codeintel-db", MigrationStep.extensions.of(.codeintel)),
        ("prove codeinsights-db", MigrationStep.prove.of(.codeinsights)),
        ("analyze pgsql", MigrationStep.analyze.of(.primary)),
        ("load primary.sql", .load("primary.sql")), ("load primary-data 2.sql.gz", .load("primary-data 2.sql.gz")),
        ("upgrade up", JournaledStep(.upgrade, detail: "up")), ("initialize", JournaledStep(.initialize)),
    ])
    func stepIsWrittenAsItIsRead(key: String, step: JournaledStep) {
        #expect(step.description == key)
        #expect(JournaledStep(key) == step)
    }

    @Test(arguments: ["", " ", "freezing", "reset users", "restored", "Reset pgsql"])
    func textThatIsNotAStepIsNotRead(text: String) {
        #expect(JournaledStep(text) == nil)
        #expect(JournaledOperation(text + "/import") == nil)
    }

    @Test func stepInOldSpellingIsTheSame() throws {
        #expect(JournaledStep("initialise") == JournaledStep(.initialize))
        #expect(MigrationStep(rawValue: "initialise") == .initialize)
        #expect(try JSONText.decode([MigrationStep].self, from: Array(#"["initialise"]"#.utf8)) == [.initialize])
        #expect(MigrationStep.allCases.count { $0 == .initialize } == 1)
    }

    @Test(arguments: [
        ("load primary.sql/import", JournaledStep.load("primary.sql"), "import"),
        ("load primary.sql/import 2", JournaledStep.load("primary.sql"), "import 2"),
        ("reset pgsql/delete after hand-over", MigrationStep.reset.of(.primary), "delete after hand-over"),
        ("upgrade upgrade/1", JournaledStep(.upgrade, detail: "upgrade"), "1"), ("restore/freeze", .restore, "freeze"),
    ])
    func operationIsWrittenAsItIsRead(key: String, step: JournaledStep, name: String) {
        #expect(JournaledOperation(step, name).description == key)
        #expect(JournaledOperation(key) == JournaledOperation(step, name))
    }

    @Test func stepsAreInTheirOrder() {
        let names = MigrationStep.ofImport.map(\.rawValue)
        #expect(names == ["validate", "backup", "reset", "extensions", "load", "prove", "analyze"])
        #expect(MigrationStep.indispensable.allSatisfy(MigrationStep.ofImport.contains))
    }

    @Test func stateHasTheSameWordInReportsOfEarlierVersions() throws {
        let states = try JSONText.decode([StepProgress].self, from: Array(#"["left out","skipped","to do"]"#.utf8))
        #expect(states == [.skipped, .skipped, .toDo])
    }
}
