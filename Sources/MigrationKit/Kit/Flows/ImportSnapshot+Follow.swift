/// `mi-migrate import --follow`: loads rows while the customer's `src-snapshot run` still uploads.
///
/// 1. Wait until the bucket has the schemas of an attempt.
/// 2. Agree, as for a snapshot that is complete.
/// 3. Back up, reset, create extensions and load the schemas; then parts with rows as they arrive. Each notes in the
///    database which object it was loaded from.
/// 4. Once `manifest.json` is there, compare what was loaded with what it names.
///
/// The import of the complete snapshot goes on from there, and finds these parts loaded. Nothing is proven by following.
extension ImportSnapshot {
    /// An upload whose schemas are there, and for which the databases may be dropped.
    struct Followed: Sendable {
        fileprivate let upload: FollowedUpload
        fileprivate let snapshot: ImportedSnapshot
        fileprivate let patience: Duration
    }

    /// Stages 1 and 2, while the journal is held.
    ///
    /// - Returns: Nil if there is nothing to follow: the snapshot is imported, or complete, or nobody wants that.
    func prepareToFollow() async throws -> Followed? {
        guard let waitsForUpload else { return nil }
        return try await failing {
            try await ServerPatience.holding(journal, onEvent) { try await prepareToFollow(waitsForUpload) }
        }
    }

    private func prepareToFollow(_ patience: Duration) async throws -> Followed? {
        let (store, _) = try followable()
        try await requireNothingNewer()
        guard try await !isCompleted() else { return nil }
        try await requireNoOpenRestore()
        try await preflight?.require(isUploaded: false)
        guard let begun = try await waitForSchemas(in: store, UploadPatience(patience, onEvent: onEvent)) else {
            onEvent(
                .notice(
                    .init(
                        .nothingToFollow,
                        "The snapshot in \(store.location) is complete: there is nothing to follow.",
                        ["location": .init(store.location)])))
            return nil
        }
        let snapshot = ImportedSnapshot(
            following: try await dumps(of: begun), begun.databases.compactMap(begun.schema))
        try await agree(onFollowing: snapshot, begun.attempt)
        return Followed(upload: begun, snapshot: snapshot, patience: patience)
    }

    /// Stages 3 and 4, while the journal is held: the snapshot is complete then, and ``afterFollowing`` its import.
    func importArriving(_ followed: Followed) async throws {
        try await failing { try await ServerPatience.holding(journal, onEvent) { try await loadArriving(followed) } }
    }

    /// The import of a snapshot whose upload was followed.
    var afterFollowing: ImportSnapshot {
        var rest = self
        // Agreed to and begun, and each part was read whole when it was loaded.
        (rest.startsOver, rest.readsObjects, rest.waitsForUpload) = (false, readsFollowed, nil)
        return rest
    }

    private func loadArriving(_ followed: Followed) async throws {
        let (store, importer) = try followable()
        let snapshot = followed.snapshot
        do {
            try await backUp(snapshot)
            try await reset(snapshot)
            try await createExtensions(snapshot)
            for load in snapshot.loads { try await self.load(load, of: snapshot) }
            try await loadArriving(
                followed.upload, snapshot, store, UploadPatience(followed.patience, onEvent: onEvent))
            try await requireNamed(followed.upload.attempt, store, importer)
        } catch let lost as UploadLost {
            throw try await abandon(lost)
        }
    }

    /// Throws if the snapshot is complete and another attempt has begun beside it: which of them was to be followed?
    ///
    /// Only a folder has that: a write-once bucket takes no second manifest.
    func requireNothingNewer() async throws {
        guard waitsForUpload != nil else { return }
        let names = try await store.list()
        guard names.contains(SnapshotManifest.name), let newest = names.compactMap({ AttemptName(of: $0) }).max(),
            let named = try await SnapshotManifest(readFrom: store).attempts.max(), newest > named
        else { return }
        throw MigrationError(
            .unmetRequirement,
            "manifest.json in \(store.location) names \(named), but a newer attempt, \(newest), has begun beside it.",
            next: "Run the same command once the newer one is complete. If it was given up, run the command without "
                + "--follow: it imports \(named).")
    }

    private func followable() throws -> (any VersionListing, any ParallelImporter) {
        guard let importer = importer as? any ParallelImporter, !importer.fetchesObjects else {
            throw MigrationError(
                .usage,
                "--follow needs a connection to the databases: \(importer.serverName) imports objects by itself.",
                next: "Use --into, or --connection to a Cloud SQL instance, or run the command without --follow once "
                    + "`src-snapshot run` has finished.")
        }
        guard let store = store as? any VersionListing else {
            throw MigrationError(.usage, "--follow needs a Google bucket or a folder, not \(store.location).")
        }
        guard until >= .load else {
            throw MigrationError(.usage, "--follow loads rows, and --until=\(until.rawValue) stops before.")
        }
        return (store, importer)
    }

