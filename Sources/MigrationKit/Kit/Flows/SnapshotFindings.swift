/// What a bucket tells of a snapshot, before anything of it is loaded.
struct SnapshotFindings {
    let store: any ObjectStore
    let databases: [Database]
    /// Whether the instance cannot be tested as it was said to be: the summary is what it is compared with.
    let requiresSummary: Bool
    let onEvent: MigrationEventHandler

    private static let place = "bucket"

    /// What was found.
    struct Found {
        /// Of the bucket as a whole.
        var findings: [Finding]
        /// The dumps that can be looked at further.
        var dumps: [SnapshotManifest.DatabaseEntry] = []
        /// What keeps the others from it.
        var refusals: [Database: MigrationError] = [:]
    }

    /// Looks at the bucket.
    ///
    /// - Throws: ``MigrationError`` if it cannot be reached.
    func look() async throws -> Found {
        let names = try await store.list()
        guard names.contains(SnapshotManifest.name) else { return try await withoutManifest(names) }
        let manifest: SnapshotManifest
        do {
            manifest = try await SnapshotManifest(readFrom: store)
        } catch let error as MigrationError {
            try Task.checkCancellation()
            return Found(findings: [Finding("manifest", in: Self.place, error)])
        }
        let absent = manifest.absent ?? []
        let without = absent.isEmpty ? "" : " The instance has no \(absent.map(\.rawValue).joined(separator: " and "))."
        var found = Found(findings: [
            Finding(
                "manifest", in: Self.place, .pass,
                "manifest.json of \(manifest.createdAt.printable), by \(manifest.createdBy.printable).\(without)")
        ])
        do {
            _ = try await VerifySnapshot(store: store, databases: [], onEvent: onEvent).run()
        } catch let error as MigrationError {
            try Task.checkCancellation()
            // An import would stop here, too.
            found.findings.append(Finding("files", in: Self.place, error))
            return found
        }
        found.findings.append(try await summary(isThere: manifest.summary != nil))
        let isOnlyOfAbsent = !databases.isEmpty && databases.allSatisfy(absent.contains)
        for database in databases.sorted() where isOnlyOfAbsent || !absent.contains(database) {
            if let entry = manifest.databases.first(where: { $0.database == database }) {
                found.dumps.append(entry)
            } else {
                found.refusals[database] = MigrationError(
                    .damagedSnapshot, "The snapshot in \(store.location) has no \(database.dumpName).",
                    next: "Have all three dumps uploaded, or choose databases with --database.")
            }
        }
        return found
    }

    /// A bucket that another program has filled: of each dump is known what it says itself.
    private func withoutManifest(_ names: [String]) async throws -> Found {
        let needsManifest = store is GoogleCloudStorage
        var found = Found(findings: [
            Finding(
                "manifest", in: Self.place, needsManifest ? .fail : .warn,
                "\(store.location) has no manifest.json: it was not uploaded by src-snapshot, or the upload is incomplete.",
                details: StoredAttempt.inventory(of: names),
                remedy: needsManifest
                    ? "Have `src-snapshot upload` finish: Cloud SQL imports need the manifest."
                    : "Have it uploaded with `src-snapshot upload`: without the manifest, only rows are counted.")
        ])
        found.findings.append(try await summary(isThere: names.contains(SnapshotSummary.name)))
        for database in databases.sorted() {
            do {
                var verification = VerifySnapshot(store: store, databases: [database], onEvent: onEvent)
                verification.tellsOfGaps = false
                found.dumps += try await verification.run(requiresManifest: false).dumps
            } catch let error as MigrationError {
                try Task.checkCancellation()
                found.refusals[database] = error
            }
        }
        return found
    }

    private func summary(isThere: Bool) async throws -> Finding {
        let problem = requiresSummary ? Finding.Verdict.fail : .warn
        let remedy = "Have it created with `src-snapshot summary` and uploaded: `mi-migrate test` needs it."
        guard isThere else {
            return Finding(
                "summary", in: Self.place, problem, "The snapshot has no summary.json of the instance.", remedy: remedy)
        }
        do {
            let summary = try await SummaryLocation.inSnapshot(store)
            let version = summary.instance.map { " of Sourcegraph \($0.productVersion.printable)" } ?? ""
            return Finding(
                "summary", in: Self.place, .pass,
                "summary.json\(version) with \(summary.externalServices.count) code hosts.")
        } catch let error as MigrationError {
            try Task.checkCancellation()
            return Finding("summary", in: Self.place, problem, error.message.printable, remedy: remedy)
        }
    }
}
