internal import Foundation

extension CloudSQLImporter {
    /// The release in the table `versions`, where there is a connection.
    public func release() async throws -> String? { try await connection?.release() }

    /// Backs the whole instance up, and waits for it.
    ///
    /// - Returns: `backup` and its number.
    public func backUp(_ databases: [Database], for step: JournaledStep) async throws -> String {
        let purpose = step.step == .restorePoint ? "upgrade" : "import"
        let description = "\(Self.descriptionStart)\(purpose) of \(bucket.location)"
        let operation = try await perform(
            .init(key: .init(step, "backup"), what: "the backup", type: "BACKUP_VOLUME") {
                try await admin.backUp(description)
            })
        guard let backup = operation.backupContext?.backupId else {
            throw MigrationError(
                .failed, "\(serverName) did not return the ID of the backup.",
                next: "See `gcloud sql backups list --instance=\(admin.instance) --project=\(admin.project)`.",
                details: ["operation \(operation.name)"])
        }
        return "\(Self.backupWord)\(backup)"
    }

    /// Brings the whole instance back, all of its databases, and waits for it.
    ///
    /// - Throws: ``MigrationError`` if there is no such backup, or it fails.
    public func restore(
        _ copy: String, of databases: [Database], terminatingConnections: Bool, for step: JournaledStep
    ) async throws {
        guard copy.hasPrefix(Self.backupWord) else {
            throw MigrationError(.damagedSnapshot, "`\(copy.printable)` is not a backup of \(serverName).")
        }
        let backup = String(copy.dropFirst(Self.backupWord.count))
        _ = try await perform(
            .init(key: .init(step, "restore"), what: "restoring \(copy)", type: "RESTORE_VOLUME") {
                try await admin.restore(backup: backup)
            })
    }

    /// The backups of the instance that a migration has asked for.
    ///
    /// - Throws: ``MigrationError`` if the server cannot be asked.
    public func copies() async throws -> [DatabaseCopy] {
        try await admin.backups().compactMap { backup -> DatabaseCopy? in
            guard let description = backup.description, description.hasPrefix(Self.descriptionStart) else { return nil }
            return DatabaseCopy(
                name: "\(Self.backupWord)\(backup.id)", contents: description,
                size: backup.maxChargeableBytes.flatMap { Int64($0) },
                createdAt: backup.endTime.flatMap { try? Date($0, strategy: .iso8601) })
        }
    }

    /// Deletes a backup, and waits for that.
    ///
    /// - Throws: ``MigrationError`` if there is no such backup, or it cannot be deleted.
    public func remove(_ copy: DatabaseCopy, for step: JournaledStep) async throws {
        guard copy.name.hasPrefix(Self.backupWord) else {
            throw MigrationError(.usage, "`\(copy.name.printable)` is not a backup of \(serverName).")
        }
        let backup = String(copy.name.dropFirst(Self.backupWord.count))
        _ = try await perform(
            .init(key: .init(step, "delete \(backup)"), what: "deleting \(copy.name)", type: "DELETE_VOLUME") {
                try await admin.delete(backup: backup)
            })
    }

    private static let backupWord = "backup "
    private static let descriptionStart = "before mi-migrate "
}
