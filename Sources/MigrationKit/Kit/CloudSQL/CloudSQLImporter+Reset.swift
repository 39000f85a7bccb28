extension CloudSQLImporter {
    /// A database for questions that need one of their own. It is dropped again.
    static let scratch = "mi_migrate_scratch"

    /// Looks at the instance, and has it prove in a scratch database that it can read the bucket and make tables and
    /// the extensions.
    ///
    /// - Throws: ``MigrationError`` if the instance is not in a state to work, or may not do that.
    public func describe(
        _ databases: [Database], needing extensions: [RequiredExtension]?
    ) async throws -> DestinationState {
        try await requireRunning()
        onEvent(
            .notice(
                .init(
                    .scratchImport, "Asking \(serverName) to read the bucket, in a scratch database.",
                    ["server": .init(serverName)])))
        return try await scratchDatabase(Self.scratch).with { try await look(databases, extensions) }
    }

    /// - Throws: ``MigrationError`` if the instance is no PostgreSQL, or not in a state to work.
    func requireRunning() async throws {
        let instance = try await admin.get()
        guard instance.postgresMajor != nil else {
            throw MigrationError(
                .unmetRequirement, "\(serverName) is \(instance.databaseVersion.printable), not PostgreSQL.",
                next: "Check --project and --instance.")
        }
        guard instance.state == "RUNNABLE" else {
            throw MigrationError(
                .unmetRequirement, "\(serverName) is \(instance.state.printable), not RUNNABLE.",
                next: "Check it in the Google Cloud console, and run the same command again when it is RUNNABLE.")
        }
    }

    /// A database that is made and dropped as those that are imported into.
    func scratchDatabase(_ name: String) -> ScratchDatabase {
        ScratchDatabase(
            make: { try await insert(name) },
            drop: {
                do { try await delete(name) } catch let refusal as CloudSQLRefusal {
                    onEvent(
                        .warning(
                            .init(
                                .scratchLeft, "The scratch database \(name) stays behind: \(refusal.error.message)",
                                ["database": .init(name), "reason": .init(refusal.error.message)])))
                }
            })
    }

    private func look(_ databases: [Database], _ extensions: [RequiredExtension]?) async throws -> DestinationState {
        let state: DestinationState = try await ask(
            CloudSQLAssertion(DestinationState.question(databases)), in: Self.scratch)
        // That cloudsqlsuperuser may make a table in what it owns needs no trial, which would be one more import.
        if let extensions, importUser != nil || !extensions.isEmpty {
            // As whoever imports, so that a role that is not there, or may not, shows before anything is dropped.
            let trial = ScratchDatabase.trial(of: extensions, on: state).map { "\($0);\n" }.joined()
            try await run(trial, in: Self.scratch, as: importUser)
        }
        // After the load would be too late to find out that nobody is there.
        if let connection { try await checkIsSameServer(connection) }
        return state
    }

    /// Asks for one value of JSON.
    private func ask<Value: Decodable>(_ question: String, in database: String) async throws -> Value {
        if let session { return try await session.query(question, database: database) }
        return try await ask(CloudSQLAssertion(question), in: database)
    }

    /// Asks by way of an import that fails with the answer.
    func ask<Value: Decodable>(
        _ assertion: CloudSQLAssertion, in database: String, as user: String? = nil
    ) async throws -> Value {
        do {
            let operation = try await operations.perform(request(for: assertion.sql, in: database, as: user))
            guard let failure = operation.failure else {
                throw MigrationError(
                    .failed, "\(serverName) reported success for a file that cannot succeed.",
                    next: "Its imports cannot be trusted. Contact Google support about operation \(operation.name).")
            }
            return try assertion.answer(Value.self, in: CloudSQLFailure(failure))
        } catch let refusal as CloudSQLRefusal {
            throw refusal.error
        }
    }

    // MARK: Reset

    /// Deletes a database and makes it again, so that `cloudsqlsuperuser` owns it and may make extensions in it.
    ///
    /// A database that another role owns, because somebody made it by hand, is handed over first.
    public func reset(
        _ database: Database, terminatingConnections: Bool, for step: JournaledStep
    ) async throws {
        let name = database.importedName
        if try await admin.database(name) != nil, await !isMadeAnew(step) {
            do {
                try await drop(name, step, terminatingConnections)
            } catch let refusal as CloudSQLRefusal {
                if terminatingConnections { await liftLimit(of: name) }
                throw refusal.saysInUse ? try await inUse(database) : refusal.error
            }
        }
        try await insert(name, key: .init(step, "insert"))
    }

    private func drop(_ name: String, _ step: JournaledStep, _ terminatingConnections: Bool) async throws {
        if terminatingConnections { try await terminateConnections(to: name) }
        do {
            try await delete(name, key: .init(step, "delete"))
        } catch let refusal as CloudSQLRefusal where refusal.saysWrongOwner {
            try await handOver(name)
            if terminatingConnections { try await terminateConnections(to: name) }
            // What was refused is no operation that could be found: this is another one.
            try await delete(name, key: .init(step, "delete after hand-over"))
        }
    }

    /// Whether an earlier run has got as far as to ask for the new database: what is there is that one.
    private func isMadeAnew(_ step: JournaledStep) async -> Bool {
        await operations.journal.state.operation(.init(step, "insert")) != nil
    }

    private func insert(_ name: String, key: JournaledOperation? = nil) async throws {
        let request = CloudSQLOperations.OperationRequest(
            key: key, what: "creating \(name)", type: "CREATE_DATABASE", send: { try await admin.insertDatabase(name) })
        do { try await change(name, toBeThere: true, request) } catch let refusal as CloudSQLRefusal {
            // The request whose answer was lost has made it.
            guard refusal.saysDatabaseIsThere, try await admin.database(name) != nil else { throw refusal.error }
        }
    }

    /// - Throws: ``CloudSQLRefusal`` if it is somebody else's, or somebody is connected.
    private func delete(_ name: String, key: JournaledOperation? = nil) async throws {
        let request = CloudSQLOperations.OperationRequest(
            key: key, what: "dropping \(name)", type: "DELETE_DATABASE", send: { try await admin.deleteDatabase(name) })
        do { try await change(name, toBeThere: false, request) } catch let refusal as CloudSQLRefusal {
            if refusal.saysWrongOwner || refusal.saysInUse { throw refusal }
            guard refusal.saysThereIsNone, try await admin.database(name) == nil else { throw refusal.error }
        }
    }

    /// Has a database made or dropped. Operations do not tell which database they are about: the one that is found for
    /// a request whose answer was lost may be another's. So it is looked whether the database is there now.
    private func change(_ name: String, toBeThere isWanted: Bool, _ request: CloudSQLOperations.OperationRequest)
        async throws
    {
        for _ in 1...2 {
            let operation = try await operations.perform(request)
            if let failure = operation.failure { throw CloudSQLFailure(failure).error(request.what, operation) }
            if (try await admin.database(name) != nil) == isWanted { return }
        }
        throw MigrationError(
            .failed, "\(serverName) reported success for \(request.what), but it did not happen.",
            next: "Check the instance's operations, then run the same command again.")
    }

    /// Only its owner may give a database away, so the import that does it is the owner's.
    private func handOver(_ name: String) async throws {
        let owner: String = try await ask(
            "SELECT to_json(pg_get_userbyid(datdba)) FROM pg_database WHERE datname = \(name.quotedAsLiteral)",
            in: "postgres")
        onEvent(
            .notice(
                .init(
                    .ownerChanged, "Changing the owner of \(name) from \(owner.printable) to cloudsqlsuperuser.",
                    ["database": .init(name), "from": .init(owner), "to": "cloudsqlsuperuser"])))
        let statement = "ALTER DATABASE \(name.quotedAsIdentifier) OWNER TO cloudsqlsuperuser"
        guard let session else { return try await run("\(statement);\n", in: "postgres", as: owner) }
        // The login is the owner, or a member of its role.
        let login = PostgresImporter(uri: session.uri.acting(as: nil))
        try await login.execute(statement, database: "postgres", doing: "Changing the owner of \(name)")
    }

    /// Nobody new comes in, so that a pool does not come back at once; and who is there is sent away, but for superusers,
    /// who are Google's.
    private func terminateConnections(to name: String) async throws {
        try await limitConnections(
            to: name, 0,
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
              WHERE datname = \(name.quotedAsLiteral) AND pid <> pg_backend_pid()
                AND usename NOT IN (SELECT rolname FROM pg_roles WHERE rolsuper);

            """)
    }

    /// A database that is another role's stays as it is: it is handed over first.
    private func limitConnections(to name: String, _ limit: Int, _ then: String = "") async throws {
        try await run(
            """
            DO $$ BEGIN
              ALTER DATABASE \(name.quotedAsIdentifier) CONNECTION LIMIT \(limit);
            EXCEPTION WHEN insufficient_privilege THEN NULL;
            END $$;
            \(then)
            """, in: "postgres")
    }

    /// The database stays after all: whoever may connect to it may do so again.
    private func liftLimit(of name: String) async {
        do { try await limitConnections(to: name, -1) } catch {
            onEvent(
                .warning(
                    .init(
                        .connectionsBlocked,
                        "Nobody can connect to \(name): its limit of connections could not be lifted. Run the same "
                            + "command again, or ALTER DATABASE \(name.quotedAsIdentifier) CONNECTION LIMIT -1.",
                        ["database": .init(name)])))
        }
    }

    private func inUse(_ database: Database) async throws -> MigrationError {
        let state: DestinationState = try await ask(DestinationState.question([database]), in: "postgres")
        return MigrationError(
            .unmetRequirement, "Others are connected to \(database.importedName), so it cannot be dropped.",
            next: "Stop them, or end their sessions with --terminate-connections.",
            details: state.connections.map(\.description))
    }
}
