/// A server that dumps are loaded into.
///
/// A conformer owes:
/// - ``reset(_:terminatingConnections:)`` ends with an empty database of the right name, whatever was there, and may be called again.
/// - ``load(_:into:whole:)`` is all or nothing: a stream that throws, or that `whole` refuses, leaves the database as it
///   was.
/// - ``contents(of:as:onProgress:)`` is computed from what the server holds, never from what was sent.
public protocol DatabaseImporter: Sendable {
    /// The server, for messages.
    var serverName: String { get }

    /// What is on the server now.
    func describe(_ databases: [Database]) async throws -> DestinationState

    /// Drops the database and makes it anew, empty.
    func reset(_ database: Database, terminatingConnections: Bool) async throws

    /// Makes the extensions that the dump's objects need.
    func create(_ extensions: [RequiredExtension], in database: Database) async throws

    /// Loads a dump.
    ///
    /// - Parameters:
    ///   - dump: The dump, fit for the server.
    ///   - database: Which database to load it into.
    ///   - whole: Called when the stream has ended; a throw undoes the load.
    func load(_ dump: ByteStream, into database: Database, whole: @Sendable () async throws -> Void) async throws

    /// What the database holds.
    ///
    /// - Parameters:
    ///   - database: Which.
    ///   - dumped: What the dump holds: its tables, columns and sequences are read. Rows are digested as the dumped
    ///     server would have written them.
    ///   - onProgress: Called now and then, with the table that is read and the bytes so far.
    func contents(
        of database: Database, as dumped: DumpContents,
        onProgress: @escaping @Sendable (TableName, _ bytes: Int64) -> Void
    ) async throws -> DestinationContents

    /// Gathers planner statistics, which a dump does not carry.
    func analyze(_ database: Database) async throws
}

/// A server before an import.
public struct DestinationState: Sendable {
    /// Version as a number, such as 150018.
    public var versionNumber: Int
    /// Databases of the names we import to that are there already.
    public var existing: [Existing]
    /// Who is connected to them.
    public var connections: [Connection]
    /// Extensions that the server can create.
    public var availableExtensions: Set<String>

    /// Major version.
    public var major: Int { versionNumber / 10_000 }

    /// A database that an import would drop.
    public struct Existing: Sendable, Codable {
        /// Its name.
        public var name: String
        /// Bytes on disk.
        public var size: Int64
        /// Rows, by the server's statistics; nil where nobody can connect to count them.
        public var rows: Int?
    }

    /// A session of somebody else.
    public struct Connection: Sendable, Codable {
        /// The database it is in.
        public var database: String
        /// What the application calls itself.
        public var application: String
        /// Where it comes from.
        public var address: String
        /// Its role.
        public var role: String
    }
}

/// What a server holds after an import.
public struct DestinationContents: Sendable {
    /// Tables that were asked for and are there, as they are.
    public var tables: [TableContents]
    /// Sequences that were asked for and are there.
    public var sequences: [SequenceState]
    /// Tables that nobody asked for, extensions' own left out.
    public var unexpectedTables: [TableName]
}
