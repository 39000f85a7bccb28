/// How far an import is: operations do not tell, but the database does where it can be asked. If it cannot, the clock
/// says what it should be.
struct CloudSQLProgress: Sendable {
    let load: DumpLoad
    let admin: CloudSQLAdmin
    let connection: PostgresImporter?
    let onProgress: @Sendable (Int64, String?) -> Void
    private let start = ContinuousClock.now

    init(
        load: DumpLoad, admin: CloudSQLAdmin, connection: PostgresImporter?,
        onProgress: @escaping @Sendable (Int64, String?) -> Void
    ) {
        self.load = load
        self.admin = admin
        self.connection = connection
        self.onProgress = onProgress
    }

    /// The COPY that is running.
    private struct Copy: Decodable {
        var table: TableName
        var rows: Int
        var bytes: Int64
    }

    private static let question = """
        SELECT coalesce((SELECT json_agg(json_build_object('table',
            json_build_object('schema', n.nspname, 'name', c.relname), 'rows', p.tuples_processed,
            'bytes', p.bytes_processed))
          FROM pg_stat_progress_copy p JOIN pg_class c ON c.oid = p.relid JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE p.datname = current_database() AND p.command = 'COPY FROM'), '[]')
        """

    /// Tells how far it is. That nobody can be asked is no reason to fail.
    func look(at operation: CloudSQLOperation) async {
        if operation.status == "PENDING" { return onProgress(0, "waiting to start") }
        guard let copy = await copy() else {
            let elapsed = ContinuousClock.now - start
            let guess = Int64(elapsed / .seconds(1)) * DumpLoad.bytesPerSecond
            return onProgress(min(guess, load.size * 95 / 100), "estimated")
        }
        onProgress(min(load.size, bytes(at: copy)), "\(copy.table), \(Quantity.count(copy.rows)) rows")
    }

    private func copy() async -> Copy? {
        let database = load.database.importedName
        if let connection {
            let running: [Copy]? = try? await connection.query(Self.question, database: database)
            return running?.first
        }
        guard (try? await admin.get())?.allowsSQL == true,
            let text = try? await admin.executeSQL(Self.question, in: database)
        else { return nil }
        return try? JSONText.decode([Copy].self, from: Array(text.utf8)).first
    }

    /// A dump tells how many rows there are before a table, and so about how many bytes. Of a part it is not known with
    /// which table it begins.
    private func bytes(at copy: Copy) -> Int64 {
        let contents = load.dump.contents
        guard !load.isPart, contents.rows > 0,
            let index = contents.tables.firstIndex(where: { $0.table == copy.table })
        else { return copy.bytes }
        let rows = Quantity.sum(contents.tables[..<index].map(\.rows) + [copy.rows])
        return Int64(Double(load.size) * min(1, Double(rows) / Double(contents.rows)))
    }
}
