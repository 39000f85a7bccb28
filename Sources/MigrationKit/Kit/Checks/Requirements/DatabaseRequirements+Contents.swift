extension DatabaseRequirements {
    private struct Contents: Decodable {
        var encoding: String
        var strings: String
        var servers: NamedObjects
        var objects: [Objects]

        struct Objects: Decodable {
            var kind: String
            var objects: NamedObjects
        }
    }

    /// Whether the database holds what a dump would be refused for: see ``CloudSQLRules``.
    func contents() async throws -> [Finding] {
        try await checking("contents") {
            let contents: Contents = try await questions.answer(to: Self.contentsQuery, "Reading the catalog")
            var found: [Finding] = []
            if contents.encoding == "SQL_ASCII" {
                found.append(finding("contents", .warn, SourceEncoding.unknown, remedy: SourceEncoding.remedy))
            }
            if contents.strings != "on" {
                found.append(
                    finding(
                        "contents", .fail, "standard_conforming_strings is off, which changes how strings are written.",
                        remedy: "Set standard_conforming_strings to on for the role and the database."))
            }
            for one in contents.objects where one.objects.count > 0 {
                let kind = RefusedObjects.all.first { $0.name == one.kind }
                found.append(
                    finding(
                        "contents", .fail,
                        "The database has \(one.kind.printable), which cannot be imported: \(one.objects).",
                        remedy: kind?.remedy ?? "Remove it."))
            }
            if contents.servers.count > 0 {
                found.append(
                    finding(
                        "contents", .warn,
                        "The database has foreign servers: \(contents.servers). They will not be reachable after the "
                            + "migration, and their user mappings may contain passwords.",
                        remedy:
                            "Drop them if Sourcegraph does not need them; DROP SERVER … CASCADE drops what uses them."))
            }
            return found.isEmpty
                ? [finding("contents", .pass, "No objects that a migration would refuse.")] : found
        }
    }

    private static let contentsQuery: String = {
        let kinds = RefusedObjects.all.map { kind in
            let objects = CatalogueSQL.namedObjects(kind.query)
            return "json_build_object('kind', \(kind.name.quotedAsLiteral), 'objects', \(objects))"
        }
        return """
            SELECT json_build_object(
                'encoding', current_setting('server_encoding'),
                'servers', \(CatalogueSQL.namedObjects("SELECT format('%I', srvname) AS name FROM pg_foreign_server")),
                'strings', current_setting('standard_conforming_strings'),
                'objects', json_build_array(\(kinds.joined(separator: ",\n"))))
            """
    }()
}
