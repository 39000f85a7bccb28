extension DatabaseRequirements {
    /// Whether rows are encrypted by keys of the instance's, which the managed one does not have.
    ///
    /// The tables differ from release to release, so the columns are looked for. In them `''` and `unmigrated` stand
    /// for plain text (Sourcegraph 5.1, internal/encryption/helpers.go).
    func encryption(_ tables: BookkeepingTables) async throws -> [Finding] {
        try await checking("encryption") {
            var found: [Finding] = []
            let closed = tables.encryptable.filter { !$0.isOpen }
            if !closed.isEmpty { found.append(unreadable("encryption", closed)) }
            let open = tables.encryptable.filter(\.isOpen)
            let counts = try await encryptedRows(of: open)
            let encrypted = zip(open, counts).filter { $1 > 0 }.map { table, count in
                let rows = count < Self.plenty ? "\(count)" : "\(Self.plenty) or more"
                return "\(table.label) (\(rows))"
            }
            if !encrypted.isEmpty {
                found.append(
                    finding(
                        "encryption", .fail, "Tables have encrypted rows: \(NamedObjects.list(encrypted)).",
                        remedy: InstanceRequirements.decryption))
            }
            return found.isEmpty
                ? [finding("encryption", .pass, "No encrypted rows (\(open.count) tables checked).")]
                : found
        }
    }

    /// One is enough to fail; a few more tell how much there is to do.
    private static let plenty = 1000
    /// Tables of one query: an argument list of the server's takes 100.
    private static let tablesAtOnce = 50

    private func encryptedRows(of tables: [BookkeepingTables.Table]) async throws -> [Int] {
        var counts: [Int] = []
        while counts.count < tables.count {
            let some = tables[counts.count...].prefix(Self.tablesAtOnce)
            let queries = some.map { table in
                """
                (SELECT count(*) FROM (SELECT FROM \(table.quoted) AS t
                    WHERE t.encryption_key_id::text NOT IN ('', 'unmigrated') LIMIT \(Self.plenty)) AS r)
                """
            }
            let sql = "SELECT json_build_array(\(queries.joined(separator: ",\n")))"
            let answer: [Int] = try await questions.answer(to: sql, "Looking for encrypted rows", isQuick: false)
            guard answer.count == some.count else {
                throw MigrationError(.failed, "The server of \(place) counted \(answer.count) tables of \(some.count).")
            }
            counts += answer
        }
        return counts
    }
}
