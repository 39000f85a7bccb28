import TestSupport
import Testing

@testable import MigrationKit
@testable import MigrationKitBase

/// A step has one line, also while databases are in different steps.
@Suite struct StepLinesTests {
    private func lines(_ events: (StepLines) -> Void) -> [[Substring]] {
        let told = Watched<[String]>([])
        events(StepLines { event in if case .notice(let notice) = event { told.change { $0.append(notice.text) } } })
        return told.change { $0 }.map { $0.split(separator: " ") }
    }

    private func began(_ step: JournaledStep) -> JournalEvent { .began(step: step) }
    private func finished(_ step: JournaledStep) -> JournalEvent { .finished(step: step, result: "done") }

    @Test func stepIsOverWithTheLastOfItsParts() {
        let lines = lines { lines in
            lines.expect(2, of: .load)
            lines.expect(2, of: .prove)
            lines.take(began(MigrationStep.reset.of(.primary)))
            lines.take(finished(MigrationStep.reset.of(.primary)))
            lines.take(began(.load("primary.sql")))
            lines.take(began(.load("codeintel.sql")))
            lines.take(finished(.load("codeintel.sql")))
            lines.take(began(MigrationStep.prove.of(.codeintel)))
            lines.take(finished(MigrationStep.prove.of(.codeintel)))
            lines.take(finished(.load("primary.sql")))
            lines.take(began(MigrationStep.prove.of(.primary)))
            lines.take(finished(MigrationStep.prove.of(.primary)))
            lines.take(began(MigrationStep.analyze.of(.primary)))
            lines.take(finished(MigrationStep.analyze.of(.primary)))
            lines.take(.completed)
        }
        #expect(lines.compactMap(\.first) == ["reset", "load", "prove", "analyze"])
    }

    @Test func stepWithoutAnEndHasNoLine() {
        let lines = lines { lines in
            lines.expect(2, of: .load)
            lines.take(began(.load("primary.sql")))
            lines.take(began(.load("codeintel.sql")))
            lines.take(finished(.load("codeintel.sql")))
            lines.take(.failed(step: .load("primary.sql"), error: "no room"))
        }
        #expect(lines.isEmpty)
    }
}
