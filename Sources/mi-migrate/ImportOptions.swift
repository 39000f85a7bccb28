import ArgumentParser
import Foundation
import MigrationKitCommandSupport
import SystemPackage

/// How an import works. What it works on is said by ``SettingsOptions``, beside these and not within: the parser's debug
/// build, which every test starts, examines a group several times for each that it lies in.
struct ImportOptions: ParsableArguments {
    @Option(
        name: .goStyle("database"),
        help: ArgumentHelp("Only these databases, comma-separated (default: all).", valueName: "databases"))
    var database: DatabaseList?

    @Option(
        name: .goStyle("jobs"),
        help: ArgumentHelp(
            "How many sessions load and compare at the same time, with --into (default: this machine's cores if the "
                + "server is reached by a socket, otherwise 4).",
            valueName: "number"))
    var jobs: Int?

    @Flag(name: .goStyle("terminate-connections"), help: "Terminate other sessions in the databases that are dropped.")
    var terminateConnections = false

    @Flag(name: .goStyle("backup"), help: "Back up the databases before anything is dropped.")
    var backup = false

    @Flag(
        name: .goStyle("read-objects"),
        help: """
            Before anything is dropped, read every object completely, not only its checksum, its first and its last \
            bytes.
            """)
    var readObjects = false

    @Option(
        name: .goStyle("incomplete"),
        help: ArgumentHelp(
            "Import dumps that lack rows, tables or indexes, and record why: --incomplete='REASON'.",
            valueName: "reason"))
    var incomplete: String?

    @Flag(
        name: .goStyle("start-over"),
        help: """
            Ignore what earlier runs have done, and import from scratch. The databases of a finished migration are \
            dropped only then, once the destination's name is typed or given by --confirm.
            """)
    var startOver = false

    @Flag(name: .goStyle("take-over"), help: MachineOptions.takeOverHelp)
    var takeOver = false

    @Option(
        name: .goStyle("settle"),
        help: ArgumentHelp(
            "If Cloud SQL's reply is lost, how many seconds to wait for the operation to appear in its list.",
            valueName: "seconds"))
    var settle = 15

    func validate() throws {
        if incomplete?.contains(where: { $0.isLetter }) == false {
            throw ValidationError("--incomplete needs a reason.")
        }
        if let jobs, !(1...64).contains(jobs) { throw ValidationError("--jobs must be 1 to 64.") }
        if settle < 0 { throw ValidationError("--settle must be a number of seconds.") }
    }

    /// The import, as it was asked for.
    func importing(
        _ settings: SettingsOptions, _ machine: MachineOptions, _ console: Console,
        confirm: @escaping @Sendable (ImportPlan) async throws -> Bool
    ) async throws -> ImportSnapshot {
        var target = try target(settings, console, machine.flags, keepsJournal: true)
        if target.settings.into != nil, target.settings.journal?.origin == .standard {
            // Nobody has asked for a journal; but where a migration has one, an import is a part of it.
            try await target.journal.read()
            if await target.journal.entries.isEmpty { target.journal = MigrationJournal(store: nil) }
        }
        var flow = importing(into: target, console, confirm: confirm)
        flow.preflight = try await MachineOptions.preflight(
            target.settings, target.store, target.journal, console
        ) { [target] instance in try await target.upgrading(instance, console) }
        return flow
    }

    func importing(
        into target: Target, _ console: Console, confirm: @escaping @Sendable (ImportPlan) async throws -> Bool
    ) -> ImportSnapshot {
        var flow = ImportSnapshot(
            store: target.store, importer: target.importer, journal: target.journal,
            databases: database?.databases ?? target.settings.databases.value, confirm: confirm, onEvent: console.show)
        flow.terminatesConnections = terminateConnections
        flow.backsUp = backup
        flow.readsObjects = flow.readsObjects || readObjects
        flow.startsOver = startOver
        flow.takesOver = takeOver
        flow.acceptsIncomplete = incomplete
        return flow
    }

