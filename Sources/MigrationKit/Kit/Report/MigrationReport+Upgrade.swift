extension MigrationReport {
    /// The way of an upgrade as it was gone: plain text, so that a report can be read by programs that know other
    /// releases.
    public struct Upgrade: Sendable, Hashable, Codable {
        /// What it takes.
        public var kind: UpgradePath.Kind
        /// The release that the databases were of.
        public var from: String
        /// The release that they were brought to.
        public var to: String
        /// The minor releases from the first to the last: `5.1`.
        public var minors: [String]
        /// Where it stops for out-of-band migrations.
        public var stops: [Stop]
        /// The runs of the migrator, image and arguments.
        public var commands: [String]
        /// What somebody should have known before.
        public var warnings: [String]

        /// A stop on the way.
        public struct Stop: Sendable, Hashable, Codable {
            /// The minor release: `3.43`.
            public var minor: String
            /// The numbers of the migrations that are finished there.
            public var migrations: [Int]
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
