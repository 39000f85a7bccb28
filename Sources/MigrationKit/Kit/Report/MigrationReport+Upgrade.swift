extension MigrationReport {
    /// The way of an upgrade as it was gone: plain text, so that a report can be read by programs that know other
    /// releases.
    package struct Upgrade: Sendable, Hashable, Codable {
        /// What it takes.
        package var kind: UpgradePath.Kind
        /// The release that the databases were of.
        package var from: String
        /// The release that they were brought to.
        package var to: String
        /// The minor releases from the first to the last: `5.1`.
        package var minors: [String]
        /// Where it stops for out-of-band migrations.
        package var stops: [Stop]
        /// The runs of the migrator, image and arguments.
        package var commands: [String]
        /// What somebody should have known before.
        package var warnings: [String]

        /// A stop on the way.
        package struct Stop: Sendable, Hashable, Codable {
            /// The minor release: `3.43`.
            package var minor: String
            /// The numbers of the migrations that are finished there.
            package var migrations: [Int]
        }

        init(_ path: UpgradePath) {
            kind = path.kind
            (from, to) = ("\(path.from)", "\(path.to)")
            minors = path.minors.map(\.minorName)
            stops = path.stops.map { Stop(minor: $0.minor.minorName, migrations: $0.migrations) }
            commands = path.commands.map(\.description)
            warnings = path.warnings
        }
    }
}
