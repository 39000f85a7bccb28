/// What is known of extensions in Cloud SQL: the one list that all commands ask.
///
/// The server itself is asked before an import. This is to tell the customer early.
package enum CloudSQLExtensions {
    /// Whether Cloud SQL has an extension.
    package enum Availability {
        /// It offers it.
        case offered
        /// It is known not to.
        case missing
        /// Its list grows, so this is only doubtful.
        case unknown
    }

    /// Whether Cloud SQL has this one.
    package static func availability(of name: String) -> Availability {
        if offered.contains(name) || builtIn.contains(name) { return .offered }
        // Parts of a kind that some cloud has made: `babelfishpg_tsql`, `azure_ai`, `jsonb_plperl`.
        let isOfAKind =
            missingPrefixes.contains(where: name.hasPrefix) || missingSuffixes.contains(where: name.hasSuffix)
        return isOfAKind || missing.contains(name) ? .missing : .unknown
    }

    /// Every PostgreSQL has it.
    private static let builtIn: Set<String> = ["plpgsql"]

    /// Seen in the wild, and not offered. One that is here by mistake would stop a migration: what is not certain is left
    /// to the server's own answer.
    private static let missing: Set<String> = [
        // Need a superuser or the server's files
        "adminpack", "file_fdw", "multicorn",
        // Other storage
        "citus", "citus_columnar", "timescaledb", "timescaledb_toolkit",
        // Languages
        "plperl", "plperlu", "plpython2u", "plpython3u", "plpythonu", "plrust", "pltcl", "pltclu",
        // Amazon RDS and Aurora
        "apg_plan_mgmt", "flow_control", "log_fdw", "pg_ad_mapping", "pg_transport", "rds_tools",
        // Azure
        "azure", "pg_availability", "pg_diskann", "pgaadauth",
        // AlloyDB
        "google_columnar_engine", "google_db_advisor",
        // Aiven, Neon, Supabase
        "aiven_extras", "neon", "pg_graphql", "pgsodium", "supabase_vault", "wrappers",
        // Zalando's operator for Kubernetes
        "pg_auth_mon", "pg_mon", "pg_stat_kcache", "set_user",
    ]
    private static let missingPrefixes = ["alloydb_", "aws_", "azure_", "babelfishpg_", "neon_", "pgms_"]
    private static let missingSuffixes = ["_plperl", "_plperlu", "_plpython2u", "_plpython3u", "_plpythonu"]

    /// Source: Google's page "Configure PostgreSQL extensions" for Cloud SQL. A member of `cloudsqlsuperuser` may make each
    /// of them.
    private static let offered: Set<String> = [
        // PostGIS
        "address_standardizer", "address_standardizer_data_us", "postgis", "postgis_raster", "postgis_sfcgal",
        "postgis_tiger_geocoder", "postgis_topology",
        // Types and indexes
        "bloom", "btree_gin", "btree_gist", "citext", "cube", "hll", "hstore", "intarray", "ip4r", "isn", "lo", "ltree",
        "pg_bigm", "pg_trgm", "prefix", "rdkit", "seg", "vector",
        // Languages
        "plpgsql", "plv8",
        // Text
        "dict_int", "fuzzystrmatch", "unaccent",
        // Other servers
        "dblink", "oracle_fdw", "plproxy", "postgres_fdw", "tds_fdw",
        // What looks at the server
        "amcheck", "pageinspect", "pg_buffercache", "pg_freespacemap", "pg_proctab", "pg_stat_statements",
        "pg_visibility", "pg_wait_sampling", "pgaudit", "pgfincore", "pgrowlocks", "pgstattuple",
        // What works on tables
        "autoinc", "earthdistance", "insert_username", "moddatetime", "pg_partman", "pg_repack", "pg_squeeze", "pgtt",
        "refint", "tablefunc", "tcn", "temporal_tables", "tsm_system_rows", "tsm_system_time",
        // The rest
        "google_ml_integration", "orafce", "pg_background", "pg_cron", "pg_hint_plan", "pg_prewarm", "pg_similarity",
        "pgcrypto", "pglogical", "pgtap", "sslinfo", "uuid-ossp", "xml2",
    ]
}
