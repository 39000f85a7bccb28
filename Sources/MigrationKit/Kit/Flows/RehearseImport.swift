internal import MigrationKitFoundation
public import SystemPackage

/// `mi-migrate rehearse`: imports a snapshot into a scratch PostgreSQL on this machine, before anybody touches the
/// instance, and tells what would fail.
///
/// 1. The bucket is looked at: manifest, summary, and what the dumps tell of themselves. So is the instance, where it is
///    known.
/// 2. A server is started in a temporary folder, with the roles of Cloud SQL.
/// 3. Each database is imported and proven, as ``ImportSnapshot`` does it, as a role that is no superuser. One that fails
///    keeps the others from nothing.
/// 4. The server goes, and its folder with it, whatever happens.
public struct RehearseImport: Sendable {
    /// The bucket.
    public var store: any ObjectStore
    /// Which databases.
    public var databases: [Database]
    /// The folder in which the server makes its own.
    public var scratch: FilePath
    /// Whose server it is.
    package var programs = PostgresPrograms.Choice.oldest
    /// Why dumps are taken that do not hold all of a database; nil: they are not.
    public var acceptsIncomplete: String?
    /// What is looked at of the instance that the databases are for; nil: nobody has said which it is.
    package var preflight: InstancePreflight?
    /// Takes what happens.
    public var onEvent: MigrationEventHandler

    /// Names a bucket.
    ///
    /// - Parameters:
    ///   - store: The bucket.
    ///   - databases: Those to import.
    ///   - scratch: The folder for the server; nil: where the system has temporary files.
    ///   - onEvent: Called with what happens.
    public init(
        store: any ObjectStore, databases: [Database] = Database.allCases, scratch: FilePath? = nil,
        onEvent: @escaping MigrationEventHandler = { _ in }
    ) {
        self.store = store
        self.databases = databases
        let temporary = ProcessInfo.processInfo.environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 }
        self.scratch = scratch ?? FilePath(temporary ?? "/tmp")
        self.onEvent = onEvent
    }

    /// Rehearses the import.
    ///
    /// - Returns: What came of it, good or bad.
    /// - Throws: ``MigrationError`` if there can be no rehearsal: the bucket cannot be reached, there are no programs or
    ///   too little room, the server does not start.
    public func run() async throws -> RehearsalReport {
        onEvent(
            .notice(
                .init(
                    .checkingSnapshot, "Checking the snapshot in \(store.location).",
                    ["location": .init(store.location)])))
        let found = try await SnapshotFindings(
            store: store, databases: databases, requiresSummary: preflight != nil, onEvent: onEvent
        ).look()
        var report = RehearsalReport(findings: found.findings)
        if let preflight { report.findings += try await preflight.findings() }
        guard !found.dumps.isEmpty else {
            report.findings += refusals(found)
            return report
        }
        let programs = try await PostgresPrograms.find(
            programs, for: found.dumps.compactMap(\.contents.serverMajor).max())
        let place = try ScratchPlace(scratch)
        try place.requireRoom(for: found.dumps)
        onEvent(
            .notice(
                .init(
                    .serverStarting,
                    "Starting PostgreSQL \(programs.major) from \(programs.folder) in \(place.folder).",
                    [
                        "postgresMajor": .init(programs.major), "programs": .init("\(programs.folder)"),
                        "folder": .init("\(place.folder)"),
                    ])))
        report.postgresMajor = programs.major
        let start = report
        report = try await ScratchServer.with(programs, in: place, onEvent: onEvent) { server in
            var report = start
            report.findings.append(server.collation.finding(in: "server"))
            for dump in found.dumps { try await rehearse(dump, on: server, &report) }
            return report
        }
        report.findings += refusals(found)
        return report
    }

    private func refusals(_ found: SnapshotFindings.Found) -> [Finding] {
        found.refusals.sorted { $0.key < $1.key }.map { Finding("dump", in: $0.key.rawValue, $0.value) }
    }

    private func rehearse(
        _ dump: SnapshotManifest.DatabaseEntry, on server: ScratchServer, _ report: inout RehearsalReport
    ) async throws {
        report.findings += DumpFindings(dump: dump).all(rehearsedOn: server.programs.major)
        let importer = try RehearsalImporter(server)
        var flow = ImportSnapshot(
            store: store, importer: importer, databases: [dump.database], confirm: { _ in true },
            onEvent: { [onEvent] event in
                switch event {
                // They are about one database each, or the bucket: what they say is in the findings, once.
                case .notice, .warning: break
                default: onEvent(event)
                }
            })
        flow.acceptsIncomplete = acceptsIncomplete
        // It is among the findings, and the import is tried all the same.
        flow.refusesInstances = false
        let start = ContinuousClock.now
        do {
            let proofs = try await flow.run().proofs
            let duration = ContinuousClock.now - start
            let loading = (importer.rows.duration ?? duration) + (importer.indexes.duration ?? .zero)
            report.proofs += proofs
            report.databases.append(
                .init(
                    database: dump.database, size: dump.size, loading: loading, indexing: importer.indexes.duration,
                    proving: importer.proof.duration ?? .zero, analyzing: importer.analysis.duration ?? .zero,
                    sessions: importer.jobs, duration: duration))
            let compared = proofs.contains(where: \.countsOnly) ? "; only rows were counted" : ""
            report.findings.append(
                Finding(
                    "import", in: dump.database.rawValue, .pass,
                    "Loaded in \(Quantity.duration(loading)), "
                        + "\(proofs.map(\.summary).joined(separator: ", "))\(compared)."))
        } catch let error as MigrationError {
            try Task.checkCancellation()
            var finding = Finding("import", in: dump.database.rawValue, error)
            finding.remedy = remedy(for: error)
            report.findings.append(finding)
        }
    }

    private func remedy(for error: MigrationError) -> String? {
        switch error.code {
        case .proofFailed:
            "What was loaded differs from what was dumped: do not import this snapshot; ask for a new dump."
        case .unmetRequirement: error.next
        // The server's own refusal; what else fails, such as the bucket, knows its remedy.
        case _ where error.message.contains(ScratchServer.name):
            "The import would fail in the same place. "
                + (EmptySearchPath.remedy(for: error) ?? "Have the cause fixed at the source and a new dump uploaded.")
        default: error.next
        }
    }
}
