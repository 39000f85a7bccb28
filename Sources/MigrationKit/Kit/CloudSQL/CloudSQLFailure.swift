/// What an operation that has failed tells: for an import the text of psql, its own output first and what it complained
/// of behind it.
struct CloudSQLFailure: Sendable {
    /// Google's word for the failure.
    let code: String
    /// The server's first error; else all that was told.
    let message: String
    /// What stands below it: the statement, the line, the context.
    let details: [String]
    private let text: String

    private static let detailLimit = 20
    /// An error is a sentence; where none was found, this is the beginning of whatever was told.
    private static let messageLimit = 1000

    init(_ failure: CloudSQLOperation.Errors.Item) {
        code = failure.code ?? "unknown"
        text = failure.message ?? ""
        let lines = Self.complaint(in: failure.message ?? "").split(whereSeparator: \.isNewline)
            .map(\.trimmed).filter { !$0.isEmpty }
        let first = lines.firstIndex(where: Self.isError) ?? 0
        // A psql that was killed complains of nothing; how it ended is told before all else.
        let sentence =
            lines.isEmpty ? failure.message?.split(whereSeparator: \.isNewline).first.map(String.init) : lines[first]
        message = sentence.map { String($0.prefix(Self.messageLimit)).printable } ?? "no reason was given"
        details = lines.dropFirst(first + 1).prefix(Self.detailLimit).map(\.printable)
    }

    /// What psql complained of, without what it printed before. That may be long and hold the same word; and so may the
    /// row that an error shows, which stands behind the error and not at the beginning of a line.
    private static func complaint(in told: String) -> Substring {
        let all = told.ranges(of: "stderr:").map(\.upperBound)
        let withError = all.filter { isError(told[$0...]) }
        let atLineStart = withError.filter { end in
            let start = told.index(end, offsetBy: -"stderr:".count)
            return start == told.startIndex || told[told.index(before: start)].isNewline
        }
        return (atLineStart.last ?? withError.last ?? all.last).map { told[$0...] } ?? told[...]
    }

    private static func isError(_ text: some StringProtocol) -> Bool {
        text.contains("ERROR:") || text.contains("FATAL:")
    }

    /// The server's or Google's trouble, not the dump's: the same may go well the next time. The database did not refuse
    /// anything, or not for what it was sent.
    var isTransient: Bool {
        Self.transientCodes.contains(code) || !Self.isError(message)
            || ServerTrouble(message)?.isTransient == true
    }
    private static let transientCodes = ["INTERNAL_ERROR", "INTERNAL", "UNAVAILABLE", "RETRY_TRANSIENT_ERROR"]

    /// What an assertion found, between its marks; nil if the failure is one.
    func answer(marked mark: String) -> String? {
        let marks = text.ranges(of: mark)
        guard marks.count >= 2 else { return nil }
        return String(text[marks[0].upperBound..<marks[1].lowerBound])
    }

    /// Whether an answer began and was cut off.
    func isCut(marked mark: String) -> Bool { text.ranges(of: mark).count == 1 }

    /// Whether a part of a split dump says that it is in the database already: it notes itself where the first part has
    /// made room for that, and the last part takes that away.
    func says(isThere kind: DumpPart.Kind) -> Bool {
        switch kind {
        case .whole, .extensions: false
        case .schema: message.contains("schema \"\(SplitText.schema)\" already exists")
        case .data: message.contains("duplicate key") && message.contains("parts_pkey")
        case .indexes: message.contains("\(SplitText.schema).parts\" does not exist")
        }
    }

    /// The parts of a split dump that its last part misses.
    func missingParts(of dump: SnapshotManifest.DatabaseEntry) -> [String] {
        guard message.contains("These parts of the dump are not imported") else { return [] }
        return dump.parts.map(\.object.name).filter(message.contains)
    }
}
