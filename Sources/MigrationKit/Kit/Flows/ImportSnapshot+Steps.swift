/// What an import does to the server, a step after the other.
extension ImportSnapshot {
    // MARK: 3. to 5. Reset

    var doesBackUp: Bool { backsUp || agreed?.backsUp == true }

    func backUp(_ snapshot: ImportedSnapshot) async throws {
        guard doesBackUp, until >= .backup else { return }
        let backup = JournaledStep(.backup)
        try await journal.step(backup) {
            onEvent(
                .notice(
                    .init(
                        .backingUp, "Backing up \(importer.serverName).", ["server": .init(importer.serverName)])))
            return try await importer.backUp(snapshot.dumps.map(\.database), for: backup)
        }
    }

    func reset(_ snapshot: ImportedSnapshot) async throws {
        guard until >= .reset else { return }
        for dump in snapshot.dumps {
            let step = MigrationStep.reset.of(dump.database)
            try await journal.step(step) {
                if let estimate = estimate?.stages(of: dump, snapshot.loads) {
                    try await journal.keep(estimate, of: step)
                }
                try await importer.reset(dump.database, terminatingConnections: terminatesConnections, for: step)
                onEvent(
                    .notice(
                        .init(
                            .databaseEmptied, "\(dump.database.importedName) is empty.",
                            ["database": .init(dump.database.importedName)])))
                return "empty"
            }
        }
    }

    func createExtensions(_ snapshot: ImportedSnapshot) async throws {
        guard until >= .extensions else { return }
        for dump in snapshot.dumps where snapshot.needsExtensions(dump) {
            let step = MigrationStep.extensions.of(dump.database)
            try await journal.step(step) {
                try await importer.create(dump.contents.extensions, in: dump.database, for: step)
                return dump.contents.extensions.map(\.name).joined(separator: ", ")
            }
        }
    }

    // MARK: 6. and 7. Load and prove

    /// Where the importer does one thing at a time, everybody's loads come first, in the order of the snapshot. Where it
    /// does several, each database is proven as soon as it is loaded, beside the loads of the others; the largest begins
    /// first. One that fails leaves the others to go on to their ends.
    func loadAndProve(_ snapshot: ImportedSnapshot) async throws -> [ContentProof] {
        guard until >= .load else { return [] }
        var proofs: [ContentProof] = []
        if let turns {
            let dumps = snapshot.dumps.sorted { $0.size > $1.size }
            proofs = try await SideBySide.results(of: dumps) { dump in
                try await load(snapshot.loads.filter { $0.database == dump.database }, of: snapshot, turns)
                return try await prove(dump, snapshot)
            }.allOrError("databases").compactMap(\.self)
        } else {
            for load in snapshot.loads { try await self.load(load, of: snapshot) }
            for dump in snapshot.dumps { if let proof = try await prove(dump, snapshot) { proofs.append(proof) } }
        }
        try requireEqual(proofs)
        return proofs.sorted { $0.database < $1.database }
    }

    /// Loads one database: its parts with rows side by side. After one has failed none begins.
    private func load(_ loads: [DumpLoad], of snapshot: ImportedSnapshot, _ turns: Turns) async throws {
        for kind in DumpPart.Kind.allCases {
            let loads = loads.filter { $0.kind == kind }
            // What builds indexes takes a turn for each.
            if kind == .indexes {
                for load in loads { try await self.load(load, of: snapshot) }
                continue
            }
            let turns = TurnsUntilFailure(turns)
            _ = try await SideBySide.results(of: loads) { load in
                try await turns { try await self.load(load, of: snapshot) }
            }.allOrError("parts of \(loads.first?.database.dumpName ?? "")")
        }
    }

    var turns: Turns? { (importer as? any ParallelImporter)?.turns }

    func load(_ load: DumpLoad, of snapshot: ImportedSnapshot) async throws {
        // What a failed import of a whole dump leaves behind is nothing to go on from.
        let undone = load.isPart ? [] : snapshot.steps(of: load.database)
        do {
            try await journal.step(load.step, undoing: undone, through: way == .connection ? way : nil) {
                try await self.load(load)
            }
        } catch let missing as MissingParts {
            throw try await self.undone(missing, load.step)
        }
    }

