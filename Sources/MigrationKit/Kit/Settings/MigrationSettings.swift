package import SystemPackage

/// What a migration works on, and what has said so.
package struct MigrationSettings: Sendable {
    /// The Google project that the Cloud SQL instance is in.
    package private(set) var project: Setting<String>?
    /// The Cloud SQL instance's name.
    package private(set) var instance: Setting<String>?
    /// The bucket with the snapshot.
    package private(set) var bucket: Setting<BucketLocation>?
    /// The Google project that owns the bucket: often another one than the instance's, so nothing is assumed.
    package private(set) var bucketProject: Setting<String>?
    /// A file with Google credentials; nil: those that Google's own programs would use.
    package private(set) var credentials: Setting<FilePath>?
    /// The instance's PostgreSQL, for import, proof and progress.
    package private(set) var connection: Setting<PostgresURI>?
    /// How dumps get into a Cloud SQL instance: over the connection, if there is one, unless somebody says otherwise.
    package private(set) var through = Setting(ImportWay.api, from: .standard)
    /// The password of the instance's administrator.
    package private(set) var password: Setting<Secret>?
    /// The role that imports.
    package private(set) var importUser: Setting<String>?
    /// Where the journal is kept: in the bucket, unless somebody says otherwise.
    package private(set) var journal: Setting<BucketLocation>?
    /// Which databases are moved: all of them, unless somebody says otherwise.
    package private(set) var databases = Setting(Database.allCases, from: .standard)
    /// Any PostgreSQL in place of a Cloud SQL instance.
    package private(set) var into: Setting<PostgresURI>?
    /// The machine that the instance runs on.
    package private(set) var machine: Setting<InstanceAddress>?
    /// A key for ssh; nil: as its configuration says.
    package private(set) var sshKey: Setting<FilePath>?
    /// Another configuration of ssh's; nil: the user's.
    package private(set) var sshConfig: Setting<FilePath>?
    /// The folder with `docker-compose.yaml` on that machine.
    package private(set) var deployment = Setting(ComposeInstance.standardFolder, from: .standard)
    /// The address of the instance.
    package private(set) var endpoint: Setting<String>?
    /// The address that the instance's users know; nil: that which it is asked at.
    package private(set) var externalURL: Setting<String>?
    /// The address of the customer's administrator.
    package private(set) var adminEmail: Setting<String>?
    /// The machines of the instance's executors.
    package private(set) var executors: Setting<ExecutorGroup>?
    /// What is not right but no reason to stop.
    package private(set) var warnings: [MigrationNotice] = []

    /// The connection, with the administrator's password if it names none itself.
    package var server: PostgresURI? {
        guard var server = connection?.value else { return nil }
        server.password = server.password ?? password?.value
        return server
    }

    private init() {}

    /// Takes each setting from the first that names it: a flag, the environment, the file.
    ///
    /// A value that cannot be used is an error, and never a reason to look further.
    ///
    /// - Parameters:
    ///   - flags: What was given on the command line.
    ///   - environment: The variables of ``SettingName/variable`` count. An empty one is none; quotes around a value,
    ///     as `jq` leaves them, are taken off.
    ///   - file: The file of settings, if there is one.
    /// - Returns: The settings, each with its origin.
    /// - Throws: ``MigrationError`` with code `usage` that names the origin of what cannot be used, and shows no secret.
    package static func resolve(
        flags: [SettingName: String] = [:], environment: [String: String] = [:], file: SettingsFile? = nil
    ) throws -> MigrationSettings {
        let given = GivenSettings(flags: flags, environment: environment, file: file)
        var settings = MigrationSettings()
        settings.project = try given.read(.project) { text, _ in try GoogleNames.project(text) }
        try settings.takeInstance(given)
        settings.bucket = try given.read(.bucket, given.bucket)
        settings.bucketProject = try given.read(.bucketProject) { text, _ in try GoogleNames.project(text) }
        settings.credentials = try given.read(.credentials, given.path)
        settings.connection = try given.read(.connection) { text, _ in try PostgresURI(text, named: "`connection`") }
        settings.through = try settings.way(given)
        settings.password = try given.read(.password) { text, _ in Secret(known: text) }
        settings.importUser = try given.read(.importUser) { text, _ in try role(text) }
        settings.journal =
            try given.read(.journal, given.bucket) ?? settings.bucket.map { Setting($0.value, from: .standard) }
        settings.databases = try given.read(.databases) { text, _ in try databases(text) } ?? settings.databases
        try settings.takeMachine(given)
        settings.warn(ofFolderNamedLike: settings.bucket)
        settings.warn()
        return settings
    }

    private func way(_ given: GivenSettings) throws -> Setting<ImportWay> {
        let wanted = try given.read(.through) { text, _ in
            guard let way = ImportWay(rawValue: text), way == .api || connection != nil else {
                throw MigrationError(
                    .usage,
                    text == ImportWay.connection.rawValue
                        ? "There is no connection to import through." : "`\(text.printable)` is not a way to import.",
                    next: text == ImportWay.connection.rawValue
                        ? "Set --connection, or omit --through." : "Choose connection or api.")
            }
            return way
        }
        return wanted ?? Setting(connection == nil ? .api : .connection, from: .standard)
    }

    private mutating func takeMachine(_ given: GivenSettings) throws {
        into = try given.read(.into) { text, _ in try PostgresURI(text, named: "`into`") }
        machine = try given.read(.machine) { text, _ in try InstanceAddress(text) }
        sshKey = try given.read(.sshKey, given.path)
        sshConfig = try given.read(.sshConfig, given.path)
        deployment = try given.read(.deployment) { text, _ in text } ?? deployment
        endpoint = try given.read(.endpoint) { text, _ in text }
        externalURL = try given.read(.externalURL) { text, _ in try Self.address(text) }
        adminEmail = try given.read(.adminEmail) { text, _ in try Self.email(text) }
        executors = try given.read(.executors) { text, _ in try ExecutorGroup(text) }
    }

    /// It becomes part of links in mails.
    private static func address(_ text: String) throws -> String {
        guard text.wholeMatch(of: /https?:\/\/[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:\/[A-Za-z0-9._~\/-]*)?/) != nil else {
            throw MigrationError(
                .usage, "`\(text.prefix(80).description.printable)` is not an instance's URL.",
                next: "Write it as in a browser: https://sourcegraph.example.com.")
        }
        return text
    }

    /// It becomes an argument of a program, and a name in an instance.
    private static func email(_ text: String) throws -> String {
        guard text.count <= 254, text.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9._%+-]*@[A-Za-z0-9.-]+/) != nil else {
            throw MigrationError(.usage, "`\(text.prefix(80).description.printable)` is not an email address.")
        }
        return text
    }

    private mutating func takeInstance(_ given: GivenSettings) throws {
        guard let found = try given.read(.instance, { text, _ in try GoogleNames.instance(text) }) else { return }
        instance = Setting(found.value.name, from: found.origin)
        guard let named = found.value.project else { return }
        if let project, project.value != named {
            throw MigrationError(
                .usage,
                "\(found.origin) is an instance in \(named), but \(project.origin) sets the project \(project.value).",
                next: "Remove one of them, or use the same project in both.")
        }
        project = project ?? Setting(named, from: found.origin)
    }

    private mutating func warn() {
        if into?.value.password != nil, case .flag = into?.origin {
            warn(.into, "The password in --into is visible in the process list; use PGPASSWORD or ~/.pgpass instead.")
        }
        if case .file = password?.origin {
            warn(
                .password,
                "\(password?.origin ?? .standard) contains the password; INSTANCE_ADMIN_PASSWORD would keep it off the disk."
            )
        }
        guard connection?.value.password != nil, let origin = connection?.origin else { return }
        if case .flag = origin {
            warn(
                .connection,
                "The password in --connection is visible in the process list; use INSTANCE_ADMIN_PASSWORD instead.")
        }
        if let password {
            warn(.connection, "The connection uses the password in \(origin), not that of \(password.origin).")
        }
    }

    /// A bare name is a bucket, also where there is a folder of that name.
    private mutating func warn(ofFolderNamedLike bucket: Setting<BucketLocation>?) {
        guard let bucket, case .googleCloudStorage(let name, "") = bucket.value,
            FileIdentity(path: FilePath(name)) != nil
        else { return }
        warn(.bucket, "\(bucket.origin): \(name) is read as a Google bucket. For the folder, write ./\(name).")
    }

    private mutating func warn(_ setting: SettingName, _ text: String) {
        warnings.append(MigrationNotice(.settingsDoubtful, text, ["setting": .init(setting.rawValue)]))
    }

    /// PostgreSQL cuts longer names, and so takes another role.
    private static func role(_ text: String) throws -> String {
        guard text.utf8.count <= 63, text == text.printable else {
            throw MigrationError(
                .usage, "`\(text.prefix(80).description.printable)` is not a valid role name.",
                next: "Use a user of the instance, as `gcloud sql users list` shows it.")
        }
        return text
    }

    private static func databases(_ text: String) throws -> [Database] {
        let names = text.split(separator: ",").map { $0.filter { $0 != " " } }
        let found = try names.map { name in
            guard let database = Database(anyName: name) else {
                throw MigrationError(
                    .usage, "`\(name.printable)` is not a Sourcegraph database.",
                    next: "Choose from primary, codeintel and codeinsights.")
            }
            return database
        }
        guard !found.isEmpty else { throw MigrationError(.usage, "the list of databases is empty.") }
        return Set(found).sorted()
    }
}
