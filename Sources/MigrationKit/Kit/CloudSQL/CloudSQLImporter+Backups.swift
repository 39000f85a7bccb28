internal import MigrationKitFoundation

extension CloudSQLImporter {
    /// The release in the table `versions`, where there is a connection.
    public func release() async throws -> String? { try await connection?.release() }

    /// Backs the whole instance up, and waits for it.
    ///
    /// - Returns: `backup` and its number.
    public func backUp(_ databases: [Database], for step: JournaledStep) async throws -> String {
        let purpose = step.step == .restorePoint ? "upgrade" : "import"
        let description = "\(Self.descriptionStart)\(purpose) of \(source)"
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

    /// Looks for the backup. Whoever is connected is sent away by the instance itself.
    public func checkCopy(
        _ copy: String, of databases: [Database],
        tolerating isTolerated: @escaping @Sendable (DestinationState.Connection) -> Bool
    ) async throws {
        let backup = try Self.backup(copy, of: serverName)
        guard try await admin.backups().contains(where: { $0.id == backup }) else {
            throw MigrationError(
                .unmetRequirement, "\(copy.capitalizedFirst) of \(serverName) is gone.",
                next: "Import again: `mi-migrate run --from-step=reset`.")
        }
    }

    /// Brings the whole instance back, all of its databases, and waits for it.
    ///
    /// - Throws: ``MigrationError`` if there is no such backup, or it fails.
    public func restore(
        _ copy: String, of databases: [Database], terminatingConnections: Bool, for step: JournaledStep
    ) async throws {
        let backup = try Self.backup(copy, of: serverName)
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
        let backup = try Self.backup(copy.name, of: serverName)
        _ = try await perform(
            .init(key: .init(step, "delete \(backup)"), what: "deleting \(copy.name)", type: "DELETE_VOLUME") {
                try await admin.delete(backup: backup)
            })
    }

    private static let backupWord = "backup "
    private static let descriptionStart = "before mi-migrate "

    /// The number of a backup.
    private static func backup(_ copy: String, of server: String) throws -> String {
        guard copy.hasPrefix(backupWord) else {
            throw MigrationError(
                .damagedSnapshot, "`\(copy.printable)` is not a backup of \(server).",
                next: "Import again: `mi-migrate run --from-step=reset`.")
        }
        return String(copy.dropFirst(backupWord.count))
    }
}
