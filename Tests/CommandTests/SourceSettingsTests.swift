import MigrationKit
import TestClusters
import Testing

/// A source that writes values in its own way, by settings of its database and its roles.
@Suite(.inTurn) struct SourceSettingsTests {
    let workplace: Workplace

    init() async throws { workplace = try await Workplace() }

    private static let schema = """
        CREATE TABLE written (
          id integer PRIMARY KEY, raw bytea, single real, double double precision, at timestamptz, local timestamp,
          day date, took interval, raws bytea[], floats real[], times timestamptz[], span tstzrange);
        INSERT INTO written VALUES
          (1, '\\x00010a5cff', 0.1, 0.1, '2023-03-26 01:30:00+00', '2023-03-26 02:30', '2023-12-31',
            '1 year 2 mons -3 days 04:05:06.789', ARRAY['\\x5c'::bytea, '\\x00'], '{0.1,1e-45}',
            '{2023-01-01 00:00+00,infinity}', '[2023-01-01 00:00+00,2023-02-01 00:00+00)'),
          (2, '', 3.4028235e38, 4.9e-324, 'infinity', '-infinity', '4713-01-01 BC', '-00:00:00.000001', '{}',
            '{NaN,Infinity}', '{}', 'empty'),
          (3, NULL, 16777216, 123456789.12345679, '0044-03-15 BC', NULL, NULL, NULL, NULL, NULL, NULL, NULL),
          (4, sha256('x'), 1 / 3.0, 2 / 3.0, '1941-12-07 18:00:00.123456+00', '1900-01-01', '1582-10-15',
            '178000000 years', NULL, '{-0}', NULL, NULL);
        CREATE TABLE plain (id integer, raw bytea);
        INSERT INTO plain SELECT n, decode(md5(n::text), 'hex') FROM generate_series(1, 100) AS n;
        """

    private static let settings = [
        "bytea_output = 'escape'", "extra_float_digits = 0", "datestyle = 'German, DMY'",
        "intervalstyle = 'iso_8601'", "timezone = 'Asia/Kolkata'", "search_path = 'nowhere'", "array_nulls = off",
        "xmlbinary = 'hex'", "row_security = off", "default_transaction_read_only = on",
    ]

    /// All values, written in one way whatever the settings are.
    private static let values = """
        SET bytea_output = 'hex'; SET extra_float_digits = 3; SET datestyle = 'ISO, MDY'; SET intervalstyle = 'postgres';
        SET timezone = 'UTC'; SET search_path = 'public';
        SELECT t::text FROM written t ORDER BY id; SELECT t::text FROM plain t ORDER BY id
        """

    /// Sets all of them for a database, or for a role in it.
    private func set(_ owner: String) async throws {
        try await workplace.postgres.source.sql(
            Self.settings.map { "ALTER \(owner) SET \($0)" }.joined(separator: ";\n"))
    }

    @Test(arguments: ["DATABASE", "ROLE"])
    func makeNoDifference(owner: String) async throws {
        let source = workplace.postgres.source
        let name = "peculiar_\(owner)".lowercased()
        try await source.sql("CREATE ROLE \(name) LOGIN SUPERUSER PASSWORD '\(source.password)'")
        try await source.withDatabase(name, Self.schema) {
            try await set("\(owner) \(name)")
            let values = try await source.sql(Self.values, in: name, as: name)
            #expect(values.split(separator: "\n").count == 104)
            try await TargetDatabases.withOne { database in
                try workplace.writeTargets { _, lines in (lines.dbname, lines.username) = (name, name) }
                let dumped = try await workplace.snapshot(
                    "databases", "--targets=targets.yaml", "--only=\(database.rawValue)", "--run")
                #expect(dumped.exit == 0, "\(dumped.errors)")
                try await arrives(values, in: database)
            }
        }
        try await source.sql("DROP ROLE \(name)")
    }

    @Test func makeNoDifferenceToADumpMadeByHand() async throws {
        let source = workplace.postgres.source
        try await source.withDatabase("peculiar_by_hand", Self.schema) {
            try await set("DATABASE peculiar_by_hand")
            let values = try await source.sql(Self.values, in: "peculiar_by_hand")
            try await TargetDatabases.withOne { database in
                try workplace.writeTargets { _, lines in lines.dbname = "peculiar_by_hand" }
                let printed = try await workplace.snapshot(
                    "databases", "--targets=targets.yaml", "--only=\(database.rawValue)")
                let pasted = try await workplace.shell(printed.output, environment: ["PGTZ": "Asia/Tokyo"])
                #expect(pasted.exit == 0, "\(pasted.errors)")
                try await arrives(values, in: database)
            }
        }
    }

    /// Uploads the dump that is here, imports it, and looks at what came of it.
    private func arrives(_ values: String, in database: Database) async throws {
        let uploaded = try await workplace.snapshot(
            "upload", "-bucket=./bucket", "-file=\(database.dumpName)", "--without-summary")
        #expect(uploaded.exit == 0, "\(uploaded.errors)")
        let verified = try await workplace.snapshot("verify", "-bucket=./bucket")
        #expect(verified.exit == 0, "\(verified.errors)")
        let imported = try await workplace.migrate(
            "import", "--bucket=./bucket", "--into=\(workplace.into)", "--database=\(database.rawValue)", "--yes")
        #expect(imported.exit == 0, "\(imported.errors)")
        #expect(imported.errors.contains("\(workplace.serverName) holds exactly the rows that were dumped."))
        #expect(try await workplace.postgres.target.sql(Self.values, in: database.importedName) == values)
    }
}
