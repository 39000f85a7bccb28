/// A kind of object for which the rules refuse a dump, and how it is found in the catalogue before there is one.
struct RefusedObjects: Sendable {
    /// For people, in the plural.
    let name: String
    /// A query for their names.
    let query: String
    /// What the rules say of it, or what can be done about it before there is a dump.
    let remedy: String

    private init(_ name: String, _ remedy: String, _ query: String) {
        self.name = name
        self.query = query
        self.remedy = remedy
    }

    private init(_ name: String, _ verdict: Verdict, _ query: String) {
        let remedy = if case .refuse(let reason) = verdict { reason } else { "Remove them, then dump again." }
        self.init(name, remedy, query)
    }

    /// All kinds. What initdb has made has a number below 16384; what an extension has made comes with it.
    static let all: [RefusedObjects] = [
        RefusedObjects(
            "large objects", "Copy their contents elsewhere, then remove them with lo_unlink.",
            "SELECT oid::text AS name FROM pg_largeobject_metadata"),
        RefusedObjects(
            "tables that force row-level security on their owner", CloudSQLRules.forcedRowSecurity,
            """
            SELECT format('%I.%I', n.nspname, c.relname) AS name
            FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE c.relforcerowsecurity AND \(CatalogueSQL.isDumpedSchema) AND NOT \(member("pg_class", "c"))
            """),
        RefusedObjects(
            "row-level security policies for specific roles", CloudSQLRules.policyForRoles,
            """
            SELECT format('%I ON %I.%I', p.polname, n.nspname, c.relname) AS name
            FROM pg_policy AS p JOIN pg_class AS c ON c.oid = p.polrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE p.polroles <> ARRAY[0]::oid[] AND \(CatalogueSQL.isDumpedSchema) AND NOT \(member("pg_class", "c"))
            """),
        RefusedObjects(
            "event triggers", CloudSQLRules.superuserOnly("an event trigger"),
            "SELECT format('%I', t.evtname) AS name FROM pg_event_trigger AS t WHERE \(own("pg_event_trigger", "t"))"),
        RefusedObjects(
            "functions in C or an untrusted language", CloudSQLRules.superuserOnly("a function in such a language"),
            routines("lower(l.lanname) IN (\(untrusted))")),
        RefusedObjects("leakproof functions", CloudSQLRules.leakproof, routines("p.proleakproof")),
        RefusedObjects(
            "languages", CloudSQLRules.superuserOnly("a language"),
            """
            SELECT format('%I', l.lanname) AS name FROM pg_language AS l
            WHERE l.lanispl AND l.lanname <> 'plpgsql' AND \(own("pg_language", "l"))
            """),
        RefusedObjects(
            "base types", CloudSQLRules.superuserOnly("a base type"),
            """
            SELECT format('%I.%I', n.nspname, t.typname) AS name
            FROM pg_type AS t JOIN pg_namespace AS n ON n.oid = t.typnamespace
            WHERE t.typtype = 'b' AND t.typisdefined AND \(CatalogueSQL.isDumpedSchema) AND \(own("pg_type", "t"))
                AND NOT EXISTS (SELECT FROM pg_type AS e WHERE e.oid = t.typelem AND e.typarray = t.oid)
            """),
        RefusedObjects(
            "casts without function", CloudSQLRules.superuserOnly("a cast without function"),
            """
            SELECT format('%s AS %s', format_type(c.castsource, NULL), format_type(c.casttarget, NULL)) AS name
            FROM pg_cast AS c WHERE c.castmethod = 'b' AND \(own("pg_cast", "c"))
            """),
        RefusedObjects(
            "operator classes and families", CloudSQLRules.superuserOnly("an operator class or family"),
            """
            SELECT format('%I.%I', n.nspname, o.opcname) AS name
            FROM pg_opclass AS o JOIN pg_namespace AS n ON n.oid = o.opcnamespace
            WHERE \(CatalogueSQL.isDumpedSchema) AND \(own("pg_opclass", "o"))
            UNION SELECT format('%I.%I', n.nspname, f.opfname)
            FROM pg_opfamily AS f JOIN pg_namespace AS n ON n.oid = f.opfnamespace
            WHERE \(CatalogueSQL.isDumpedSchema) AND \(own("pg_opfamily", "f"))
            """),
        RefusedObjects(
            "foreign data wrappers", CloudSQLRules.superuserOnly("a foreign data wrapper"),
            """
            SELECT format('%I', w.fdwname) AS name FROM pg_foreign_data_wrapper AS w
            WHERE \(own("pg_foreign_data_wrapper", "w"))
            """),
        RefusedObjects(
            "user mappings with options", CloudSQLRules.credentials,
            """
            SELECT format('%I FOR %I', m.srvname, m.usename) AS name FROM pg_user_mappings AS m
            WHERE m.umoptions IS NOT NULL
            """),
        RefusedObjects(
            "access methods", CloudSQLRules.superuserOnly("an access method"),
            "SELECT format('%I', a.amname) AS name FROM pg_am AS a WHERE \(own("pg_am", "a"))"),
        RefusedObjects(
            "text search parsers and templates", CloudSQLRules.superuserOnly("a text search parser or template"),
            """
            SELECT format('%I', p.prsname) AS name FROM pg_ts_parser AS p WHERE \(own("pg_ts_parser", "p"))
            UNION ALL SELECT format('%I', t.tmplname) FROM pg_ts_template AS t WHERE \(own("pg_ts_template", "t"))
            """),
        RefusedObjects(
            "security labels", "Cloud SQL has no security labels. Remove them with SECURITY LABEL … IS NULL.",
            """
            SELECT format('%s on %s', s.provider, coalesce(pg_describe_object(s.classoid, s.objoid, s.objsubid), '?')) AS name
            FROM pg_seclabel AS s
            """),
    ]

    private static func member(_ catalogue: String, _ alias: String) -> String {
        CatalogueSQL.isMember(catalogue, "\(alias).oid")
    }

    private static func own(_ catalogue: String, _ alias: String) -> String {
        "\(alias).oid >= 16384 AND NOT \(member(catalogue, alias))"
    }

    private static let untrusted = CloudSQLRules.untrustedLanguages.sorted().map(\.quotedAsLiteral)
        .joined(separator: ", ")

    /// Aggregates are internal by nature and written as such; what a type has made comes with the type.
    private static func routines(_ condition: String) -> String {
        """
        SELECT p.oid::regprocedure::text AS name
        FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace JOIN pg_language AS l ON l.oid = p.prolang
        WHERE \(condition) AND p.prokind <> 'a' AND \(CatalogueSQL.isDumpedSchema) AND \(own("pg_proc", "p"))
            AND NOT EXISTS (SELECT FROM pg_depend AS i
                WHERE i.classid = 'pg_proc'::regclass AND i.objid = p.oid AND i.deptype = 'i')
        """
    }
}
