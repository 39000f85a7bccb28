/// A server before an import.
public struct DestinationState: Sendable, Decodable {
    /// Version as a number, such as 150018.
    public var versionNumber: Int
    /// Databases of the names we import to that are there already.
    public var existing: [Existing]
    /// Who is connected to them.
    public var connections: [Connection]
    /// Extensions that the server can create.
    public var availableExtensions: Set<String>

    /// Major version.
    public var major: Int { versionNumber / 10_000 }

    /// A server; see the properties.
    public init(
        versionNumber: Int, existing: [Existing], connections: [Connection] = [], availableExtensions: Set<String>
    ) {
        (self.versionNumber, self.existing) = (versionNumber, existing)
        (self.connections, self.availableExtensions) = (connections, availableExtensions)
    }

    /// A database that an import would drop.
    public struct Existing: Sendable, Codable {
        /// Its name.
        public var name: String
        /// Bytes on disk.
        public var size: Int64
        /// The role that owns it.
        public var owner: String
        /// The mark that a migration has left on it; nil: none.
        public var mark: String?
        /// Rows, by the server's statistics; nil where nobody can connect to count them, or nobody has asked.
        public var rows: Int?

        /// A database; see the properties.
        public init(name: String, size: Int64, owner: String, rows: Int? = nil) {
            (self.name, self.size, self.owner, self.rows) = (name, size, owner, rows)
        }
    }

    /// A session of somebody else.
    public struct Connection: Sendable, Codable {
        /// The database it is in.
        public var database: String
        /// What the application calls itself.
        public var application: String
        /// Where it comes from.
        public var address: String
        /// Its role.
        public var role: String

        /// A session; see the properties.
        public init(database: String, application: String, address: String, role: String) {
            (self.database, self.application) = (database, application)
            (self.address, self.role) = (address, role)
        }
    }
}

extension DestinationState {
    /// - Throws: ``MigrationError`` if a dump cannot be imported here.
    func check(_ dump: SnapshotManifest.DatabaseEntry, _ serverName: String) throws {
        if let dumped = dump.contents.serverMajor, dumped > major {
            throw MigrationError(
                .unmetRequirement, "\(dump.name) comes from PostgreSQL \(dumped); \(serverName) runs \(major).",
                next: "Choose a destination with PostgreSQL \(dumped) or later."
            )
        }
        let lacking = dump.contents.extensions.map(\.name).filter { !availableExtensions.contains($0) }
        guard lacking.isEmpty else {
            throw MigrationError(
                .unmetRequirement,
                "\(serverName) does not offer \(lacking.joined(separator: ", ")), which \(dump.name) needs.",
                next: lacking.compactMap { CloudSQLExtensions.refusal(of: .init(name: $0, schema: nil))?.printable }
                    .first
                    ?? "Install their packages on the server. Cloud SQL supports only those that Google offers: "
                    + "remove what needs others from the source before it is dumped."
            )
        }
    }
}

extension DestinationState.Connection: CustomStringConvertible {
    /// `pgsql: psql as app, from 10.0.0.7`.
    public var description: String {
        "\(database): \(application.isEmpty ? "unnamed" : application) as \(role), from \(address)".printable
    }
}
