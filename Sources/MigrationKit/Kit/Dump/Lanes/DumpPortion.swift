/// What pg_dump writes of a database: all of it, or what is put together with the rest under one snapshot.
struct DumpPortion: Sendable, Hashable {
    /// A section of a dump, in pg_dump's words.
    enum Section: String, Sendable, CaseIterable {
        case preData = "pre-data"
        case data
        case postData = "post-data"
    }

    /// Which sections.
    var sections = Section.allCases
    /// Tables whose rows others read.
    var tablesWithoutRows: [TableName] = []
    /// The snapshot that it reads; nil: one of its own.
    var snapshot: SnapshotID?
    /// How long it waits for a lock; nil: as long as it takes.
    var lockTimeout: Duration?

    /// A whole dump under a snapshot of its own.
    static let all = DumpPortion()

    /// pg_dump's flags for it, besides those of every dump.
    var flags: [String] {
        let sections = sections == Section.allCases ? [] : sections.map { "--section=\($0.rawValue)" }
        // In a pattern, what stands in double quotes is a name and nothing else.
        let without = tablesWithoutRows.map { "--exclude-table-data=\($0.quoted)" }
        let lock = lockTimeout.map { ["--lock-wait-timeout=\(Int($0 / .milliseconds(1)))"] } ?? []
        return sections + (snapshot.map { ["--snapshot=\($0)"] } ?? []) + lock + without
    }
}

/// The name of a snapshot that a session has exported, such as `00000003-0000001B-1`.
struct SnapshotID: Sendable, Hashable, CustomStringConvertible {
    let description: String

    /// - Returns: Nil for a text that no server gives.
    init?(_ text: some StringProtocol) {
        guard (1...64).contains(text.utf8.count), text.allSatisfy({ $0 == "-" || $0.isHexDigit && $0.isASCII }) else {
            return nil
        }
        description = String(text)
    }
}
