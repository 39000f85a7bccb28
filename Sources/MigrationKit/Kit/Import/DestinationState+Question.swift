extension DestinationState {
    /// The query that gives a server's state as JSON.
    ///
    /// - Parameter databases: Those that an import would drop.
    static func question(_ databases: [Database]) -> String {
        let names = databases.map { $0.importedName.quotedAsLiteral }.joined(separator: ", ")
        return """
            SELECT json_build_object(
              'versionNumber', current_setting('server_version_num')::int,
              'existing', (SELECT coalesce(json_agg(json_build_object('name', datname, 'size', pg_database_size(oid),
                'owner', pg_get_userbyid(datdba), 'mark', \(DatabaseMark.reading)) ORDER BY datname), '[]') FROM pg_database WHERE datname IN (\(names))),
              'connections', (SELECT coalesce(json_agg(json_build_object('database', datname,
                'application', coalesce(application_name, ''), 'address', coalesce(host(client_addr), 'a local socket'),
                'role', coalesce(usename, ''))), '[]')
                FROM pg_stat_activity WHERE datname IN (\(names)) AND pid <> pg_backend_pid()
                  AND backend_type IS DISTINCT FROM 'autovacuum worker'),
              'availableExtensions', (SELECT json_agg(name) FROM pg_available_extensions))
            """
    }
}
