/// What one dump holds, told by the dump itself.
public struct DumpContents: Sendable, Hashable, Codable {
    /// Version of the server that was dumped, as pg_dump wrote it, such as `15.18 (Debian 15.18-0+deb12u1)`.
    public var serverVersion: String?
    /// Version of the pg_dump that wrote it.
    public var pgDumpVersion: String?
    /// Version of Sourcegraph: the row of table `versions` for the service `frontend`.
    public var sourcegraphVersion: String?
    /// Version of Sourcegraph that the instance began with, where the dump tells it.
    public var firstVersion: String?
    /// Migrations of data that are not finished; nil: the dump has no table of them, or a manifest of an older program does
    /// not tell.
    package var outOfBandMigrations: [OutOfBandState]?
    /// Rows that are encrypted, by table; nil in a manifest of an older program.
    package var encryptedRows: [EncryptedRows]?
    /// State of the schema migrations, where the dump has tables of them.
    package var migrations: [SchemaMigrationState] = []
    /// Extensions that the dump's objects need, `plpgsql` left out.
    public var extensions: [RequiredExtension] = []
    /// Tables in the dump's order.
    public var tables: [TableContents] = []
    /// Sequences and where they stand.
    public var sequences: [SequenceState] = []
    /// What was commented out for the destination.
    public var rewrites: [Rewrite] = []
    /// What may have been left out when the dump was made; nil in a manifest of an older program.
    package var gaps: DumpGaps?

    /// An empty dump's.
    public init() {}

    /// Major version of the server that was dumped.
    public var serverMajor: Int? { serverVersion.flatMap { Int($0.prefix { $0.isNumber }) } }

    /// Rows of all tables.
    public var rows: Int { Quantity.sum(tables.map(\.rows)) }
}

/// An extension, and the schema its objects are in.
public struct RequiredExtension: Sendable, Hashable, Codable {
    /// The extension's name.
    public var name: String
    /// The schema that `CREATE EXTENSION … WITH SCHEMA` names.
    public var schema: String?

    /// An extension; see the properties.
    public init(name: String, schema: String? = nil) {
        self.name = name
        self.schema = schema
    }

    /// The statement that makes it where it is not there, without its `;`.
    package var creation: String {
        let place = schema.map { " WITH SCHEMA \($0.quotedAsIdentifier)" } ?? ""
        return "CREATE EXTENSION IF NOT EXISTS \(name.quotedAsIdentifier)\(place)"
    }
}

/// One table of a dump.
public struct TableContents: Sendable, Hashable, Codable {
    /// The table.
    public var table: TableName
    /// The columns of its COPY, in order: all but generated ones.
    public var columns: [String]
    /// How many rows.
    public var rows: Int
    /// Sum of the rows' hashes as 32 hexadecimal digits: see `ContentDigest`.
    public var digest: String
    /// Whether its rows are those of its partitions, which pg_dump has written one after the other; nil: no.
    public var isPartitioned: Bool?

    /// A table; see the properties.
    public init(table: TableName, columns: [String], rows: Int, digest: String, isPartitioned: Bool? = nil) {
        (self.table, self.columns, self.rows) = (table, columns, rows)
        (self.digest, self.isPartitioned) = (digest, isPartitioned)
    }
}

/// Where a sequence stands, by the dump's `setval`.
public struct SequenceState: Sendable, Hashable, Codable {
    /// The sequence.
    public var sequence: TableName
    /// Its last value.
    public var lastValue: Int64
    /// Whether that value has been given out.
    public var isCalled: Bool

    /// A sequence; see the properties.
    public init(sequence: TableName, lastValue: Int64, isCalled: Bool) {
        self.sequence = sequence
        self.lastValue = lastValue
        self.isCalled = isCalled
    }
}

/// The schema migrations that a dump's bookkeeping table tells of.
package struct SchemaMigrationState: Sendable, Hashable, Codable {
    /// The bookkeeping schema, such as `schema_migrations` or `codeintel_schema_migrations`.
    package var schema: String
    /// How many migrations are applied.
    package var applied: Int
    /// Versions that have failed or are not finished: the database is dirty.
    package var unfinished: [String]
}
