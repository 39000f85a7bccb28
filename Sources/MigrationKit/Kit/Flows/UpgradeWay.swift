/// From where to where databases are upgraded, as far as their instance and their snapshot tell.
struct UpgradeWay {
    let instance: any InstanceController
    /// Those that the dumped instance had.
    let databases: [Database]
    /// The release that they shall be of, in somebody's words; nil: that which the instance is set up to run.
    var to: String?
    /// A newer release whose migrator does the upgrade; nil: that of the target.
    var migrator: String?

    /// The release that they shall be of.
    ///
    /// - Throws: ``MigrationError`` if nobody tells it, or the instance is set up to run another one.
    func target() async throws -> String {
        let configuration = try await instance.configuration()
        guard let target = to ?? configuration.release ?? configuration.migrator else {
            throw MigrationError(
                .unmetRequirement, "The release that \(instance.name) is set up to run is unknown.",
                next: "Specify it: --to=5.1.8.")
        }
        if let to, let set = configuration.release, SourcegraphVersion(to) != SourcegraphVersion(set) {
            throw MigrationError(
                .unmetRequirement, "\(instance.name) is set up to run \(set.printable), not \(to.printable).",
                next: "Set it up for that release, or omit --to.")
        }
        return target
    }

    /// The way there.
    ///
    /// - Parameter postgresMajor: The server's, where it is known.
    /// - Throws: ``MigrationError`` if there is none.
    func path(from source: String, to target: String, postgresMajor: Int? = nil) throws -> UpgradePath {
        try UpgradePath(
            from: source, to: target, postgresMajor: postgresMajor, migrator: migrator, databases: databases)
    }

    /// `upgrade` finishes migrations of data on its way; `up` alone refuses to begin.
    ///
    /// - Parameter unfinished: Migrations that were not finished when the instance was dumped.
    static func require(_ unfinished: [OutOfBandState], finishedBefore path: UpgradePath) throws {
        let open = unfinished.map(StoredMigration.init).filter { migration in
            migration.deprecation.map { path.from.minorRelease < $0 && $0 <= path.to.minorRelease } ?? false
        }
        guard path.kind == .standard, !open.isEmpty else { return }
        throw MigrationError(
            .unmetRequirement,
            "The migrator's `up` to \(path.to) needs out-of-band migrations finished that are not: "
                + "\(NamedObjects.list(open.map(\.label))).",
            next: "Have them finished at the source (Site admin, Maintenance, Migrations), and dumped again.")
    }
}
