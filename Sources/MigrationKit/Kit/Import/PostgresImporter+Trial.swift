extension PostgresImporter {
    /// Tries what an import does on the server, before anything is dropped: whether the role may drop these databases,
    /// make new ones, and make tables and extensions in them.
    ///
    /// - Throws: ``MigrationError`` if it may not. Nothing was changed then.
    func tryOut(
        _ databases: [Database], needing extensions: [RequiredExtension], on state: DestinationState
    ) async throws {
        guard let first = databases.min() else { return }
        try await requireOwnership(of: state.existing.map(\.name))
        // A name that is nobody else's: what an import that was killed has left of it is dropped unasked.
        let name = "mi_migrate_scratch.\(first.importedName)"
        let scratch = ScratchDatabase(
            make: {
                do { try await makeAnew(name, terminatingConnections: false) } catch let error as MigrationError {
                    let isDenied = error.sqlState == Self.insufficientPrivilege
                    let may = isDenied ? try await mayMakeDatabases : true
                    throw Self.refusal(error, remedy: may ? nil : rightToMakeDatabases)
                }
            }, drop: { try await drop(name, terminatingConnections: false) })
        try await scratch.with {
            let trial = ScratchDatabase.trial(of: extensions, on: state)
            do {
                try await execute(
                    trial.joined(separator: ";\n"), database: name,
                    doing: "A trial of what the import creates (\(trial.count - 1) extensions)")
            } catch let error as MigrationError {
                let denied = try await findDenied(trial.dropFirst(), in: name)
                throw Self.refusal(error, remedy: denied.isEmpty ? nil : rightToMake(denied))
            }
        }
    }

    /// Those of the statements that make extensions for which the role has too few rights.
    private func findDenied(_ extensions: ArraySlice<String>, in name: String) async throws -> [String] {
        var denied: [String] = []
        for statement in extensions {
            do { try await execute(statement, database: name, doing: "A trial") } catch let error as MigrationError {
                if error.sqlState == Self.insufficientPrivilege { denied.append(statement) }
            }
        }
        return denied
    }

    private static let insufficientPrivilege = "42501"

    private var mayMakeDatabases: Bool {
        get async throws {
            try await query("SELECT to_json(rolcreatedb OR rolsuper) FROM pg_roles WHERE rolname = current_user")
        }
    }

    private var rightToMakeDatabases: String {
        "Have a superuser run ALTER ROLE \(uri.user?.quotedAsIdentifier.printable ?? "…") CREATEDB."
    }

    private func rightToMake(_ extensions: [String]) -> String {
        "Have a superuser run this in the database template1 of \(serverName), which new databases are copies of: "
            + "\(extensions.joined(separator: "; ").printable). Or use --into with a role that may create them."
    }

    /// What a refusal before anything was dropped is for a person; the remedy is nil where the cause is not known.
    private static func refusal(_ error: MigrationError, remedy: String?) -> MigrationError {
        var error = error
        // What cannot be reached stays what it is.
        guard error.code == .failed else { return error }
        error.code = .unmetRequirement
        error.next = "Nothing was dropped. \(remedy ?? "Fix the cause, then run the same command again.")"
        return error
    }

    /// Only its owner, or a member of that role, may drop a database.
    private func requireOwnership(of names: [String]) async throws {
        guard !names.isEmpty else { return }
        struct Other: Decodable {
            var name: String
            var owner: String
            var role: String
        }
        let others: [Other] = try await query(
            """
            SELECT coalesce(json_agg(json_build_object('name', datname, 'owner', pg_get_userbyid(datdba),
              'role', current_user) ORDER BY datname), '[]')
            FROM pg_database WHERE datname IN (\(names.map(\.quotedAsLiteral).joined(separator: ", ")))
              AND NOT pg_has_role(datdba, 'USAGE')
            """)
        guard let role = others.first?.role else { return }
        let statements = others.map {
            "ALTER DATABASE \($0.name.quotedAsIdentifier) OWNER TO \(role.quotedAsIdentifier)"
        }
        throw MigrationError(
            .unmetRequirement,
            "\(role.printable) is not allowed to drop \(others.map(\.name).joined(separator: ", ")) on \(serverName): "
                + "the owner is \(Set(others.map(\.owner)).sorted().joined(separator: ", ").printable).",
            next: "Nothing was dropped. Have a superuser run \(statements.joined(separator: "; ").printable); or use "
                + "--into with the owner.")
    }
}
