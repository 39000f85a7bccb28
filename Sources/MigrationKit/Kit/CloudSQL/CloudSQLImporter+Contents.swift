extension CloudSQLImporter {
    /// What the database holds: rows and digests where there is a connection, else rows alone, which the database counts.
    public func contents(
        of database: Database, as dumped: DumpContents,
        onProgress: @escaping @Sendable (TableName, _ bytes: Int64) -> Void
    ) async throws -> DestinationContents {
        if let connection {
            try await checkIsSameServer(connection)
            return try await connection.contents(of: database, as: dumped, onProgress: onProgress)
        }
        let counted: Counted = try await ask(try Self.counting(dumped), in: database.importedName, as: importUser)
        guard counted.rows.count == dumped.tables.count, counted.sequences.count == dumped.sequences.count else {
            throw MigrationError(.failed, "\(serverName) counted other tables than requested.")
        }
        let tables = zip(dumped.tables, counted.rows).compactMap { expected, rows -> TableContents? in
            guard rows >= 0 else { return nil }
            var found = expected
            // Nobody has looked at what is in the rows: that is no digest.
            (found.rows, found.digest) = (rows, "")
            return found
        }
        let sequences = zip(dumped.sequences, counted.sequences).compactMap { expected, found in
            found.map { SequenceState(sequence: expected.sequence, lastValue: $0.value, isCalled: $0.isCalled) }
        }
        return DestinationContents(
            tables: tables, sequences: sequences, unexpectedTables: counted.unexpected.sorted(),
            invalidIndexes: counted.invalidIndexes, extensions: Set(counted.extensions))
    }

    /// Whether what is in the rows is proven, and not only how many there are.
    public var provesContents: Bool { connection != nil }

    /// A connection could lead to another server, where all may be well: an instance's clone, too, has all of its names
    /// and numbers. But it was not started in the same microsecond.
    func checkIsSameServer(_ connection: PostgresImporter) async throws {
        let question = "SELECT to_json(extract(epoch FROM pg_postmaster_start_time())::text)"
        let there: String = try await connection.query(question)
        let here: String = try await ask(CloudSQLAssertion(question), in: "postgres")
        guard here == there else { throw otherServer(connection) }
    }

    func otherServer(_ connection: PostgresImporter) -> MigrationError {
        MigrationError(
            .unmetRequirement, "--connection leads to \(connection.serverName), which is not \(serverName).",
            next: "Use the address of \(serverName), or of a proxy to it.")
    }

    private struct Counted: Decodable {
        /// In the order of the dump's tables; below zero: there is none, or not with these columns.
        var rows: [Int]
        var sequences: [Sequence?]
        var unexpected: [TableName]
        var invalidIndexes: [String]
        var extensions: [String]

        struct Sequence: Decodable {
            var value: Int64
            var isCalled: Bool
        }
    }

    /// The lists go as JSON, so that the server takes them apart and nothing has to be quoted but them.
    private static func counting(_ dumped: DumpContents) throws -> CloudSQLAssertion {
        struct Asked: Encodable {
            var schema: String
            var name: String
            var columns: [String]?
            var isPartitioned: Bool?
        }
        let tables = dumped.tables.map {
            Asked(
                schema: $0.table.schema, name: $0.table.name, columns: $0.columns,
                isPartitioned: $0.isPartitioned ?? false)
        }
        let sequences = dumped.sequences.map { Asked(schema: $0.sequence.schema, name: $0.sequence.name) }
        return CloudSQLAssertion(
            body: """
                SELECT array_agg(to_regclass(format('%I.%I', t.schema, t.name))::oid) INTO listed
                  FROM json_to_recordset(tables) AS t (schema text, name text);
                FOR one IN SELECT * FROM json_to_recordset(tables)
                  AS t (schema text, name text, columns json, "isPartitioned" bool) LOOP
                  SELECT count(*) INTO n FROM json_array_elements_text(one.columns) AS c (name)
                    WHERE NOT EXISTS (SELECT FROM pg_attribute a JOIN pg_class r ON r.oid = a.attrelid
                      JOIN pg_namespace s ON s.oid = r.relnamespace
                      WHERE s.nspname = one.schema AND r.relname = one.name AND a.attname = c.name
                        AND r.relkind = CASE WHEN one."isPartitioned" THEN 'p' ELSE 'r' END
                        AND a.attnum > 0 AND NOT a.attisdropped);
                  IF n > 0 OR to_regclass(format('%I.%I', one.schema, one.name)) IS NULL THEN n := -1;
                  ELSIF one."isPartitioned" THEN
                    EXECUTE format('SELECT count(*) FROM %I.%I WHERE tableoid <> ALL ($1)', one.schema, one.name)
                      INTO n USING array_remove(listed, NULL);
                  ELSE EXECUTE format('SELECT count(*) FROM ONLY %I.%I', one.schema, one.name) INTO n;
                  END IF;
                  counts := counts || n;
                END LOOP;
                FOR one IN SELECT * FROM json_to_recordset(sequences) AS t (schema text, name text) LOOP
                  state := NULL;
                  IF to_regclass(format('%I.%I', one.schema, one.name)) IS NOT NULL THEN
                    EXECUTE format('SELECT json_build_object(''value'', last_value, ''isCalled'', is_called) FROM %I.%I',
                      one.schema, one.name) INTO state;
                  END IF;
                  states := array_append(states, state);
                END LOOP;
                answer := json_build_object('rows', counts, 'sequences', states,
                  'unexpected', (SELECT coalesce(json_agg(json_build_object('schema', n.nspname, 'name', c.relname)), '[]')
                    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                    WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema')
                      AND n.nspname !~ '^pg_(toast|temp)'
                      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
                        AND d.objid = c.oid AND d.deptype = 'e')
                      AND NOT EXISTS (WITH RECURSIVE kin (oid) AS (SELECT c.oid UNION ALL SELECT i.inhparent
                          FROM kin JOIN pg_inherits i ON i.inhrelid = kin.oid WHERE c.relispartition)
                        SELECT FROM kin JOIN pg_class k ON k.oid = kin.oid JOIN pg_namespace s ON s.oid = k.relnamespace
                        JOIN json_to_recordset(tables) AS t (schema text, name text)
                          ON t.schema = s.nspname AND t.name = k.relname)),
                  'invalidIndexes', (SELECT coalesce(json_agg(indexrelid::regclass::text), '[]') FROM pg_index
                    WHERE NOT indisvalid OR NOT indisready),
                  'extensions', (SELECT coalesce(json_agg(extname), '[]') FROM pg_extension))::text;
                """,
            declarations: """
                tables json := \(try JSONText.encode(tables, pretty: false).quotedAsLiteral);
                sequences json := \(try JSONText.encode(sequences, pretty: false).quotedAsLiteral);
                listed oid[]; one record; n bigint; state json; counts bigint[] := '{}'; states json[] := '{}';
                """)
    }
}
