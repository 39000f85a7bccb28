extension MigrationReport {
    /// What a migration has come to.
    public struct Verdict: Sendable, Hashable, Codable {
        /// In a word.
        public enum Kind: String, Sendable, Codable, CaseIterable {
            /// All steps are done.
            case passed
            /// All are done but those that somebody has skipped, for a reason.
            case passedInPart = "passed-in-part"
            /// All are done by the journal, but what shows it is missing or was altered.
            case unproven
            /// A step has failed, and was not done since.
            case failed
            /// There is more to do.
            case unfinished
        }

        /// In a word.
        public var kind: Kind
        /// The step that has failed, or that comes next.
        public var step: JournaledStep?
        /// In sentences.
        public var text: String
        /// What to do now; nil: nothing, or somebody is at it.
        public var next: String?

        /// For people: `Passed`.
        public var title: String {
            switch kind {
            case .passed: "Passed"
            case .passedInPart: "Passed, with skipped steps"
            case .unproven: "Not proven"
            case .failed: "Failed"
            case .unfinished: "Not finished"
            }
        }
    }

    /// What the steps, and what there is to show for them, come to.
    func judged() -> Verdict {
        if let openRestore { return judged(openRestore) }
        if let failed = steps.first(where: { $0.state == .failed }) {
            let part = failed.parts.last { $0.state == .failed }
            let name = part?.name ?? JournaledStep(failed.step)
            let error = part?.attempts.last?.text.map { " \($0)" } ?? ""
            return Verdict(
                kind: .failed, step: name, text: "Failed in step `\(name)`.\(error)",
                next: failed.step == .prove
                    ? "Do not hand the instance over. Find out who else writes to the databases, then run the same "
                        + "command again with --start-over."
                    : "Fix the cause, then run the same command again: it goes on with `\(name)`.")
        }
        if let next = steps.first(where: { !$0.state.isOver }) {
            let isIdle = identity != nil && !runs.contains(where: \.isAtWork)
            return Verdict(
                kind: .unfinished, step: JournaledStep(next.step), text: unfinished(next),
                next: isIdle
                    ? (importedAt == nil ? "Run the same command again" : "Run `mi-migrate run` with the same settings")
                        + ": it goes on with `\(next.step.rawValue)`." : nil)
        }
        let lacking = doubts.filter(\.isProof).map(\.subject)
        if !lacking.isEmpty {
            return Verdict(
                kind: .unproven,
                text: "According to the journal all steps are done, but evidence is missing or was altered: "
                    + "\(lacking.joined(separator: ", ")).",
                next: "Find out who changed what the journal keeps. What a step did not keep is proven only by doing "
                    + "the step again.")
        }
        let skipped = steps.filter { $0.state == .skipped }.map(\.step.rawValue)
        guard skipped.isEmpty else {
            return Verdict(
                kind: .passedInPart,
                text: "All steps are done but \(skipped.joined(separator: ", ")), skipped for a reason. \(proven)")
        }
        return Verdict(kind: .passed, text: "All steps are done. \(proven)")
    }

    /// Databases on their way back are neither those that were upgraded nor those that were imported.
    private func judged(_ restore: Attempt) -> Verdict {
        switch restore.outcome {
        case .failed:
            let error = restore.text.map { " \($0)" } ?? ""
            return Verdict(
                kind: .failed, step: .restore,
                text: "Restoring the databases failed.\(error) \(RestoreDatabases.wayOut)")
        case .atWork:
            let who = runs.indices.contains(restore.run) ? runs[restore.run].who : "Somebody"
            return Verdict(kind: .unfinished, step: .restore, text: "\(who) is restoring the databases.")
        default:
            return Verdict(
                kind: .unfinished, step: .restore,
                text: "Restoring the databases was started and has not finished. \(RestoreDatabases.wayOut)")
        }
    }

    private func unfinished(_ next: Step) -> String {
        guard identity != nil else { return "The migration has not started." }
        let done = steps.count(where: \.state.isOver)
        let imported = importedAt == nil ? "" : " The databases are imported and proven."
        let worker = runs.first { $0.isAtWork }
        let state = worker.map { "\($0.who) is running it." } ?? "No run is active."
        return "\(done) of \(steps.count) steps are done.\(imported) \(state) "
            + (next.state == .atWork ? "Now: " : "Next: ") + "\(next.step.rawValue)."
    }

    private var proven: String {
        let proofs = databases.compactMap(\.proof)
        let tables = Quantity.sum(proofs.map(\.tables.count))
        let rows = Quantity.sum(proofs.map(\.rows))
        let amount = "with \(Quantity.count(rows)) \(rows == 1 ? "row" : "rows")"
        let (subject, isOne) =
            tables == 1 ? ("1 table \(amount)", true) : ("All \(Quantity.count(tables)) tables \(amount)", false)
        let contents =
            proofs.contains(where: \.countsOnly)
            ? "\(subject) \(isOne ? "was" : "were") counted; contents were not all compared."
            : "\(subject) \(isOne ? "holds" : "hold") exactly what was dumped."
        return contents + (warnings.isEmpty ? "" : " Warnings: \(warnings.count).")
    }

    /// What was found of the instance that somebody should look at.
    var warnings: [Finding] { ((check ?? []) + (acceptance?.findings ?? [])).filter { $0.verdict == .warn } }
}
