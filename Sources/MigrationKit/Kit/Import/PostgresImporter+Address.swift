extension PostgresImporter {
    /// Names the server by its address.
    ///
    /// - Parameter address: `postgres://user@host:5432/postgres`; see ``PostgresURI``.
    /// - Throws: ``MigrationError`` with code `usage` if it is not one.
    public init(_ address: String) throws { self.init(uri: try PostgresURI(address, named: "The server's address")) }
}
