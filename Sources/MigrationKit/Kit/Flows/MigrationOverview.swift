package import MigrationKitFoundation
internal import NIOCore
package import SystemPackage

/// `mi-migrate status --all` and `report --all`: many migrations, a line each, as their journals tell.
package struct MigrationOverview: Sendable, Encodable {
    /// The migrations: those that have failed, those that somebody works on, the other ones, those that are done.
    package var migrations: [Migration]

    /// One of them.
    package struct Migration: Sendable, Encodable {
        /// The journal's place.
        package var journal: String
        /// The destination.
        package var server: String
        /// The snapshot; nil before an import has begun.
        package var snapshot: String?
        /// When it began.
        package var openedAt: Date?
        /// When something was last written.
        package var lastAt: Date?
        /// How many steps are over, of all that the migration has.
        package var done: Int
        /// How many there are.
        package var steps: Int
        /// The step that comes next; nil if nothing is left.
        package var next: String?
        /// How far that is.
        package var state: StepProgress
        /// Who works on it; nil: nobody.
        package var holder: String?
        /// Why it failed, or why the journal cannot be read.
        package var error: String?
    }

    /// Reads all journals of some buckets and folders.
    ///
    /// - Throws: ``MigrationError`` if a bucket cannot be read. A journal that cannot be is a line that says so.
    package init(of stores: [any ObjectStore]) async throws {
        migrations = []
        for store in stores {
            for journal in try await store.journals() { migrations.append(try await Migration(journal)) }
        }
        migrations.sort { ($0.turn, $0.server) < ($1.turn, $1.server) }
    }

    /// The migrations as a table.
    package var table: String {
        var table = TextTable(
            ["destination", "snapshot", "steps", "next", "state", "last entry", "running", ""], rightAligned: [2])
        for one in migrations { table.add(one.cells) }
        return table.text
    }

    /// How many have failed, are done and are worked on.
    var counts: (failed: Int, done: Int, running: Int) {
        (
            migrations.count { $0.state == .failed }, migrations.count(where: \.isDone),
            migrations.count { $0.holder != nil }
        )
    }

    /// What there is to know besides, in a sentence.
    package var summary: String {
        let number = Quantity.count(migrations.count)
        return "\(number) migration\(migrations.count == 1 ? "" : "s"): \(counts.done) done, \(counts.failed) failed, "
            + "\(counts.running) running."
    }

    /// Writes page or JSON to a file, for its owner alone.
    package func write(to path: FilePath, _ form: MigrationReport.Form) async throws {
        let text = form == .html ? OverviewPage(overview: self, at: Date()).text : try JSONText.encode(self) + "\n"
        try await AtomicFile.write(path) { try await $0.append(ByteBuffer(string: text)) }
    }
}

extension MigrationOverview.Migration {
    /// Whether nothing is left to do; a journal that cannot be read does not say so.
    var isDone: Bool { next == nil && state != .failed }

    /// Its place among the others.
    fileprivate var turn: Int { state == .failed ? 0 : holder != nil ? 1 : isDone ? 3 : 2 }

    fileprivate init(_ journal: MigrationJournal) async throws {
        let place = journal.location ?? ""
        let server = place.split(separator: "/").last.map(String.init) ?? place
        do { try await journal.read() } catch let error as MigrationError where error.code == .damagedSnapshot {
            self.init(journal: place, server: server, done: 0, steps: 0, state: .failed, error: error.message)
            return
        }
        let state = await journal.state
        // An import alone has the steps of an import alone.
        let isRun = state.steps.contains { $0.name.step.map { !MigrationStep.ofImport.contains($0) } ?? false }
        let steps = RunReport(journal: state).steps.filter { isRun || MigrationStep.ofImport.contains($0.step) }
        let next = steps.first { !$0.state.isOver }
        let isAtWork = state.holder?.isAtWork(beside: journal.writer) ?? false
        self.init(
            journal: place, server: server, snapshot: state.identity?.snapshot, openedAt: state.openedAt,
            lastAt: await journal.entries.last?.at, done: steps.count { $0.state.isOver },
            steps: steps.count, next: next?.step.rawValue, state: next?.state ?? .done,
            holder: isAtWork ? state.holder?.writer.who : nil, error: next?.state == .failed ? next?.result : nil)
    }

    fileprivate var cells: [String] {
        [
            server, snapshot ?? "-", "\(done)/\(steps)", next ?? "-", state.rawValue,
            lastAt.map(TimeText.minutes) ?? "-", holder ?? "-", error ?? "",
        ].map(\.printable)
    }
}
