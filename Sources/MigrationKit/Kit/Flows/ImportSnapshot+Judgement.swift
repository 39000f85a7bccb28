extension ImportSnapshot {
    /// What a snapshot that was verified is worth, before anything is destroyed for it.
    ///
    /// - Throws: ``MigrationError`` if one of its dumps lacks a part of its database, and nobody has said why; or if the
    ///   instance that it is of cannot be moved as it was.
    func judge(_ snapshot: VerifySnapshot.Verified) async throws {
        if snapshot.manifest == nil {
            onEvent(
                .warning(
                    .init(
                        .manifestMissing,
                        "\(store.location) has no manifest.json: src-snapshot did not upload it. Contents cannot be "
                            + "proven; only rows are counted.", ["location": .init(store.location)])))
        }
        let hasSummary =
            if let manifest = snapshot.manifest {
                manifest.summary != nil
            } else {
                try await store.list().contains(SnapshotSummary.name)
            }
        if snapshot.manifest != nil, !hasSummary {
            onEvent(
                .warning(
                    .init(
                        .summaryMissing,
                        "The snapshot has no summary.json: `mi-migrate test` will have nothing to compare the instance "
                            + "with.", ["location": .init(store.location)])))
        }
        for dump in snapshot.dumps {
            let completeness = DumpCompleteness(
                database: dump.database, contents: dump.contents, isOfInstance: hasSummary)
            try completeness.check(accepting: acceptsIncomplete, name: dump.name)
            if let warning = completeness.warning(name: dump.name, accepting: acceptsIncomplete) {
                onEvent(.warning(warning))
            }
        }
        if refusesInstances { try requireMovable(snapshot.dumps) }
    }

    /// - Throws: ``MigrationError`` if the instance was in a state that an upgrade, or what runs after it, would stop at.
    private func requireMovable(_ dumps: [SnapshotManifest.DatabaseEntry]) throws {
        let failed = dumps.flatMap { DumpFindings(dump: $0).ofInstance }.filter { $0.verdict == .fail }
        guard let first = failed.first else { return }
        throw MigrationError(
            .unmetRequirement, "\(first.place): \(first.reason)", next: first.remedy,
            details: first.details + failed.dropFirst().map { "\($0.place): \($0.reason)" })
    }
}
