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
