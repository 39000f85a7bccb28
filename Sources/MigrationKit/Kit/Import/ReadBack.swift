internal import NIOCore

/// The psql script that prints tables as COPY text and sequences as rows, with a line between them that no data can be
/// mistaken for.
struct ReadBackScript: Sendable {
    let tables: [Table]
    let sequences: [SequenceState]
    let style: Style
    /// Begins the lines in between: random, so that no row was made to look like it.
    let mark: String

    /// Settings of the dumping session that show in rows and are not the same for all dumps.
    struct Style: Sendable {
        /// How binary columns are written: pg_dump leaves that to the source.
        var byteaOutput: String
        /// How names are written in columns such as `regclass`: by pg_dump's `--quote-all-identifiers`.
        var quotesAllIdentifiers: Bool

        static let usual = Style(byteaOutput: "hex", quotesAllIdentifiers: true)
        /// What else a dump may have been made with: tried on tables that seem to differ. No text of either style can
        /// tell of other rows than the other's.
        static let others = [
            Style(byteaOutput: "escape", quotesAllIdentifiers: true),
            Style(byteaOutput: "hex", quotesAllIdentifiers: false),
            Style(byteaOutput: "escape", quotesAllIdentifiers: false),
        ]

        var settings: String {
            "SET LOCAL bytea_output = '\(byteaOutput)'; SET LOCAL quote_all_identifiers = \(quotesAllIdentifiers);\n"
        }
    }

    struct Table: Sendable {
        let contents: TableContents
        /// How its floats are written, where the dump has them in another way than the server.
        let floats: LegacyFloatText?
        /// Partitions of it whose rows the dump has apart from it.
        var apart: [TableName] = []
        /// The blocks that are read; nil: all of them.
        var blocks: Blocks?

        /// A stretch of a table.
        struct Blocks: Sendable {
            var start: Int64
            /// Nil: to the table's end, wherever that is.
            var end: Int64?
        }

        /// What COPY reads: a partitioned table, and a stretch, only as a query.
        fileprivate var source: String {
            let columns = contents.columns.map(\.quotedAsIdentifier).joined(separator: ", ")
            if let blocks {
                let end = blocks.end.map { " AND ctid < '(\($0),0)'" } ?? ""
                return "(SELECT \(columns) FROM ONLY \(contents.table.quoted)"
                    + " WHERE ctid >= '(\(blocks.start),0)'\(end))"
            }
            guard contents.isPartitioned == true else {
                return contents.table.quoted + (columns.isEmpty ? "" : " (\(columns))")
            }
            let others = apart.map { "\($0.quoted.quotedAsLiteral)::regclass" }.joined(separator: ", ")
            return "(SELECT \(columns) FROM \(contents.table.quoted)"
                + (apart.isEmpty ? ")" : " WHERE tableoid NOT IN (\(others)))")
        }
    }

    init(tables: [Table], sequences: [SequenceState], style: Style = .usual) {
        self.tables = tables
        self.style = style
        self.sequences = sequences
        let random = (UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max))
        mark = "mi-migrate-\(String(random.0, radix: 36))\(String(random.1, radix: 36))"
    }

    /// What pg_dump sets when it reads rows, so that the same rows are the same text; a database's own limits end first.
    private static let settings = """
        BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
        SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0;
        SELECT set_config('transaction_timeout', '0', true) WHERE current_setting('server_version_num')::int >= 170000;
        SET LOCAL datestyle = 'ISO'; SET LOCAL intervalstyle = 'postgres'; SET LOCAL extra_float_digits = 3;
        SET LOCAL timezone = 'UTC'; SET LOCAL client_encoding = 'UTF8';
        SET LOCAL row_security = off; SET LOCAL synchronize_seqscans = off; SET LOCAL search_path = '';

        """

    var text: String {
        var text = Self.settings + style.settings
        for table in tables { text += "\\echo \(mark)\nCOPY \(table.source) TO STDOUT;\n" }
        text += "\\echo \(mark)\n"
        for sequence in sequences { text += "SELECT last_value, is_called FROM \(sequence.sequence.quoted);\n" }
        return text + "\\echo \(mark)\nCOMMIT;\n"
    }
}

/// Takes apart what a ``ReadBackScript`` printed.
actor ReadBackReader {
    private let script: ReadBackScript
    private let mark: [UInt8]
    private let onProgress: @Sendable (TableName, Int64) -> Void
    private var bytes: Int64 = 0

    /// How many marks have come: 1 as the first table begins.
    private var marks = 0
    private var digest = ContentDigest()
    private var digests: [ContentDigest] = []
    private var sequences: [SequenceState] = []
    /// The line that the last chunk left open.
    private var open: [UInt8] = []

    init(script: ReadBackScript, onProgress: @escaping @Sendable (TableName, Int64) -> Void) {
        self.script = script
        self.mark = Array(script.mark.utf8)
        self.onProgress = onProgress
    }

    func take(_ chunk: ByteBuffer) throws {
        try chunk.withUnsafeReadableBytes { bytes in
            var start = 0
            while let end = bytes[start...].firstIndex(of: .lineFeed) {
                if open.isEmpty {
                    try line(bytes[rebased: start..<end])
                } else {
                    open.append(contentsOf: bytes[start..<end])
                    try open.withUnsafeBytes { try line($0) }
                    open.removeAll(keepingCapacity: open.count <= 1 << 20)
                }
                start = end + 1
            }
            open.append(contentsOf: bytes[start...])
        }
        bytes += Int64(chunk.readableBytes)
        if marks > 0, marks <= script.tables.count { onProgress(script.tables[marks - 1].contents.table, bytes) }
    }

    /// - Returns: The digest of each of the script's tables, and its sequences.
    /// - Throws: ``MigrationError`` if the last mark has not come: then not all was read.
    func result() throws -> (digests: [ContentDigest], sequences: [SequenceState]) {
        guard marks == script.tables.count + 2, sequences.count == script.sequences.count, open.isEmpty else {
            throw MigrationError(
                .failed, "psql ended before all tables were read back.", next: "Run the same command again.")
        }
        return (digests, sequences)
    }

    private func line(_ line: UnsafeRawBufferPointer) throws {
        if line.count == mark.count, line.elementsEqual(mark) {
            endTable()
            marks += 1
        } else if marks > script.tables.count {
            try sequence(line)
        } else if marks > 0, let floats = script.tables[marks - 1].floats {
            floats.rewrite(line).withUnsafeBytes { digest.add(row: $0) }
        } else if marks > 0 {
            digest.add(row: line)
        }
    }

    private func endTable() {
        guard marks > 0, marks <= script.tables.count else { return }
        digests.append(digest)
        digest = ContentDigest()
    }

    private func sequence(_ line: UnsafeRawBufferPointer) throws {
        let fields = String(decoding: line, as: UTF8.self).split(separator: "|")
        guard fields.count == 2, let value = Int64(fields[0]), sequences.count < script.sequences.count else {
            throw MigrationError(
                .failed, "psql printed `\(String(decoding: line.prefix(80), as: UTF8.self).printable)` for a sequence.")
        }
        let sequence = script.sequences[sequences.count].sequence
        sequences.append(SequenceState(sequence: sequence, lastValue: value, isCalled: fields[1] == "t"))
    }
}
