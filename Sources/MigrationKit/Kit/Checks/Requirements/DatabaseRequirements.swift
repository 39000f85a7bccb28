/// What has to hold in one database before it is dumped for a managed instance.
///
/// It is asked through the programs that will dump it, as the role that will, and nothing is written there.
package struct DatabaseRequirements: Sendable {
    /// What is to be dumped.
    package let dumper: PgDump
    /// The release of the instance, where it is known: an old one lacks databases.
    package let instance: SourcegraphVersion?
    /// The id of the instance, where it is known: the primary database has to be that instance's.
    package let siteID: String?
    /// Whether the server may follow another one.
    package var takesReplicas = false
    /// Is told that the server restarts and is waited for.
    package var onNotice: @Sendable (MigrationNotice) -> Void = { _ in }

    /// Names the database.
    ///
    /// - Parameters:
    ///   - dumper: What is to be dumped.
    ///   - instance: The release of the instance, where it is known.
    ///   - siteID: Its id, where that is known.
    package init(_ dumper: PgDump, instance: SourcegraphVersion? = nil, siteID: String? = nil) {
        self.dumper = dumper
        self.instance = instance
        self.siteID = siteID
    }

    /// Looks at the database.
    ///
    /// - Returns: What was found, in the order in which it matters. There may be several of one name. Where the server
    ///   cannot be reached, or is too old to be asked, that is all there is.
    /// - Throws: `CancellationError`.
    package func check() async throws -> [Finding] {
        let server: DumpPreflight
        do {
            server = try await DumpPreflight(server: dumper, onNotice: onNotice)
        } catch let pooled as PooledConnection {
            return [Finding("connection", in: place, pooled.error)]
        } catch let error as MigrationError {
            return [unreachable(error)]
        }
        var found = [
            finding(
                "reachable", .pass,
                "The server is reachable; the database size is \(Quantity.bytes(server.databaseSize)).")
        ]
        if server.isReplica { found += try await replica() }
        found += [serverVersion(server), try await dumpVersion(server)]
        do { try server.requireConnections(1) } catch let error as MigrationError {
            found.append(Finding("connections", in: place, error))
        }
        guard server.serverMajor >= DumpPreflight.oldestServerMajor else { return found }
        found += try await dumpable()
        found += try await extensions()
        found += try await settings()
        let tables: BookkeepingTables
        do {
            tables = try await BookkeepingTables(questions)
        } catch let error as MigrationError {
            return found + [Finding("encryption", in: place, error)] + (try await contents())
        }
        found += try await encryption(tables)
        found += try await schemaMigrations(tables)
        if dumper.database == .primary { found += try await release(tables) }
        return found + (try await contents())
    }

    var questions: DatabaseQuestions { DatabaseQuestions(dumper: dumper) }
    var place: String { dumper.database.rawValue }

    func finding(
        _ name: String, _ verdict: Finding.Verdict, _ reason: String, remedy: String? = nil
    ) -> Finding {
        Finding(name, in: place, verdict, reason, remedy: remedy)
    }

    /// What `body` finds; an error of the server is a requirement that does not hold.
    func checking(_ name: String, _ body: () async throws -> [Finding]) async throws -> [Finding] {
        do {
            return try await body()
        } catch let error as MigrationError {
            return [Finding(name, in: place, error)]
        }
    }

    // MARK: Programs

    private func unreachable(_ error: MigrationError) -> Finding {
        var result = Finding("reachable", in: place, error)
        guard let first = dumper.database.firstRelease else { return result }
        let since = "Sourcegraph has a database \(place) since \(first.major).\(first.minor)"
        if let instance {
            guard instance < first else { return result }
            result.verdict = .warn
            result.reason = "\(since), and this is \(instance). \(result.reason)"
            result.remedy = "If this instance has none, skip it with --only."
        } else {
            result.remedy = [result.remedy, "\(since); if the instance is older, skip it with --only."]
                .compactMap(\.self).joined(separator: " ")
        }
        return result
    }

    private func replica() async throws -> [Finding] {
        try await checking("replica") {
            let replica = try await SourceReplica(dumper)
            let caution = try replica.caution(isAccepted: takesReplicas)
            return [finding("replica", .warn, caution, remedy: replica.advice)]
        }
    }

    private func serverVersion(_ server: DumpPreflight) -> Finding {
        do {
            try server.requireServer()
        } catch let error as MigrationError {
            return Finding("postgres-version", in: place, error)
        } catch {
            return finding("postgres-version", .fail, "\(error)")
        }
        let is12 = server.serverMajor >= 12
        return finding(
            "postgres-version", is12 ? .pass : .warn,
            "The server is PostgreSQL \(server.serverMajor)" + (is12 ? "." : ", the oldest whose dumps are accepted."),
            remedy: is12 ? nil : "It can be dumped as it is; upgrade PostgreSQL first if you can."
        )
    }

    private func dumpVersion(_ server: DumpPreflight) async throws -> Finding {
        do {
            let version = try await DumpPreflight.dumpVersion(dumper)
            try server.requireDumpVersion(version)
            return finding("pg-dump", .pass, "\(version.printable) can dump the server.")
        } catch let error as MigrationError {
            return Finding("pg-dump", in: place, error)
        }
    }
}