    /// Bucket, destination and journal.
    struct Target {
        var settings: MigrationSettings
        var store: any ObjectStore
        var importer: any DatabaseImporter
        var journal: MigrationJournal

        /// The upgrade of what is imported, as far as the snapshot tells.
        func upgrading(_ instance: any InstanceController, _ console: Console) async throws -> UpgradeInstance {
            var flow = UpgradeInstance(
                instance: instance, importer: importer, journal: journal, onEvent: console.show)
            let dumped = try await DumpedRelease.read(from: store)
            (flow.dumpedRelease, flow.unfinished) = (dumped.release, dumped.unfinished)
            flow.databases = settings.databases.value.filter { !dumped.absent.contains($0) }
            return flow
        }
    }

    /// - Parameters:
    ///   - flags: More settings, as flags have given them.
    ///   - keepsJournal: Whether there is a journal in the bucket, too, for a server that is no Cloud SQL instance.
    func target(
        _ settings: SettingsOptions, _ console: Console, _ flags: [SettingName: String?] = [:],
        keepsJournal: Bool = false
    ) throws -> Target {
        let settings = try settings.settings(console, flags)
        guard let location = settings.bucket?.value else {
            throw MigrationError(
                .usage, "No bucket is set.", next: "Use --bucket, DB_DUMP_BUCKET, or `bucket` in migration.yaml.")
        }
        let credentials = settings.credentials?.value.string
        let store = try BucketOptions.store(location, credentials, console)
        if let uri = settings.into?.value {
            let named = settings.journal.flatMap { $0.origin == .standard && !keepsJournal ? nil : $0.value }
            let journal = try named.map { try Self.openJournal(in: $0, of: uri.serverName, settings, console) }
            return Target(
                settings: settings, store: store, importer: PostgresImporter(uri: uri, jobs: jobs),
                journal: journal ?? MigrationJournal(store: nil))
        }
        return try cloudSQL(settings, store, location, console)
    }

    private func cloudSQL(
        _ settings: MigrationSettings, _ store: any ObjectStore, _ location: BucketLocation, _ console: Console
    ) throws -> Target {
        guard let project = settings.project?.value, let instance = settings.instance?.value else {
            throw MigrationError(
                .usage, "No destination is set.",
                next: "Choose a Cloud SQL instance with --project and --instance (TARGET_INSTANCE_PROJECT, "
                    + "TARGET_INSTANCE_DB, migration.yaml), or any PostgreSQL with --into.")
        }
        guard let bucket = store as? GoogleCloudStorage else {
            throw MigrationError(
                .usage, "Cloud SQL can import only from a Google bucket, not from \(store.location).",
                next:
                    "Upload the snapshot with src-snapshot upload -bucket=gs://name, or use a PostgreSQL with --into.")
        }
        let environment = ProcessInfo.processInfo.environment
        let admin = try CloudSQLAdmin(
            project: project, instance: instance,
            credentials: try settings.credentials.map { try .file($0.value, environment: environment) },
            environment: environment, onNotice: { console.show(.warning($0)) })
        let journal = try Self.openJournal(
            in: settings.journal?.value ?? location, of: "\(project).\(instance)", settings, console)
        var timing = CloudSQLTiming()
        timing.settling = .seconds(settle)
        let importer = CloudSQLImporter(
            admin: admin, bucket: bucket, journal: journal, connection: settings.server,
            importUser: settings.importUser?.value, timing: timing, onEvent: console.show)
        return Target(settings: settings, store: store, importer: importer, journal: journal)
    }

    /// One bucket may hold the journals of several migrations: each has a folder, by its destination.
    static func openJournal(
        in location: BucketLocation, of target: String, _ settings: MigrationSettings, _ console: Console
    ) throws -> MigrationJournal {
        let store = try BucketOptions.store(location, settings.credentials?.value.string, console)
        let name = target.replacing("/", with: "_")
        return MigrationJournal(store: try store.folder(CloudSQLImporter.folder).folder(name))
    }
}