    // MARK: 1. Wait

    /// - Returns: The upload; nil: the snapshot is complete.
    private func waitForSchemas(
        in store: any VersionListing, _ patience: UploadPatience
    ) async throws -> FollowedUpload? {
        var (patience, objects) = (patience, 0)
        onEvent(.started(Self.upload, total: nil))
        defer { onEvent(.finished(Self.upload, summary: "")) }
        while true {
            let versions = try await store.versions()
            guard !versions.contains(where: { $0.name == SnapshotManifest.name }) else { return nil }
            var upload = FollowedUpload(newestIn: versions, of: databases)
            _ = try? upload?.take(versions)
            if let upload {
                try requireParts(versions, of: upload.attempt)
                if upload.missing.isEmpty { return upload }
                if upload.objects > objects { patience.begin() }
                objects = upload.objects
            }
            let names = upload?.missing.map(\.dumpName).joined(separator: ", ")
            let awaited = names.map { "the schema of \($0)" } ?? "`src-snapshot run` to begin"
            onEvent(.advanced(Self.upload, bytes: upload?.bytes ?? 0, detail: "waiting for \(awaited)"))
            guard try await patience.pause(for: "\(awaited) in \(store.location)") else {
                throw MigrationError(
                    .unmetRequirement, "Gave up waiting for \(awaited) in \(store.location). Nothing was changed.",
                    next: "Check that the customer's `src-snapshot run` uploads there, then run the same command "
                        + "again.")
            }
        }
    }

    private static let upload = "upload"

    private func requireParts(_ versions: [ObjectVersion], of attempt: AttemptName) throws {
        guard let whole = FollowedUpload.wholeDumps(in: versions, of: attempt, databases).first else { return }
        throw MigrationError(
            .unmetRequirement, "\(whole) is not split into parts: it cannot be loaded before it is complete.",
            next: "Run the command without --follow once `src-snapshot run` has finished.")
    }

    /// What the schemas tell of the dumps.
    private func dumps(of upload: FollowedUpload) async throws -> [SnapshotManifest.DatabaseEntry] {
        try await SideBySide.results(of: upload.databases.compactMap(upload.schema)) { part in
            let names = PartNames(database: part.database, of: part.version.name)
            var splitter = DumpSplitter(names: names, size: nil)
            let runner = PassRunner(
                profile: .none, name: part.version.name, refuses: .all, judgesOnly: true, onEvent: { _ in })
            let text = PartText(DumpPart(part), in: store, version: part.version)
            for try await chunk in runner.stream(text.sql) { _ = try splitter.scan(chunk) }
            var contents = try await runner.finishedReport().contents
            contents.extensions = splitter.extensions
            // A dump that nothing was taken out of may bring its own restriction.
            return SnapshotManifest.DatabaseEntry(
                database: part.database, profile: await text.isRestricted ? .none : .cloudSQL,
                parts: [DumpPart(part)], contents: contents)
        }.allOrError("schemas")
    }

    // MARK: 2. Agree

    private func agree(onFollowing snapshot: ImportedSnapshot, _ attempt: AttemptName) async throws {
        let identity = MigrationIdentity(
            snapshot: MigrationIdentity.place(store.location), manifest: nil, attempt: attempt.text,
            target: try await importer.identity(), databases: snapshot.dumps.map(\.database.dumpName))
        let resumes = try await resumes(identity, nil)
        onEvent(
            .notice(
                .init(
                    .following, "Following \(attempt), which is being uploaded to \(store.location).",
                    ["attempt": .init("\(attempt)"), "location": .init(store.location)])))
        try await agree(on: snapshot, identity, resumes)
        if !resumes { try await journal.append(.opened(identity, plan: agreed?.id)) }
    }

    // MARK: 3. Load

