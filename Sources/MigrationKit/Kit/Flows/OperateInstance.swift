/// One step of the operator's way by itself, as a runbook has it between others: `mi-migrate freeze`, `start`,
/// `initialize`, `check`.
///
/// It works with an instance's address alone. Where its migration has a journal, the step is recorded there as
/// `mi-migrate run` would have recorded it, and a run resumes behind it.
package struct OperateInstance: Sendable {
    /// The instance, how it is checked, and the journal.
    package var acceptance: AcceptInstance

    private var instance: any InstanceController { acceptance.instance }
    private var journal: MigrationJournal { acceptance.journal }

    /// Names an instance.
    package init(_ acceptance: AcceptInstance) { self.acceptance = acceptance }

    /// Stops all of the instance. What a migration has started has then to be started again.
    ///
    /// - Returns: What was done; so of the others.
    package func freeze(takingOver: Bool = false) async throws -> String {
        try await journal.working(takingOver: takingOver) {
            try await undo { $0 == .proxy || $0 >= .start }
            let step = JournaledStep(.freeze)
            // It stays in the journal as done: what was imported after it holds.
            guard await !journal.state.isFinished(step) else {
                return try await instance.freeze(job: MigrationJournal.newJobName(step))
            }
            try await acceptance.freeze()
            return await result(of: .freeze, in: journal)
        }
    }

    /// Starts all of the instance.
    ///
    /// - Throws: ``MigrationError`` if a migration of its databases is under way and has not upgraded them yet.
    package func start(takingOver: Bool = false) async throws -> String {
        try await perform(.start, takingOver: takingOver) { acceptance in
            if await journal.state.identity != nil, await !journal.state.progress(of: .upgrade).isOver {
                throw MigrationError(
                    .unmetRequirement, "The databases of \(instance.name) are not upgraded yet.",
                    next: "Continue the migration: `mi-migrate run`, or `mi-migrate upgrade`.")
            }
            try await acceptance.start()
        }
    }

    /// Sets the instance's address, and creates the account of the customer's administrator.
    package func initialize(takingOver: Bool = false) async throws -> String {
        try await perform(.initialize, takingOver: takingOver) { try await $0.initialize() }
    }

    /// Checks the instance's services, frontend and executors.
    package func check(takingOver: Bool = false) async throws -> String {
        try await perform(.check, takingOver: takingOver) { try await $0.check() }
    }

    // MARK: The journal

    private func perform(
        _ step: MigrationStep, takingOver: Bool, _ body: @escaping @Sendable (AcceptInstance) async throws -> Void
    ) async throws -> String {
        try await journal.working(takingOver: takingOver) {
            var acceptance = acceptance
            let state = await journal.state
            if state.identity != nil, step > .start, !state.progress(of: .start).isOver {
                // Its turn is still to come: a run does it then, whatever was found before.
                acceptance.journal = MigrationJournal(store: nil)
            } else {
                // It was asked for: that it is done already is no reason not to do it.
                try await undo { $0 == step }
            }
            try await body(acceptance)
            return await result(of: step, in: acceptance.journal)
        }
    }

    private func undo(_ isOutdated: (MigrationStep) -> Bool) async throws {
        let steps = await journal.state.steps.filter { $0.progress.isOver && $0.name.step.map(isOutdated) == true }
        guard !steps.isEmpty else { return }
        try await journal.append(.undone(steps: steps.map(\.name), reason: "repeated by hand"))
    }

    private func result(of step: MigrationStep, in journal: MigrationJournal) async -> String {
        await journal.state.step(JournaledStep(step))?.result ?? ""
    }
}
