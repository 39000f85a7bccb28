internal import MigrationKitFoundation

/// `src-snapshot check`: whether an instance and its databases can be moved, before anything is dumped.
///
/// 1. The instance: its release, who is asking, encryption, its clock.
/// 2. Each database, all at once: whether it can be dumped, and whether a managed PostgreSQL takes what it holds.
/// 3. This machine: room for the dumps, the bucket's credentials.
///
/// Nothing is written anywhere, and one thing that cannot be asked keeps nothing else from being asked.
package struct CheckRequirements: Sendable {
    /// What would be dumped.
    package var dumpers: [PgDump]
    /// Makes what asks the instance; nil: it is left out.
    package var client: (@Sendable () throws -> SourcegraphClient)?
    /// The credentials that would be used for the bucket; nil: they are left out.
    package var credentials: (@Sendable () throws -> GoogleCredentials)?
    /// Whether servers may be dumped that follow another one.
    package var takesReplicas = false
    /// Where the dumps would go.
    package var folder: SnapshotFolder
    /// Whether the dumps need room there.
    package var needsSpace = true
    /// Takes what happens.
    package var onEvent: MigrationEventHandler

    /// How long a server is tried again that does not answer: who looks wants to know soon.
    package static let patience = Duration.seconds(10)

    /// What came of it.
    package struct Report: Sendable, Encodable {
        /// Whether nothing stands in the way.
        package var passed: Bool
        /// What was looked at.
        package var findings: [Finding]
    }

    /// Names what to look at; see the properties.
    package init(
        dumpers: [PgDump], client: (@Sendable () throws -> SourcegraphClient)?,
        credentials: (@Sendable () throws -> GoogleCredentials)? = nil, folder: SnapshotFolder = SnapshotFolder(),
        onEvent: @escaping MigrationEventHandler = { _ in }
    ) {
        self.dumpers = dumpers
        self.client = client
        self.credentials = credentials
        self.folder = folder
        self.onEvent = onEvent
    }

    /// Looks at everything.
    ///
    /// - Throws: `CancellationError` alone: what cannot be reached is a finding.
    package func run() async throws -> Report {
        var (findings, instance) = try await instance()
        findings += absentDatabases(of: instance) + (try await databases(of: instance))
        if needsSpace { findings += try await diskSpace() }
        findings += try await bucketCredentials()
        return Report(passed: !findings.contains { $0.verdict == .fail }, findings: findings)
    }

    private func instance() async throws -> (findings: [Finding], instance: SourcegraphInstance?) {
        guard let client else { return ([], nil) }
        do {
            let client = try client()
            onEvent(
                .notice(
                    .init(
                        .askingInstance, "Asking \(client.access.name).", ["instance": .init(client.access.name)])))
            return try await InstanceRequirements(client).look()
        } catch let error as MigrationError {
            return ([Finding("reachable", in: "instance", error)], nil)
        }
    }

    /// What the instance may have, and nobody would dump.
    private func absentDatabases(of instance: SourcegraphInstance?) -> [Finding] {
        Database.allCases.filter { database in !dumpers.contains { $0.database == database } }.compactMap { database in
            guard let release = instance?.version, release >= database.firstRelease ?? .oldest else { return nil }
            let isOptional = database == .codeinsights
            return Finding(
                "target", in: database.rawValue, isOptional ? .warn : .fail,
                "Sourcegraph \(release) has a database \(database.rawValue), and no target of it is named here.",
                remedy: isOptional
                    ? "Add a target for it; or, if code insights are switched off, upload with --without-database=codeinsights."
                    : "Add a target for it, and include it in --only.")
        }
    }

    private func databases(of instance: SourcegraphInstance?) async throws -> [Finding] {
        let names = dumpers.map(\.database.rawValue)
        onEvent(
            .notice(
                .init(
                    .askingDatabases, "Asking \(names.joined(separator: ", ")).", ["databases": .init(names)])))
        return try await withThrowingTaskGroup(of: (Database, [Finding]).self) { group in
            for dumper in dumpers {
                var requirements = DatabaseRequirements(
                    dumper, instance: instance?.version, siteID: instance?.siteID)
                requirements.takesReplicas = takesReplicas
                requirements.onNotice = { onEvent(.notice($0)) }
                group.addTask { [requirements] in (dumper.database, try await requirements.check()) }
            }
            let all = try await group.reduce(into: []) { $0.append($1) }
            return all.sorted { $0.0 < $1.0 }.flatMap(\.1)
        }
    }

    /// The folder need not be there yet: the room is its parent's.
    private func diskSpace() async throws -> [Finding] {
        var sizes: [DumpPreflight] = []
        for dumper in dumpers {
            do {
                sizes.append(try await DumpPreflight(server: dumper))
            } catch is MigrationError, is PooledConnection {
                return [Finding("space", in: "disk", .warn, "The size of some databases is unknown.")]
            }
        }
        let place = FileIdentity(path: folder.path) == nil ? folder.path.folder : folder.path
        do {
            guard try DumpPreflight.checkSpace(sizes, in: place) else {
                return [Finding("space", in: "disk", .warn, "The free space on the disk is unknown.")]
            }
        } catch let error as MigrationError {
            return [Finding("space", in: "disk", error)]
        }
        let needed = Quantity.bytes(sizes.reduce(0) { $0 + $1.databaseSize })
        return [Finding("space", in: "disk", .pass, "Enough free space for \(needed) of databases.")]
    }

    /// Whether Google takes them; what they may do in the bucket, the upload shows.
    private func bucketCredentials() async throws -> [Finding] {
        guard let credentials else { return [] }
        do {
            let read = try credentials()
            try await read.requireToken(
                patience: Self.patience, environment: ProcessInfo.processInfo.environment)
            return [
                Finding(
                    "credentials", in: "bucket", read.warnings.isEmpty ? .pass : .warn,
                    "Google accepts the credentials: \(read.description.printable).", details: read.warnings)
            ]
        } catch let error as MigrationError {
            return [Finding("credentials", in: "bucket", error)]
        }
    }
}
