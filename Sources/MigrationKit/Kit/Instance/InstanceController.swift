/// The managed instance, as far as a migration handles it.
///
/// A conformer owes:
/// - Each call returns when its effect is there, and may be repeated.
/// - A call that takes a `job` is known on the instance by that name. When the caller dies or the connection breaks, it
///   goes on there; called again with the same name it is taken up, and not begun a second time.
public protocol InstanceController: Sendable {
    /// The instance, for messages.
    var name: String { get }

    /// What the instance is set up to run.
    func configuration() async throws -> InstanceConfiguration

    /// Stops all of the instance, so that nothing writes to its databases.
    ///
    /// - Returns: What was done, for the journal; so of the others.
    func freeze(job: String) async throws -> String

    /// Opens the instance's way to its databases, and waits until it is open.
    func startProxy(job: String) async throws -> String

    /// Asks the databases that the instance is set up to use for their marks: by the instance's own settings and from its
    /// own machine, as its services reach them. Its proxy runs.
    ///
    /// - Returns: Each of these databases, once at least; more often where services do not agree where it is. That it
    ///   cannot be read is a value and no error.
    func databases(_ databases: [Database]) async throws -> [InstanceDatabase]

    /// Runs the migrator to its end, once.
    ///
    /// - Returns: What it printed last, and whether it went well. That it failed is a value and no error.
    func migrate(_ command: MigratorCommand, job: String) async throws -> MigratorRun

    /// Starts all of the instance, and waits until all of it runs.
    func start(job: String) async throws -> String

    /// Looks at the instance's parts.
    func check() async throws -> [Finding]
}

/// What an instance is set up to run, by its own configuration.
public struct InstanceConfiguration: Sendable, Hashable {
    /// The release of Sourcegraph, as its image is tagged; nil where that cannot be told.
    public var release: String?
    /// The release of the migrator's image.
    public var migrator: String?
    /// The names of its services.
    public var services: Set<String>

    /// A configuration; see the properties.
    public init(release: String?, migrator: String?, services: Set<String>) {
        self.release = release
        self.migrator = migrator
        self.services = services
    }
}

/// How a run of the migrator ended.
public struct MigratorRun: Sendable, Hashable {
    /// Its exit status.
    public var status: Int32
    /// The last lines that it printed.
    public var lastLines: [String]
    /// Where all of it can be read.
    public var place: String

    /// A run that has ended; see the properties.
    public init(status: Int32, lastLines: [String], place: String) {
        self.status = status
        self.lastLines = lastLines
        self.place = place
    }
}
