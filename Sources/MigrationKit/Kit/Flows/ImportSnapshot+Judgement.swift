extension ImportSnapshot {
    /// What a snapshot that was verified is worth, before anything is destroyed for it.
    ///
    /// - Throws: ``MigrationError`` if one of its dumps lacks a part of its database, and nobody has said why.
    func judge(_ snapshot: VerifySnapshot.Verified) async throws {
        if snapshot.manifest == nil {
            onEvent(
                .warning(
                    "\(store.location) has no manifest.json: src-snapshot did not upload it. Contents cannot be proven; "
                        + "only rows are counted."
                )
            )
        }
        let named = snapshot.manifest?.files.map(\.name)
        let files = if let named { named } else { try await store.list() }
        let hasSummary = files.contains(SnapshotSummary.name)
        if snapshot.manifest != nil, !hasSummary {
            onEvent(
                .warning(
                    "The snapshot has no summary.json: `mi-migrate test` will have nothing to compare the instance with."
                ))
        }
        for dump in snapshot.dumps {
            let completeness = DumpCompleteness(
                database: dump.database, contents: dump.contents, isOfInstance: hasSummary)
            try completeness.check(accepting: acceptsIncomplete, name: dump.name)
            if let warning = completeness.warning(name: dump.name, accepting: acceptsIncomplete) {
                onEvent(.warning(warning))
            }
        }
    }
}
