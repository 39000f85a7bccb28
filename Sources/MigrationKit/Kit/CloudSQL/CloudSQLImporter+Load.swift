extension CloudSQLImporter {
    /// How often a part of a split dump is asked for, whose failure is the server's trouble and not the dump's.
    private static let attempts = 3

    /// Has the instance import an object.
    ///
    /// There is no way to tell an import which generation of an object is meant. So the object is looked at before and
    /// after.
    ///
    /// - Throws: ``MigrationError`` with the database's first error. A part of a split dump then has changed nothing.
    public func load(
        _ load: DumpLoad, from store: any ObjectStore, for step: JournaledStep,
        onProgress: @escaping @Sendable (Int64, String?) -> Void
    ) async throws {
        let object = load.parts[0].object
        let uri = try bucket.uri(of: object.name)
        let database = load.database.importedName
        let progress = CloudSQLProgress(load: load, admin: admin, connection: connection, onProgress: onProgress)
        try await checkUnchanged(object)
        for attempt in 1... {
            // Each attempt is another operation in the journal.
            let key = JournaledOperation(step, attempt == 1 ? "import" : "import \(attempt)")
            let request = CloudSQLOperations.OperationRequest(
                key: key, what: "the import of \(object.name)", type: "IMPORT", uri: uri, database: database,
                check: { try await checkUnchanged(object) },
                send: { try await admin.importSQL(uri, into: database, as: importUser) })
            let operation: CloudSQLOperation
            do {
                operation = try await operations.perform(request) { await progress.look(at: $0) }
            } catch let refusal as CloudSQLRefusal {
                throw refusal.error
            }
            guard let failure = operation.failure.map({ CloudSQLFailure($0) }) else { break }
            // An attempt whose end nobody saw had been committed.
            if failure.says(isThere: load.parts[0].kind) { break }
            let missing = failure.missingParts(of: load.dump)
            if !missing.isEmpty { throw MissingParts(names: missing, database: load.database) }
            guard load.isPart, failure.isTransient, attempt < Self.attempts else {
                throw failed(load, object, failure, operation)
            }
            onEvent(
                .warning(
                    .init(
                        .objectImportedAgain,
                        "\(object.name): \(failure.message). Nothing was changed; importing it again.",
                        ["name": .init(object.name), "reason": .init(failure.message)])))
        }
    }

    private func checkUnchanged(_ object: StoredObject) async throws {
        let status = try await bucket.status(of: object.name)
        guard status?.size == object.size, status?.crc32c?.base64 == object.crc32c else {
            throw MigrationError(
                .damagedSnapshot, "\(object.name) changed in the bucket after it was verified.",
                next: "Find out who writes to the bucket: `mi-migrate audit`. Then import again with --start-over.")
        }
    }

    private func failed(
        _ load: DumpLoad, _ object: StoredObject, _ failure: CloudSQLFailure, _ operation: CloudSQLOperation
    ) -> MigrationError {
        var error = failure.error("the import of \(object.name)", operation)
        let retry =
            failure.isTransient ? "Run the same command again" : "Fix the cause, then run the same command again"
        let state =
            load.isPart
            ? "Nothing was changed. \(retry): it resumes with this part."
            : "\(load.database.importedName) is incomplete. \(retry): the database is emptied first."
        let remedies = failure.isTransient ? [] : [error.next, EmptySearchPath.remedy(for: error)].compactMap(\.self)
        error.next = (remedies + [state]).joined(separator: " ")
        return error
    }
}
