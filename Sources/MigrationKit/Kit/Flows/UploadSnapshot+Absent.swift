internal import MigrationKitFoundation
internal import SystemPackage

/// The databases that an instance does not have: old releases lack two, and code insights can be switched off.
extension UploadSnapshot {
    /// The upload without the databases that the instance does not have, which its manifest names as absent.
    ///
    /// - Throws: ``MigrationError`` if there is a dump of what is said to be absent.
    func withoutAbsent() async throws -> UploadSnapshot {
        let dumped = try dumped()
        if let there = dumped.first(where: absent.contains) {
            throw MigrationError(
                .usage,
                "\(try folder.dump(of: there)) is there, and the instance is said to have no \(there.rawValue).",
                next: "Leave out --without-database=\(there.rawValue), or move the dump away.")
        }
        let release = try await release()
        if let release, absent.contains(.codeintel), release >= Database.codeintel.firstRelease ?? release {
            throw MigrationError(
                .usage, "Sourcegraph \(release) always has a database codeintel.",
                next: "Dump it, then upload again.")
        }
        let tooNew = Database.allCases.filter { database in
            guard let release, let first = database.firstRelease, !dumped.contains(database) else { return false }
            return release < first
        }
        if let release, !tooNew.isEmpty {
            let names = tooNew.map(\.rawValue).joined(separator: " and ")
            onEvent(
                .notice(
                    .init(
                        .databaseAbsent, "Sourcegraph \(release) has no \(names): the snapshot is complete without.",
                        ["release": .init("\(release)"), "databases": .init(tooNew.map(\.rawValue))])))
        }
        var upload = self
        upload.absent.formUnion(tooNew)
        upload.databases.removeAll(where: upload.absent.contains)
        return upload
    }

    /// Checks what the bucket has already against what the instance is said not to have.
    func checkNoneIsAbsent(of kept: [SnapshotManifest.DatabaseEntry]) throws {
        guard let other = kept.map(\.database).first(where: absent.contains) else { return }
        throw MigrationError(
            .usage, "\(store.location) has a dump of \(other.rawValue), which the instance is said not to have.",
            next: "Leave out --without-database=\(other.rawValue), or upload to another bucket or folder.")
    }

    /// Those besides the primary database, which is there in any case, that have a dump in the folder.
    func dumped() throws -> [Database] {
        try Database.allCases.filter { database in
            try database.firstRelease != nil && FileIdentity(path: folder.dump(of: database)) != nil
        }
    }

    /// What the dump of the primary database tells, else the summary.
    private func release() async throws -> SourcegraphVersion? {
        if let told = try await folder.readRecord(of: .primary)?.contents.sourcegraphVersion {
            return SourcegraphVersion(told)
        }
        guard let size = FileIdentity(path: folder.summary)?.size, size <= Self.summaryLimit,
            let bytes = FileManager.default.contents(atPath: folder.summary.string)
        else { return nil }
        do {
            let summary = try SnapshotSummary(json: Array(bytes), name: SnapshotSummary.name)
            return summary.instance.flatMap { SourcegraphVersion($0.productVersion) }
        } catch let error as MigrationError {
            onEvent(
                .warning(
                    .init(
                        .summaryUnusable, [error.message, error.next ?? ""].joined(separator: " "),
                        ["path": .init("\(folder.summary)"), "reason": .init(error.message)])))
            return nil
        }
    }

    /// What to do about dumps that are not there.
    func next(for missing: [Database]) -> String {
        // Old releases are known.
        let canLack = missing == [.codeinsights]
        return "Create the dumps with `src-snapshot databases --run`, or choose files with --file."
            + (canLack ? " If the instance has no such database, add --without-database=codeinsights." : "")
    }
}
