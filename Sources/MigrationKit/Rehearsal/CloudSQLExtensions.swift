/// The extensions that Cloud SQL offers its customers; a member of `cloudsqlsuperuser` may make each of them.
///
/// Source: Google's page "Configure PostgreSQL extensions" for Cloud SQL. The list grows, so one that is not here is only
/// doubtful; those that are known to be missing stand in ``CloudSQLRules/unavailableExtensions``.
enum CloudSQLExtensions {
    static let offered: Set<String> = [
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
