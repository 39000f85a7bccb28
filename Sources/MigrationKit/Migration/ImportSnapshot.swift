/// `mi-migrate import`: loads a snapshot into a server and proves that it holds what was dumped.
///
/// 1. Verify the bucket, whole, before anything is destroyed.
/// 2. Look at the destination: versions, extensions, who is connected, what would be lost; ask.
/// 3. Reset the databases and make their extensions.
/// 4. Load each dump, in one transaction.
/// 5. Prove: rows and content digests of every table, and the sequences, read back from the server.
/// 6. `ANALYZE`.
public struct ImportSnapshot: Sendable {
    /// The bucket.
    public var store: any ObjectStore
    /// The destination.
    public var importer: any DatabaseImporter
    /// Which databases.
    public var databases: [Database]
    /// Whether other sessions are ended; else they are an error.
    public var terminatesConnections: Bool
    /// Asked before anything is dropped; false ends the import.
    public var confirm: @Sendable (DestinationState) async throws -> Bool
    /// Takes what happens.
    public var onEvent: MigrationEventHandler

    /// Names bucket and destination; see the properties.
    public init(
        store: any ObjectStore, importer: any DatabaseImporter, databases: [Database] = Database.allCases,
        terminatesConnections: Bool = false, confirm: @escaping @Sendable (DestinationState) async throws -> Bool,
        onEvent: @escaping MigrationEventHandler = { _ in }
    ) {
        self.store = store
        self.importer = importer
        self.databases = databases
        self.terminatesConnections = terminatesConnections
        self.confirm = confirm
        self.onEvent = onEvent
    }

    /// Imports the snapshot.
    ///
    /// - Returns: The proof of each database.
    /// - Throws: ``MigrationError``; with code `proof-failed` if a server holds anything else than was dumped.
    public func run() async throws -> [ContentProof] {
        let snapshot = try await verify()
        try await prepareDestination(for: snapshot)
        for dump in snapshot.dumps {
            try await importer.reset(dump.database, terminatingConnections: terminatesConnections)
            try await importer.create(dump.contents.extensions, in: dump.database)
            try await load(dump, hasManifest: snapshot.manifest != nil)
        }
        let proofs = try await prove(snapshot)
        for dump in snapshot.dumps { try await importer.analyze(dump.database) }
        onEvent(.notice("ANALYZE is done."))
        return proofs
    }

    private func verify() async throws -> VerifySnapshot.Verified {
        onEvent(.notice("Verifying the snapshot in \(store.location)."))
        let snapshot = try await VerifySnapshot(store: store, databases: databases, onEvent: onEvent)
            .run(requiresManifest: false)
        if snapshot.manifest == nil {
            onEvent(
                .warning(
                    "\(store.location) has no manifest.json: it was not filled by src-snapshot. That the dumps are what "
                        + "the customer's databases held cannot be proven; only rows are counted."
                )
            )
        }
        return snapshot
    }

    private func prepareDestination(for snapshot: VerifySnapshot.Verified) async throws {
        let state = try await importer.describe(databases)
        for dump in snapshot.dumps { try check(dump, against: state) }
        if !state.connections.isEmpty, !terminatesConnections {
            throw MigrationError(
                .unmetRequirement, "Others are connected to the databases that would be dropped.",
                next: "Stop them, or end their sessions with --terminate-connections.",
                details: state.connections.map {
                    "\($0.database): \($0.application.isEmpty ? "unnamed" : $0.application) as \($0.role), from \($0.address)"
                        .printable
                }
            )
        }
        guard try await confirm(state) else {
            throw MigrationError(.usage, "Not confirmed. Nothing was changed.")
        }
    }

    private func check(_ dump: SnapshotManifest.DatabaseEntry, against state: DestinationState) throws {
        if let major = dump.contents.serverMajor, major > state.major {
            throw MigrationError(
                .unmetRequirement,
                "\(dump.name) comes from PostgreSQL \(major); \(importer.serverName) runs \(state.major).",
                next: "Choose a destination with PostgreSQL \(major) or later."
            )
        }
        let lacking = dump.contents.extensions.map(\.name).filter { !state.availableExtensions.contains($0) }
        guard lacking.isEmpty else {
            throw MigrationError(
                .unmetRequirement,
                "\(importer.serverName) does not offer \(lacking.joined(separator: ", ")), which \(dump.name) needs.",
                next: "Install the packages of these extensions on the server."
            )
        }
    }

    private func load(_ dump: SnapshotManifest.DatabaseEntry, hasManifest: Bool) async throws {
        let name = dump.database.importedName
        let start = ContinuousClock.now
        onEvent(.started(name, total: dump.size))
        do {
            // A bucket that src-snapshot has filled holds what the server is to get, byte for byte.
            let profile = hasManifest ? RewriteProfile.none : .cloudSQL
            let runner = PassRunner(profile: profile, name: name, refuses: true, onEvent: onEvent)
            let text = store.dump(dump)
            try await importer.load(runner.stream(text.sql), into: dump.database) {
                if let altered = await text.alteredObject() {
                    throw MigrationError(
                        .damagedSnapshot, "\(altered) changed in the bucket after it was verified.",
                        next: "The load was undone. Find out who writes to the bucket, then run the same command again."
                    )
                }
            }
            let duration = ContinuousClock.now - start
            onEvent(
                .finished(
                    name,
                    summary:
                        "loaded in \(Quantity.duration(duration)), \(Quantity.rate(dump.size, in: duration))"))
        } catch let error as MigrationError {
            onEvent(.failed(name, error))
            throw error
        }
    }

    private func prove(_ snapshot: VerifySnapshot.Verified) async throws -> [ContentProof] {
        var proofs: [ContentProof] = []
        for dump in snapshot.dumps {
            let name = "proof of \(dump.database.importedName)"
            onEvent(.started(name, total: dump.size))
            let imported = try await importer.contents(of: dump.database, as: dump.contents) { table, bytes in
                onEvent(.advanced(name, bytes: bytes, detail: table.description))
            }
            let proof = ContentProof(
                database: dump.database, dumped: dump.contents, imported: imported, countsOnly: snapshot.manifest == nil
            )
            proofs.append(proof)
            let equal = proof.tables.count { $0.isEqual }
            onEvent(
                .finished(
                    name,
                    summary: "\(equal) of \(proof.tables.count) tables equal, \(Quantity.count(proof.rows)) rows dumped"
                ))
        }
        let differences = proofs.flatMap { proof in proof.differences.map { "\(proof.database.importedName): \($0)" } }
        guard differences.isEmpty else {
            throw MigrationError(
                .proofFailed, "\(importer.serverName) does not hold what was dumped.",
                next:
                    "Do not go on with this import. Find out who else writes to the databases, then run the same command again.",
                details: differences
            )
        }
        return proofs
    }
}
