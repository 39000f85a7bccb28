extension ImportSnapshot {
    /// What a snapshot that was verified is worth, before anything is destroyed for it.
    ///
    /// - Throws: ``MigrationError`` if one of its dumps lacks a part of its database, and nobody has said why.
    func judge(_ snapshot: VerifySnapshot.Verified) throws {
        if snapshot.manifest == nil {
            onEvent(
                .warning(
                    "\(store.location) has no manifest.json: it was not filled by src-snapshot. That the dumps are what "
                        + "the customer's databases held cannot be proven; only rows are counted."
                )
            )
        }
        if let manifest = snapshot.manifest, !manifest.files.contains(where: { $0.name == "summary.json" }) {
            onEvent(
                .warning(
                    "The snapshot has no summary.json: `mi-migrate test` will have nothing to hold the instance against."
                ))
        }
        for dump in snapshot.dumps {
            let completeness = DumpCompleteness(database: dump.database, contents: dump.contents)
            try completeness.check(accepting: acceptsIncomplete, name: dump.name)
            if let warning = completeness.warning(name: dump.name, accepting: acceptsIncomplete) {
                onEvent(.warning(warning))
            }
        }
    }
}
