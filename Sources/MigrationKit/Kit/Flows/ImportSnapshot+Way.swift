/// A database that was loaded in part in one way is not gone on with in another: its parts are loaded differently, and an
/// import that Cloud SQL was asked for may still be running.
extension ImportSnapshot {
    /// How dumps get to the destination.
    var way: ImportWay { importer is CloudSQLLanes ? .connection : .api }

    /// The journal's state, as far as this import can go on from it.
    func stateToResume(_ snapshot: ImportedSnapshot) async -> JournalState {
        var state = await journal.state
        for dump in state.loadedOtherwise(than: way, in: snapshot) {
            state.undo(snapshot.allSteps(of: dump), Self.otherWay)
        }
        return state
    }

    /// Tells of the databases that are made again because an earlier run has loaded some of them in another way.
    func warnOfOtherWay(_ snapshot: ImportedSnapshot) async {
        let isConnection = way == .connection
        let earlier = isConnection ? ImportWay.api : .connection
        for dump in await journal.state.loadedOtherwise(than: way, in: snapshot) {
            onEvent(
                .warning(
                    .init(
                        .wayChanged,
                        "\(dump.database.importedName) starts over: an earlier run has loaded some of it "
                            + "\(isConnection ? "through the Admin API" : "over the connection"). To resume that "
                            + "instead: --through=\(earlier.rawValue).",
                        ["database": .init(dump.database.importedName), "through": .init(earlier.rawValue)])))
        }
    }

    /// Has those databases made again.
    func undoLoadsOfOtherWay(_ snapshot: ImportedSnapshot) async throws {
        for dump in await journal.state.loadedOtherwise(than: way, in: snapshot) {
            try await journal.append(.undone(steps: snapshot.allSteps(of: dump), reason: Self.otherWay))
        }
    }

    private static let otherWay = "another way of loading was chosen (--through)"
}

extension ImportedSnapshot {
    /// All that is done to one database, also by importers that load more of its parts.
    fileprivate func allSteps(of dump: SnapshotManifest.DatabaseEntry) -> [JournaledStep] {
        let steps = steps(of: dump.database)
        return steps + dump.parts.map { .load($0.object.name) }.filter { !steps.contains($0) }
    }
}

extension JournalState {
    /// The dumps that were loaded in part, and not in this way.
    fileprivate func loadedOtherwise(
        than way: ImportWay, in snapshot: ImportedSnapshot
    ) -> [SnapshotManifest.DatabaseEntry] {
        snapshot.dumps.filter { dump in
            let loads = snapshot.loads.filter { $0.database == dump.database && $0.kind != .extensions }
            let begun = snapshot.allSteps(of: dump).filter { $0.step == .load }.compactMap(step).filter { !$0.isUndone }
            return !loads.map(\.step).allSatisfy(isFinished) && begun.contains { ($0.through ?? .api) != way }
        }
    }
}