    private func undone(_ missing: MissingParts, _ step: JournaledStep) async throws -> MigrationError {
        let steps = missing.names.map(JournaledStep.load) + [step]
        try await journal.append(.undone(steps: steps, reason: "the import was cut off"))
        return MigrationError(
            .failed,
            "Parts of \(missing.database.dumpName) were cut off while \(importer.serverName) imported them, "
                + "although it reported success.",
            next: "They changed nothing. Run the same command again: it imports these parts and continues.",
            details: missing.names)
    }

    private func load(_ load: DumpLoad) async throws -> String {
        let name = load.isPart ? load.name : load.database.importedName
        let start = ContinuousClock.now
        onEvent(.started(name, total: load.size))
        do {
            try await importer.load(load, from: store, for: load.step) {
                onEvent(.advanced(name, bytes: $0, detail: $1))
            }
        } catch let error as MigrationError {
            if error.code != .interrupted { onEvent(.failed(name, error)) }
            throw error.code == .tornDump ? error.naming(load.name) : error
        }
        let duration = ContinuousClock.now - start
        let summary = "loaded in \(Quantity.duration(duration)), \(Quantity.rate(load.size, in: duration))"
        onEvent(.finished(name, summary: summary))
        return summary + (load.version.map { "; \($0)" } ?? "")
    }

    /// - Returns: The proof, by an earlier run where that has come to one; nil if none is wanted.
    private func prove(
        _ dump: SnapshotManifest.DatabaseEntry, _ snapshot: ImportedSnapshot
    ) async throws -> ContentProof? {
        guard until >= .prove else { return nil }
        let step = MigrationStep.prove.of(dump.database)
        if await journal.state.isFinished(step), let proof: ContentProof = try await journal.record(of: step) {
            return proof
        }
        try await journal.append(.began(step: step))
        let proof = try await proof(of: dump, countsOnly: snapshot.manifest == nil || !importer.provesContents)
        try await journal.keep(proof, of: step)
        try await journal.append(
            proof.isEqual
                ? .finished(step: step, result: proof.summary)
                : .failed(step: step, error: proof.differences.joined(separator: " ")))
        return proof
    }

    private func requireEqual(_ proofs: [ContentProof]) throws {
        let differences = proofs.flatMap { proof in proof.differences.map { "\(proof.database.importedName): \($0)" } }
        guard differences.isEmpty else {
            throw MigrationError(
                .proofFailed, "\(importer.serverName) does not hold what was dumped.",
                next: "Do not continue with this import. Find out who else writes to the databases, then run the same "
                    + "command again with --start-over.",
                details: differences
            )
        }
    }

    private func proof(of dump: SnapshotManifest.DatabaseEntry, countsOnly: Bool) async throws -> ContentProof {
        let name = "proof of \(dump.database.importedName)"
        onEvent(.started(name, total: dump.size))
        let imported = try await importer.contents(of: dump.database, as: dump.contents) { table, bytes in
            onEvent(.advanced(name, bytes: bytes, detail: table.description))
        }
        let proof = ContentProof(
            database: dump.database, dumped: dump.contents, imported: imported, countsOnly: countsOnly)
        onEvent(.finished(name, summary: proof.summary))
        return proof
    }

    // MARK: 8. Analyze

    func analyze(_ snapshot: ImportedSnapshot) async throws {
        guard until >= .analyze else { return }
        let databases = snapshot.dumps.map(\.database)
        if let turns {
            _ = try await SideBySide.results(of: databases) { database in
                try await turns { try await analyze(database) }
            }.allOrError("databases")
        } else {
            for database in databases { try await analyze(database) }
        }
        if skipsAnalyze == nil { onEvent(.notice(.init(.analyzed, "ANALYZE finished."))) }
        try await journal.append(.completed)
    }

    private func analyze(_ database: Database) async throws {
        let step = MigrationStep.analyze.of(database)
        if let skipsAnalyze { try await journal.skip(step, skipsAnalyze) }
        try await journal.step(step) {
            try await importer.analyze(database, for: step)
            return "done"
        }
    }
}
