/// A server that dumps are loaded into.
///
/// A conformer owes:
/// - ``reset(_:terminatingConnections:for:)`` ends with an empty database of the right name, whatever was there, and may be called again.
/// - ``load(_:from:for:onProgress:)`` says whether all of it is in the database. Where ``fetchesObjects`` is false it is all
///   or nothing, and goes with the process that asked for it.
/// - ``contents(of:as:onProgress:)`` is computed from what the server holds, never from what was sent.
///
/// What changes something is told for which step that is: an importer whose operations outlive their caller notes them in
/// the journal below that step, so that the next run finds them.
public protocol DatabaseImporter: Sendable {
    /// The server, for messages; what is typed to confirm that it may be overwritten.
    var serverName: String { get }

    /// Whether the server fetches objects from the bucket by itself: part by part, and on when we are gone. A load that
    /// was asked for by a run that died is then found again, and not asked for twice.
    var fetchesObjects: Bool { get }

    /// Whether ``contents(of:as:onProgress:)`` gives digests of rows, and does not only count them.
    var provesContents: Bool { get }

    /// What tells this server from all others, also from one that had its name before.
    func identity() async throws -> String

    /// What is on the server now, and whether it can do what an import needs of it.
    ///
    /// What the import does before its rows come is tried in a scratch database, which is dropped again: a right that is
    /// lacking has to show before anything is lost.
    ///
    /// - Parameters:
    ///   - databases: Which databases are asked about.
    ///   - extensions: What the dumps need; nil: nothing is going to be imported, so nothing is tried and no rows are
    ///     counted.
    func describe(_ databases: [Database], needing extensions: [RequiredExtension]?) async throws -> DestinationState

    /// The release of Sourcegraph that the databases are of, by their own account; nil where they cannot be asked.
    func release() async throws -> String?

    /// Keeps a copy of what the databases hold, to which ``restore(_:of:terminatingConnections:for:)`` goes back.
    ///
    /// - Parameters:
    ///   - databases: Which; those that are not there are left out.
    ///   - step: The step of the migration that it is made for. A copy that was made for it before is replaced.
    /// - Returns: What the copy is called.
    func backUp(_ databases: [Database], for step: JournaledStep) async throws -> String

    /// Checks that a copy can be brought back: it is there, and nobody keeps the databases from being replaced. Changes
    /// nothing.
    ///
    /// - Parameters:
    ///   - copy: What ``backUp(_:for:)`` has called it.
    ///   - databases: Which.
    ///   - isTolerated: Whether a session is none that is in the way; where the server ends all of them, nobody is asked.
    /// - Throws: ``MigrationError`` with code `unmet-requirement`.
    func checkCopy(
        _ copy: String, of databases: [Database],
        tolerating isTolerated: @escaping @Sendable (DestinationState.Connection) -> Bool
    ) async throws

    /// Goes back to a copy, which stays. An error with code `unmet-requirement` says that nothing was changed.
    ///
    /// - Parameters:
    ///   - copy: What ``backUp(_:for:)`` has called it.
    ///   - databases: Which; a server may bring all of its databases back at once.
    ///   - terminatingConnections: Whether other sessions are ended; else they are an error.
    ///   - step: The step that it is done for.
    func restore(
        _ copy: String, of databases: [Database], terminatingConnections: Bool, for step: JournaledStep
    ) async throws

    /// The copies that ``backUp(_:for:)`` has kept, of whatever migration, and that are still there.
    func copies() async throws -> [DatabaseCopy]

    /// Removes a copy, and waits until it is gone.
    ///
    /// - Parameters:
    ///   - copy: One of ``copies()``.
    ///   - step: The step that it is done for.
    func remove(_ copy: DatabaseCopy, for step: JournaledStep) async throws

    /// Drops the database and makes it again, empty.
    func reset(_ database: Database, terminatingConnections: Bool, for step: JournaledStep) async throws

    /// Makes the extensions that the dump's objects need.
    func create(_ extensions: [RequiredExtension], in database: Database, for step: JournaledStep) async throws

    /// Loads a dump, or a part of one.
    ///
    /// - Parameters:
    ///   - load: What, and where to.
    ///   - store: The bucket that it is in.
    ///   - step: The step that it is done for.
    ///   - onProgress: Called now and then, with the bytes so far and what is passing.
    func load(
        _ load: DumpLoad, from store: any ObjectStore, for step: JournaledStep,
        onProgress: @escaping @Sendable (Int64, String?) -> Void
    ) async throws

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

    /// Leaves a mark on databases, by which an instance is shown to use these and no others. Neither their contents nor
    /// their dumps show it.
    ///
    /// - Parameters:
    ///   - databases: Which.
    ///   - mark: `mi-migrate:` and some letters and digits; behind it comes the database's own name, such as `codeintel`.
    ///   - step: The step that it is done for.
    func mark(_ databases: [Database], with mark: String, for step: JournaledStep) async throws

    /// Gathers planner statistics, which a dump does not carry.
    func analyze(_ database: Database, for step: JournaledStep) async throws
}
