extension DatabaseRequirements {
    private struct Extension: Decodable {
        var name: String
        var schema: String
        var version: String
        var isRelocatable: Bool
    }

    /// Whether a managed PostgreSQL can have what the database needs.
    func extensions() async throws -> [Finding] {
        try await checking("extensions") {
            let installed: [Extension] = try await questions.answer(to: Self.extensionsQuery, "Reading the extensions")
            let others = installed.filter { $0.name != "timescaledb" }
            let needed = others.map { RequiredExtension(name: $0.name, schema: $0.schema) }
            return [timescale(installed.first { $0.name == "timescaledb" })]
                + Finding.extensions(needed, in: dumper.database.rawValue) { name in
                    others.first { $0.name == name }?.isRelocatable
                }
        }
    }

    /// Sourcegraph kept code insights in TimescaleDB until 3.38.
    private func timescale(_ installed: Extension?) -> Finding {
        guard let installed else { return finding("timescaledb", .pass, "TimescaleDB is not installed.") }
        return finding(
            "timescaledb", .fail,
            "TimescaleDB \(installed.version.printable) is installed, which Cloud SQL does not support.",
            remedy: "Upgrade Sourcegraph first, to 3.39 or newer, which keeps code insights in plain PostgreSQL"
                + (dumper.database == .codeinsights
                    ? "; or skip codeinsights (--only): it can be recreated." : "."))
    }

    private static let extensionsQuery = """
        SELECT coalesce(json_agg(json_build_object('name', e.extname, 'schema', n.nspname, 'version', e.extversion,
            'is_relocatable', e.extrelocatable) ORDER BY e.extname), '[]'::json)
        FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace
        WHERE e.extname <> 'plpgsql'
        """
}
