/// How databases come from one release of Sourcegraph to another: which images of the migrator have to be run with what.
public struct UpgradePath: Sendable, Hashable {
    /// What it takes.
    package enum Kind: String, Sendable, Codable {
        /// The same minor release, perhaps another patch: `up`.
        case none
        /// The next minor release: `up`, as an instance does when it starts.
        case standard
        /// Several minor releases: `upgrade`, then `up`.
        case multiVersion = "multi-version"
    }

    /// Where `upgrade` stops on its way, to finish out-of-band migrations that the next minor release cannot finish any more.
    package struct Stop: Sendable, Hashable, Codable {
        /// The minor release whose schema the databases have meanwhile.
        package let minor: SourcegraphVersion
        /// The numbers of the migrations.
        package let migrations: [Int]
    }

    /// The release that the databases are of.
    public let from: SourcegraphVersion
    /// The release that they shall be of.
    public let to: SourcegraphVersion
    /// The PostgreSQL that they are in, where that is known.
    public let postgresMajor: Int?
    /// The image that somebody has chosen for `upgrade`; nil: that of ``to``.
    public let migrator: SourcegraphVersion?
    /// What it takes.
    package let kind: Kind
    /// The databases that are upgraded.
    public let databases: [Database]
    /// The minor releases from the first to the last, both included.
    public let minors: [SourcegraphVersion]
    /// Where `upgrade` stops, as far as is known; a newer image may know of more. Empty where there is no `upgrade`.
    package let stops: [Stop]
    /// The out-of-band migrations that have to be finished in the end. `upgrade` does that at its `stops`; for a standard
    /// upgrade they have to be finished beforehand, or `up` refuses to begin.
    public let dueMigrations: [Int]
    /// The runs of the migrator, one after the other.
    public let commands: [MigratorCommand]
    /// What somebody should know before.
    public var warnings: [String] { doubts.map(\.text) }
    /// The same, with names for programs.
    let doubts: [Doubt]

    /// Finds the way.
    ///
    /// - Parameters:
    ///   - from: The release that the databases are of: `5.1.8`, `v5.1.8`, `5.1` for 5.1.0, `5.2.3+build`.
    ///   - to: The release that they shall be of. Its image has to exist, so its patch counts.
    ///   - postgresMajor: The major version of the PostgreSQL that they are in, if it is known.
    ///   - migrator: A newer release whose image shall do the `upgrade`; nil: that of `to`. It may know more schemas and
    ///     fewer mistakes than that of the target; `up` is done by the target's in any case.
    ///   - databases: Those that are upgraded: all that the dumped instance has.
    /// - Throws: A ``MigrationError`` if there is no way, or none that is known.
    public init(
        from: String, to: String, postgresMajor: Int? = nil, migrator: String? = nil,
        databases: [Database] = Database.allCases
    ) throws {
        let databases = databases.sorted()
        let request = UpgradeRequest(from: from, to: to)
        let source = try request.source()
        let target = try request.target()
        let chosen = try migrator.map { try request.migrator($0, for: target) }
        try request.require(source: source, target: target, postgresMajor: postgresMajor)
        let minors = SourcegraphReleases.minors(from: source, to: target)
        let kind: Kind = minors.count == 1 ? .none : minors.count == 2 ? .standard : .multiVersion
        let due = KnownOutOfBandMigration.due(from: source, to: target)
        var commands = [MigratorCommand.up(target, of: databases), .validate(target, of: databases)]
        if kind == .multiVersion {
            let image = chosen ?? target
            try request.requireUpgrade(image, isChosen: chosen != nil, target: target, postgresMajor: postgresMajor)
            commands.insert(
                .upgrade(image, from: source, to: target, skipsDriftCheck: false, of: databases), at: 0)
        }
        self.from = source
        self.to = target
        self.postgresMajor = postgresMajor
        self.migrator = chosen
        self.kind = kind
        self.databases = databases
        self.minors = minors
        self.stops = kind == .multiVersion ? Stop.all(due) : []
        self.dueMigrations = due.map(\.id)
        self.commands = commands
        self.doubts = Self.doubts(
            from: source, kind: kind, due: due, postgresMajor: postgresMajor, isChosen: chosen != nil,
            databases: databases)
    }

    /// The run of `upgrade`; nil where there is none.
    ///
    /// Before it begins, `upgrade` compares the schema with that of ``from``. One that was stopped on its way has left a
    /// schema between two releases, so a repetition would find fault with its own work: it must not look. It goes on with
    /// the migration that failed, and the version in the database is still that of ``from``: `upgrade` sets it when all is
    /// done. Then only the other ``commands`` are left to do.
    ///
    /// - Parameters:
    ///   - isRepetition: Whether an `upgrade` has begun before and did not end well.
    ///   - skipsDriftCheck: Whether somebody has looked at the differences and decided that they do no harm.
    public func upgradeCommand(isRepetition: Bool = false, skipsDriftCheck: Bool = false) -> MigratorCommand? {
        guard kind == .multiVersion else { return nil }
        return .upgrade(
            migrator ?? to, from: from, to: to, skipsDriftCheck: isRepetition || skipsDriftCheck, of: databases)
    }
}

extension UpgradePath.Stop {
    /// One for each minor release that is the last to finish some of the migrations.
    fileprivate static func all(_ due: [KnownOutOfBandMigration]) -> [Self] {
        Dictionary(grouping: due) { $0.lastChance }
            .compactMap { minor, migrations in
                minor.map { Self(minor: $0, migrations: migrations.map(\.id).sorted()) }
            }
            .sorted { $0.minor < $1.minor }
    }
}
