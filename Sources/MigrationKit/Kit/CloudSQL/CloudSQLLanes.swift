/// Loads dumps into Cloud SQL over a connection to its PostgreSQL, on several sessions at once.
///
/// All that is SQL goes over the connection, as the role that owns what an import through the Admin API makes: what is
/// there in the end is the same. Databases are made and dropped through the Admin API all the same, so that
/// `cloudsqlsuperuser` owns them, and so are backups, which the instance has no statement for. Nobody reads the bucket
/// but whoever runs this.
package struct CloudSQLLanes: ForwardingImporter {
    /// The instance, for what only its Admin API can do.
    package private(set) var api: CloudSQLImporter
    /// The sessions, as the role that imports.
    package let base: PostgresImporter
    /// The sessions, as the role that logs in.
    private let login: PostgresImporter
    private let roles: [String]

    /// Names an instance and a connection to it.
    ///
    /// - Parameters:
    ///   - admin: The instance.
    ///   - source: What is imported, for the descriptions of backups.
    ///   - journal: Where operations are noted before they are waited for.
    ///   - connection: The instance's PostgreSQL, by its address or through a proxy.
    ///   - jobs: How many sessions load or read back at once; nil: as many as it has cores.
    ///   - cores: How many that are; nil: see ``PostgresImporter``.
    ///   - importUser: As whom is imported; nil: as `cloudsqlsuperuser`.
    ///   - onEvent: Takes what happens.
    package init(
        admin: CloudSQLAdmin, source: String, journal: MigrationJournal, connection: PostgresURI, jobs: Int? = nil,
        cores: Int? = nil, importUser: String? = nil, onEvent: @escaping MigrationEventHandler = { _ in }
    ) {
        let role = importUser ?? Self.owner
        roles = role == Self.owner ? [role] : [role, Self.owner]
        base = PostgresImporter(uri: connection.acting(as: role), jobs: jobs, cores: cores)
        login = PostgresImporter(uri: connection)
        api = CloudSQLImporter(
            admin: admin, source: source, journal: journal,
            session: PostgresImporter(uri: connection.acting(as: Self.owner)), onEvent: onEvent)
    }

    /// How long an operation whose answer was lost may take to show in the list of operations.
    package var settling: Duration {
        get { api.settling }
        set { api.settling = newValue }
    }

    /// Whom databases belong to that the Admin API makes, and what it imports.
    private static let owner = "cloudsqlsuperuser"

    // MARK: What is asked

    package var serverName: String { api.serverName }

    package func identity() async throws -> String { try await api.identity() }

    /// Looks at the instance, and tries over the connection, in a scratch database that the Admin API makes, what an
    /// import does.
    ///
    /// - Throws: ``MigrationError`` if the instance is not in a state to work, the connection leads elsewhere, or the role
    ///   may not do that. Nothing was changed then.
    package func describe(
        _ databases: [Database], needing extensions: [RequiredExtension]?
    ) async throws -> DestinationState {
        try await api.requireRunning()
        try await requireRoles()
        // A name that no other server has, not even this one's clone: whoever sees it is on this one.
        let name = "\(CloudSQLImporter.scratch)_\(String(UInt64.random(in: .min ... .max), radix: 36))"
        return try await api.scratchDatabase(name).with {
            try await requireSameServer(seeing: name)
            guard let extensions else { return try await base.state(of: databases) }
            let state = try await base.stateWithRows(of: databases)
            try await requireOwnership(of: state.existing.map(\.name))
            try await tryOut(extensions, on: state, in: name)
            return state
        }
    }

    /// Only a member of a role may act as it.
    private func requireRoles() async throws {
        struct Answer: Decodable {
            var login: String
            var denied: [String]
        }
        let names = roles.map(\.quotedAsLiteral).joined(separator: ", ")
        let answer: Answer = try await login.query(
            """
            SELECT json_build_object('login', current_user, 'denied', (SELECT coalesce(json_agg(name), '[]')
              FROM unnest(ARRAY[\(names)]) AS wanted (name) WHERE NOT EXISTS (SELECT FROM pg_roles
                WHERE rolname = wanted.name AND pg_has_role(oid, CASE
                  WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END))))
            """)
        guard !answer.denied.isEmpty else { return }
        throw MigrationError(
            .unmetRequirement,
            "\(answer.login.printable) cannot act as \(answer.denied.joined(separator: ", ").printable) on "
                + "\(base.serverName): what it imports would belong to another role than after an import through the "
                + "Admin API.",
            next: "Nothing was changed. In --connection, use a user that was made with gcloud or the console, such as "
                + "sourcegraph-admin; or import through the Admin API: --through=api.")
    }

    private func requireSameServer(seeing name: String) async throws {
        let isSeen: Bool = try await login.query(
            "SELECT to_json(count(*) = 1) FROM pg_database WHERE datname = \(name.quotedAsLiteral)")
        guard isSeen else { throw api.otherServer(login) }
    }

    /// Google drops what `cloudsqlsuperuser` owns; what somebody has made by hand is handed over by its owner.
    private func requireOwnership(of names: [String]) async throws {
        guard !names.isEmpty else { return }
        let others: [String] = try await login.query(
            """
            SELECT coalesce(json_agg(datname ORDER BY datname), '[]') FROM pg_database
            WHERE datname IN (\(names.map(\.quotedAsLiteral).joined(separator: ", ")))
              AND NOT pg_has_role(datdba, 'USAGE')
            """)
        guard !others.isEmpty else { return }
        let statements = others.map { "ALTER DATABASE \($0.quotedAsIdentifier) OWNER TO \(Self.owner)" }
        throw MigrationError(
            .unmetRequirement,
            "\(others.joined(separator: ", ")) on \(serverName) cannot be dropped: another role owns it.",
            next: "Nothing was dropped. Have the owner run \(statements.joined(separator: "; ")), or import through "
                + "the Admin API: --through=api.")
    }

    private func tryOut(
        _ extensions: [RequiredExtension], on state: DestinationState, in name: String
    ) async throws {
        let trial = ScratchDatabase.trial(of: extensions, on: state)
        do {
            try await base.execute(
                trial.joined(separator: ";\n"), database: name,
                doing: "A trial of what the import creates (\(trial.count - 1) extensions)")
        } catch var error as MigrationError where error.code == .failed {
            error.code = .unmetRequirement
            error.next = "Nothing was dropped. Fix the cause, then run the same command again."
            throw error
        }
    }

    // MARK: What stays with the Admin API

    package func backUp(_ databases: [Database], for step: JournaledStep) async throws -> String {
        try await api.backUp(databases, for: step)
    }

    package func checkCopy(
        _ copy: String, of databases: [Database],
        tolerating isTolerated: @escaping @Sendable (DestinationState.Connection) -> Bool
    ) async throws {
        try await api.checkCopy(copy, of: databases, tolerating: isTolerated)
    }

    package func restore(
        _ copy: String, of databases: [Database], terminatingConnections: Bool, for step: JournaledStep
    ) async throws {
        try await api.restore(copy, of: databases, terminatingConnections: terminatingConnections, for: step)
    }

    package func copies() async throws -> [DatabaseCopy] { try await api.copies() }

    package func remove(_ copy: DatabaseCopy, for step: JournaledStep) async throws {
        try await api.remove(copy, for: step)
    }

    package func reset(_ database: Database, terminatingConnections: Bool, for step: JournaledStep) async throws {
        try await api.reset(database, terminatingConnections: terminatingConnections, for: step)
    }
}
