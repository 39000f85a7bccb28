extension MigrationReport {
    /// The entries of a journal, told as runs and attempts: of the import that was begun last.
    struct History {
        private(set) var runs: [Run] = []
        private(set) var parts: [Part] = []
        /// How many imports were begun before, and left behind.
        private(set) var earlier = 0
        /// The runs' own names, in the order of ``runs``.
        private var names: [String] = []

        /// - Parameter atWork: The run that is at work while this is told.
        init(_ entries: [JournalEntry], atWork: String?) {
            guard !entries.isEmpty else { return }
            let opened = entries.indices.filter { if case .opened = entries[$0].event { true } else { false } }
            earlier = max(0, opened.count - 1)
            var start = opened.last ?? 0
            // A run says that it works before it begins an import.
            while start > 0, entries[start - 1].by.run == entries[start].by.run { start -= 1 }
            for entry in entries[start...] { take(entry) }
            for index in runs.indices { runs[index].isAtWork = names[index] == atWork }
            parts = parts.map { part in
                var part = part
                close(&part)
                return part
            }
        }

        private mutating func take(_ entry: JournalEntry) {
            let run = run(of: entry)
            switch entry.event {
            case .opened: parts = []
            case .began(let name, _):
                change(name) { part, history in
                    history.close(&part)
                    part.attempts.append(Attempt(beganAt: entry.at, outcome: .atWork, run: run))
                }
                if name == .restore { takeBack(entry, by: run) }
            case .skipped(let name, let reason):
                change(name) { part, history in
                    history.close(&part)
                    part.attempts.append(
                        Attempt(beganAt: entry.at, endedAt: entry.at, outcome: .skipped, text: reason, run: run))
                }
            case .finished(let name, let result): end(name, .done, result, entry)
            case .failed(let name, let error): end(name, .failed, error, entry)
            case .undone(let names, let reason):
                if names.contains(.restore) { putBack() }
                for name in names where parts.contains(where: { $0.name == name }) {
                    change(name) { part, history in history.undo(&part, reason, entry, by: run) }
                }
            case .released: runs[run].hasEnded = true
            case .sealed, .working, .asking, .waiting, .kept, .completed: break
            }
        }

        private mutating func run(of entry: JournalEntry) -> Int {
            let index = names.lastIndex(of: entry.by.run) ?? runs.count
            if index == runs.count {
                names.append(entry.by.run)
                runs.append(
                    Run(
                        who: entry.by.who, program: entry.by.program, beganAt: entry.at, lastAt: entry.at, entries: 0,
                        hasEnded: false, isAtWork: false))
            }
            runs[index].lastAt = entry.at
            runs[index].entries += 1
            return index
        }

        private mutating func change(_ name: JournaledStep, _ body: (inout Part, History) -> Void) {
            var part = Part(name: name, attempts: [])
            let index = parts.firstIndex { $0.name == name }
            if let index { part = parts[index] }
            body(&part, self)
            if let index { parts[index] = part } else { parts.append(part) }
        }

        private mutating func end(_ name: JournaledStep, _ outcome: StepProgress, _ text: String, _ entry: JournalEntry)
        {
            guard let index = parts.firstIndex(where: { $0.name == name }),
                var last = parts[index].attempts.popLast()
            else { return }
            (last.endedAt, last.outcome, last.text) = (entry.at, outcome, text)
            parts[index].attempts.append(last)
        }

        /// An attempt that is undone by its own run has failed, and what it did with it; one that another run finds has
        /// been stopped.
        private func undo(_ part: inout Part, _ reason: String, _ entry: JournalEntry, by run: Int) {
            guard var last = part.attempts.popLast() else { return }
            if last.outcome == .atWork {
                let isOwn = last.run == run
                (last.outcome, last.text) = (isOwn ? .failed : .stopped, reason)
                last.endedAt = isOwn ? entry.at : runs[last.run].lastAt
            }
            last.undone = reason
            part.attempts.append(last)
        }

        /// A return to the copy of the databases takes back what was done since.
        private mutating func takeBack(_ entry: JournalEntry, by run: Int) {
            for name in parts.map(\.name) where name.isUndoneByRestore {
                change(name) { part, history in
                    if part.attempts.last?.undone == nil { history.undo(&part, JournalState.restored, entry, by: run) }
                }
            }
        }

        /// One that was refused has taken nothing back.
        private mutating func putBack() {
            guard restore?.attempts.last.map({ $0.outcome != .done && $0.undone == nil }) == true else { return }
            for index in parts.indices where parts[index].attempts.last?.undone == JournalState.restored {
                parts[index].attempts[parts[index].attempts.count - 1].undone = nil
            }
        }

        /// The returns to the copy, each as it ended: that it was done again, or the upgrade after it, is no other end.
        var restore: Part? {
            guard var part = parts.first(where: { $0.name == .restore }) else { return nil }
            for index in part.attempts.indices where part.attempts[index].outcome == .done {
                part.attempts[index].undone = nil
            }
            return part
        }

        /// An attempt whose end nobody has noted ended with its run, if that is not at work.
        private func close(_ part: inout Part) {
            guard let last = part.attempts.indices.last, part.attempts[last].outcome == .atWork,
                !runs[part.attempts[last].run].isAtWork
            else { return }
            part.attempts[last].outcome = .stopped
            part.attempts[last].endedAt = runs[part.attempts[last].run].lastAt
        }
    }
}
