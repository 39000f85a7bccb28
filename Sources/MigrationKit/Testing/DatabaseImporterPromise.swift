public import MigrationKit
import NIOCore

/// One thing that every `DatabaseImporter` owes, and how to see that an importer does it.
///
/// ```swift
/// for promise in DatabaseImporterPromise.all {
///     try await promise.check(MyImporter(), from: bucket, into: .codeinsights)
/// }
/// ```
public struct DatabaseImporterPromise: Promise {
    /// The promise in a few words, such as `goes back to a copy`.
    public let description: String
    private let body: @Sendable (ImporterOnTrial) async throws -> Void

    private init(_ description: String, _ body: @escaping @Sendable (ImporterOnTrial) async throws -> Void) {
        self.description = description
        self.body = body
    }

    /// Checks that an importer keeps the promise.
    ///
    /// - Parameters:
    ///   - importer: One that is at its server as it would be in a migration: its journal, if it has one, is held. The
    ///     server has nothing that anybody needs: all of it may be taken back to a copy, and all copies removed.
    ///   - store: Where it reads dumps. Objects named `promise-….sql` are put there.
    ///   - database: Where dumps are loaded. It holds something of the check afterwards.
    /// - Throws: ``BrokenPromise``, or what the importer throws where it should not.
    public func check(
        _ importer: any DatabaseImporter, from store: any ObjectStore, into database: Database
    ) async throws {
        try await body(ImporterOnTrial(importer: importer, store: store, database: database))
    }

    /// What is owed by each importer.
    public static let all = [
        DatabaseImporterPromise("empties a database, whatever was there") { trial in
            for _ in 1...2 {
                try await trial.reset()
                try await trial.load(trial.put(["1\tone"]))
            }
            try await trial.reset()
            try await trial.reset()
            let state = try await trial.importer.describe([trial.database], needing: [])
            try require(
                state.existing.map(\.name) == [trial.database.importedName], "There are \(state.existing.map(\.name)).")
            try require(state.existing[0].rows ?? 0 == 0, "There are rows after a reset.")
        },
        DatabaseImporterPromise("loads all of a dump") { trial in
            let dump = try await trial.put(["1\tone", "2\t", "3\tü\\\\\\t\\\\N", "4\t\\N"])
            try await trial.reset()
            try await trial.load(dump)
            try await trial.requireContents(of: dump)
        },
        DatabaseImporterPromise("tells what the server holds, and not what was sent") { trial in
            let sent = try await trial.put(["1\tone", "2\ttwo"])
            for others in [["1\tone"], trial.importer.provesContents ? ["1\tone", "2\ttwO"] : []] {
                let other = try await trial.put(others)
                try await trial.reset()
                try await trial.load(other)
                try await trial.requireContents(of: other)
                let proof = try await trial.proof(of: sent)
                try require(!proof.isEqual, "\(others) count as what was dumped.")
            }
        },
        DatabaseImporterPromise("throws for a dump that the server refuses") { trial in
            try await trial.reset()
            let refused = try await trial.put(["1\tone", "1\tthe same key"])
            try await requireThrow("A load that the server refuses") { try await trial.load(refused) }
            guard !trial.importer.fetchesObjects else { return }
            let state = try await trial.importer.describe([trial.database], needing: [])
            try require(state.existing.first?.rows ?? 0 == 0, "There are rows of a load that has failed.")
            let good = try await trial.put(["1\tone"])
            try await trial.load(good)
            try await trial.requireContents(of: good)
        },
        DatabaseImporterPromise("marks and analyzes without a change of contents") { trial in
            let dump = try await trial.put(["1\tone"])
            try await trial.reset()
            try await trial.load(dump)
            try await trial.importer.mark([trial.database], with: "mi-migrate:promise", for: trial.step(.match))
            try await trial.importer.analyze(trial.database, for: trial.step(.analyze))
            try await trial.requireContents(of: dump)
        },
        DatabaseImporterPromise("goes back to a copy, which stays until it is removed") { trial in
            let (before, after) = (try await trial.put(["1\tbefore"]), try await trial.put(["1\tafter", "2\tmore"]))
            try await trial.reset()
            try await trial.load(before)
            let copy = try await trial.importer.backUp([trial.database], for: trial.step(.restorePoint))
            try await trial.reset()
            try await trial.load(after)
            for _ in 1...2 {
                try await trial.importer.checkCopy(copy, of: [trial.database]) { _ in false }
                try await trial.importer.restore(
                    copy, of: [trial.database], terminatingConnections: false, for: trial.step(nil))
                try await trial.requireContents(of: before)
            }
            let kept = try await trial.importer.copies().first { $0.name == copy }
            guard let kept else { throw BrokenPromise(description: "\(copy) is not among the copies.") }
            try await trial.importer.remove(kept, for: trial.step(nil))
            let rest = try await trial.importer.copies().map(\.name)
            try require(!rest.contains(copy), "\(copy) is there after it was removed.")
        },
    ]
}