    /// Loads parts with rows until the manifest is there. After one has failed none begins.
    private func loadArriving(
        _ begun: FollowedUpload, _ snapshot: ImportedSnapshot, _ store: any VersionListing, _ patience: UploadPatience
    ) async throws {
        guard let turns else { return }
        var (upload, patience) = (begun, patience)
        onEvent(.started(Self.upload, total: nil))
        defer { onEvent(.finished(Self.upload, summary: "")) }
        let loading = TurnsUntilFailure(turns)
        let load: @Sendable (DumpLoad) async -> Result<Void, any Error> = { load in
            do {
                return .success(try await loading { try await self.load(load, of: snapshot) })
            } catch {
                return .failure(error)
            }
        }
        let results = try await withThrowingTaskGroup(of: Result<Void, any Error>.self) { group in
            var (arrived, isOver) = (Array(begun.parts.values), false)
            while true {
                for part in snapshot.loads(of: arrived) { group.addTask { await load(part) } }
                onEvent(
                    .advanced(
                        Self.upload, bytes: upload.bytes, detail: "\(upload.objects) objects of \(upload.attempt)"))
                if upload.isComplete || isOver { break }
                guard try await patience.pause(for: "the rest of \(upload.attempt)") else {
                    throw UploadLost("Gave up waiting for the rest of \(upload.attempt).")
                }
                let before = upload.objects
                isOver = loading.isOver
                arrived = try upload.take(try await store.versions())
                if upload.objects > before { patience.begin() }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        _ = try results.allOrError("parts")
        onEvent(
            .notice(
                .init(
                    .uploadComplete, "\(upload.attempt) is complete.", ["attempt": .init("\(upload.attempt)")])))
    }

    // MARK: 4. Compare

    private func requireNamed(
        _ attempt: AttemptName, _ store: any VersionListing, _ importer: any ParallelImporter
    ) async throws {
        let flaws = try await flaws(of: attempt.text, try await SnapshotManifest(readFrom: store))
        if let first = flaws.first { throw UploadLost(first) }
    }

    /// What speaks against what was loaded of an upload being a part of the snapshot that is there now.
    private func flaws(of attempt: String, _ manifest: SnapshotManifest) async throws -> [String] {
        let named = manifest.attempts.map(\.text).sorted()
        guard named == [attempt] else {
            return ["manifest.json names \(named.joined(separator: ", ")), and \(attempt) was loaded."]
        }
        guard let store = store as? any VersionListing, let importer = importer as? any ParallelImporter,
            !importer.fetchesObjects
        else { return ["it was loaded over a connection."] }
        let versions = Dictionary(try await store.versions().map { ($0.name, $0) }) { first, _ in first }
        var flaws: [String] = []
        for dump in manifest.databases where databases.contains(dump.database) {
            guard await journal.state.isFinished(MigrationStep.reset.of(dump.database)) else { continue }
            let notes = try await importer.notedParts(in: dump.database) ?? []
            flaws += notes.compactMap { $0.flaw(dump.parts, versions[$0.name]) }
        }
        return flaws.sorted()
    }

    /// Whether what was loaded of an upload that was followed counts for the snapshot that is there now.
    func counts(_ attempt: String, for manifest: SnapshotManifest?) async throws -> Bool {
        // Nothing was loaded yet, or what was does not count any more.
        guard await journal.state.steps.contains(where: { $0.name.step == .reset && $0.finishedAt != nil }) else {
            return false
        }
        var flaw: String? = "that upload is not followed any more."
        if let manifest { flaw = try await flaws(of: attempt, manifest).first }
        if let flaw {
            onEvent(
                .warning(
                    .init(
                        .uploadDiscarded, "What was loaded of \(attempt) does not count, and is dropped: \(flaw)",
                        ["attempt": .init(attempt), "reason": .init(flaw)])))
        }
        return flaw == nil
    }

    /// From now on the import is that of a snapshot that is complete.
    func seal(_ identity: MigrationIdentity) async throws {
        guard let manifest = identity.manifest, await journal.state.identity?.manifest == nil else { return }
        try await journal.append(.sealed(manifest: manifest))
    }

    /// Nothing counts that was loaded; the next run drops it.
    private func abandon(_ lost: UploadLost) async throws -> MigrationError {
        let error = MigrationError(
            .damagedSnapshot, lost.reason,
            next: "Nothing that was loaded counts. Run the same command again: it drops the databases and begins "
                + "again, with the upload that is there then.")
        let steps = await journal.state.steps.map(\.name).filter { [.reset, .extensions, .load].contains($0.step) }
        try await journal.append(.undone(steps: steps, reason: lost.reason))
        return error
    }
}

extension ImportedSnapshot {
    /// The loads of parts with rows of an upload that is not complete.
    fileprivate func loads(of parts: [FollowedUpload.Part]) -> [DumpLoad] {
        parts.filter { $0.kind == .data }.compactMap { part in
            dumps.first { $0.database == part.database }.map { DumpLoad(following: part, of: $0) }
        }.sorted { $0.name < $1.name }
    }
}
