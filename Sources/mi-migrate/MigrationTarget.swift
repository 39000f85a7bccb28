import MigrationKitCommandSupport
import MigrationKitFoundation
import SystemPackage

/// Bucket, destination and journal of a migration.
struct MigrationTarget {
    var settings: MigrationSettings
    var store: any ObjectStore
    var importer: any DatabaseImporter
    var journal: MigrationJournal

    /// Finds them, and says where the journal is.
    ///
    /// - Parameters:
    ///   - settle: How long Cloud SQL's list of operations is watched for one whose reply is lost.
    ///   - importing: How the import works that is wanted; nil: none is.
    ///   - looks: Whether nothing is done, and who asks wants to know soon that a server does not answer.
    ///   - beginsBeside: Whether a journal that begins lies beside the snapshot also where that is a Google bucket.
    init(
        _ settings: MigrationSettings, settle: Duration = .seconds(15), importing: ImportOptions? = nil,
        beginsBeside: Bool = false,
        looks: Bool = false, _ console: Console
    ) async throws {
        self.settings = settings
        let location = try settings.requiredBucket
        let options = GoogleCloudStorage.Options().looking(looks)
        store = try BucketOptions.store(location, settings.credentials?.value.string, console, options)
        if let uri = settings.into?.value {
            // Where there is no snapshot, no journal is made.
            if case .folder(let path) = location, FileIdentity(path: path) == nil { _ = try await store.list() }
            journal = try await settings.journalPlace(uri.serverName, options: options, console).find(
                beginsBeside: beginsBeside)
            importer = PostgresImporter(uri: uri, jobs: importing?.jobs)
        } else {
            let admin = try settings.cloudSQL(options.retry, console)
            journal = try settings.journalPlace("\(admin.project).\(admin.instance)", options: options, console)
                .beside()
            importer = try settings.importer(
                admin, store, journal, jobs: importing?.jobs, cores: await settings.cores(importing, admin),
                settle: settle, console)
        }
        await journal.tell { console.liveLines }
        if let place = journal.location {
            console.show(.notice(.init(.journalFound, "Journal: \(place)", ["location": .init(place)])))
        }
    }

    /// The upgrade of what is imported, as far as the snapshot tells.
    func upgrading(_ instance: any InstanceController, _ console: Console) async throws -> UpgradeInstance {
        var flow = UpgradeInstance(
            instance: instance, importer: importer, journal: journal, onEvent: console.show)
        flow.databases = settings.databases.value
        try await flow.readRelease(from: store)
        return flow
    }

    /// What is looked at of the instance before an import.
    func preflight(_ console: Console) async throws -> InstancePreflight? {
        try await MachineOptions.preflight(settings, store, journal, console) { try await upgrading($0, console) }
    }

    /// What a rehearsal of this bucket on this machine took. If that cannot be read, the import goes on without.
    func rates(_ console: Console) async -> ImportRates? {
        guard let bucket = settings.bucket?.value else { return nil }
        let place = RatesPlace(of: bucket, environment: ProcessInfo.processInfo.environment)
        do { return try await place.read() } catch {
            let next = NextCommand.line("mi-migrate rehearse")
            console.show(
                .warning(
                    .init(
                        .ratesUnusable, "\(error.message) The plan tells no durations. To measure them again: \(next)",
                        ["path": .init("\(place.path)"), "next": .init(next)])))
            return nil
        }
    }
}

extension MigrationSettings {
    /// The bucket with the snapshot.
    var requiredBucket: BucketLocation {
        get throws {
            guard let bucket else {
                throw MigrationError(
                    .usage, "No bucket is set.", next: "Use --bucket, DB_DUMP_BUCKET, or `bucket` in migration.yaml.")
            }
            return bucket.value
        }
    }

    /// The places of the journal of a migration.
    func journalPlace(
        _ destination: String, options: GoogleCloudStorage.Options = .init(), _ console: Console
    ) throws -> JournalPlace {
        let location = try journal?.value ?? requiredBucket
        let store = try BucketOptions.store(location, credentials?.value.string, console, options)
        return JournalPlace(
            beside: location, store, server: destination, environment: ProcessInfo.processInfo.environment,
            isNamed: journal.map { $0.origin != .standard } ?? false)
    }

    /// The instance.
    fileprivate func cloudSQL(_ retry: RetryPolicy, _ console: Console) throws -> CloudSQLAdmin {
        guard let project = project?.value, let instance = instance?.value else {
            throw MigrationError(
                .usage, "No destination is set.",
                next: "Choose a Cloud SQL instance with --project and --instance (TARGET_INSTANCE_PROJECT, "
                    + "TARGET_INSTANCE_DB, migration.yaml), or any PostgreSQL with --into.")
        }
        let environment = ProcessInfo.processInfo.environment
        return try CloudSQLAdmin(
            project: project, instance: instance,
            credentials: try credentials.map { try .file($0.value, environment: environment) },
            retry: retry, environment: environment, onNotice: { console.show(.warning($0)) })
    }

    /// How many cores the instance has, where that is how many sessions load and compare at the same time.
    fileprivate func cores(_ importing: ImportOptions?, _ admin: CloudSQLAdmin) async throws -> Int? {
        guard let importing, importing.jobs == nil, through.value == .connection, server != nil else { return nil }
        return try await admin.get().cores.map { min($0, ImportOptions.mostJobs) }
    }

    /// What imports into the instance, in the way that is wanted.
    fileprivate func importer(
        _ admin: CloudSQLAdmin, _ store: any ObjectStore, _ journal: MigrationJournal, jobs: Int?, cores: Int?,
        settle: Duration, _ console: Console
    ) throws -> any DatabaseImporter {
        if through.value == .connection, let server {
            var lanes = CloudSQLLanes(
                admin: admin, source: store.location, journal: journal, connection: server, jobs: jobs, cores: cores,
                importUser: importUser?.value, onEvent: console.show)
            lanes.settling = settle
            return lanes
        }
        guard let bucket = store as? GoogleCloudStorage else {
            throw MigrationError(
                .usage,
                "Through its Admin API, Cloud SQL can import only from a Google bucket, not from \(store.location).",
                next: "Import over a connection with --connection, or upload the snapshot with "
                    + "src-snapshot upload --bucket=gs://name.")
        }
        var importer = CloudSQLImporter(
            admin: admin, bucket: bucket, journal: journal, connection: server, importUser: importUser?.value,
            onEvent: console.show)
        importer.settling = settle
        return importer
    }
}
