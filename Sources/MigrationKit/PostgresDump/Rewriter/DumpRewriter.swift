internal import NIOCore

/// Writes a dump again with the statements of a profile's rules commented out, and gathers what the dump holds.
///
/// Bytes that no rule claims come out as they went in. A statement that goes out gets `-- ` at its beginning and after
/// each line end within it, so lines keep their numbers and a person sees what was there.
struct DumpRewriter: DumpVisitor {
    let profile: RewriteProfile
    var output = ByteBuffer()
    /// How many bytes were written before those of `output`.
    var outputStart: Int64 = 0
    /// All that was written and is not in the dump.
    private(set) var insertions: [Insertion] = []
    var facts = DumpFacts()
    var refusals: [Refusal] = []
    /// Whether rows are left alone.
    var judgesOnly = false
    /// Whether there was a statement with credentials, which must not leave the machine.
    private(set) var hasMetCredentials = false

    /// `-- ` is due before the next byte of the statement that is being commented out.
    private var prefix = Prefix.none
    private enum Prefix { case none, due, dueUnlessLineFeed }
    /// The rest of the line stands behind a `--` that we wrote.
    private var lineIsCommented = false
    private var longVerdict = Verdict.keep
    private var longLength = 0
    /// Line comments between statements, for the extensions they may name.
    private var comments = CommentLines()

    /// The COPY whose rows are to come.
    private var openCopy: (statement: String, position: DumpPosition)?

    /// What psql runs after `\restrict KEY` until it meets the same key again.
    var restrictKey: Substring?

    /// A dump with more to refuse than this is refused all the same.
    private static let refusalLimit = 100

    init(profile: RewriteProfile) {
        self.profile = profile
    }

    mutating func statement(_ bytes: UnsafeRawBufferPointer, at position: DumpPosition) -> Bool {
        let tokens = SQLToken.tokens(of: bytes)
        let verdict = verdict(tokens)
        facts.observe(tokens)
        beginLive(verdict)
        switch verdict {
        case .takeOut(let rule):
            note(rule, bytes, length: bytes.count, at: position)
            prefix = .due
            writeCommented(bytes)
            lineIsCommented = true
        case .refuse(let reason):
            refuse(reason, bytes, at: position)
            pass(bytes)
        case .copyData:
            if !judgesOnly, let reason = facts.repetition { refuse(reason, bytes, at: position) }
            openCopy = (Self.text(bytes), position)
            facts.columns.firstLine = position.line + bytes.count { $0 == .lineFeed } + 1
            pass(bytes)
        case .keep:
            pass(bytes)
        }
        return verdict == .copyData
    }

    private mutating func verdict(_ tokens: [SQLToken]) -> Verdict {
        if tokens.first == .word("copy") {
            do {
                facts.beginRows(of: try CopyHeader(tokens))
                return .copyData
            } catch {
                return .refuse(error.reason)
            }
        }
        let verdict = CloudSQLRules.verdict(tokens)
        if verdict == CloudSQLRules.credentials { hasMetCredentials = true }
        if case .takeOut = verdict, profile == .none { return .keep }
        return verdict
    }

    // MARK: Statements longer than the scanner keeps

    mutating func longStatement(head: UnsafeRawBufferPointer, at position: DumpPosition) {
        let tokens = SQLToken.tokens(of: head, limit: 4096)
        longVerdict = verdict(tokens)
        let isUndecided =
            ["alter", "copy"].contains(tokens.first?.name) || longVerdict == .copyData
            || (tokens.first == .word("create") && !tokens.contains(.word("language"))
                && !tokens.contains(.word("table")))
        if isUndecided, longVerdict != CloudSQLRules.credentials {
            longVerdict = .refuse("The statement is longer than 1 MiB, which is too long to check.")
        }
        beginLive(longVerdict)
        longLength = 0
        switch longVerdict {
        case .takeOut(let rule):
            note(rule, head, length: 0, at: position)
            prefix = .due
        case .refuse(let reason): refuse(reason, head, at: position)
        case .keep, .copyData: break
        }
        longStatementTail(head)
    }

    mutating func longStatementTail(_ bytes: UnsafeRawBufferPointer) {
        longLength += bytes.count
        if case .takeOut = longVerdict { writeCommented(bytes) } else { pass(bytes) }
    }

    mutating func longStatementEnd() {
        guard case .takeOut = longVerdict else { return }
        facts.contents.rewrites[facts.contents.rewrites.count - 1].length = longLength
        prefix = .none
        lineIsCommented = true
    }

    // MARK: Between statements

    mutating func gap(_ bytes: UnsafeRawBufferPointer) {
        writeGap(bytes)
        for byte in bytes {
            // What a line filter left of `CREATE EXTENSION` still names an extension.
            if let comment = comments.add(byte) { comment.withUnsafeBytes { facts.observe(comment: $0) } }
        }
        guard let copy = openCopy, bytes.contains(where: { !$0.isSQLSpace }) else { return }
        // psql runs it once the rows are in.
        let reason = "pg_dump writes nothing after a COPY on its line: this dump was changed after it was made."
        refuse(reason, statement: copy.statement, at: copy.position)
        openCopy = nil
    }

    private mutating func writeGap(_ bytes: UnsafeRawBufferPointer) {
        guard lineIsCommented, let end = bytes.firstIndex(where: { $0 != 0x20 && $0 != 0x09 }) else {
            pass(bytes)
            return
        }
        pass(bytes[rebased: 0..<end])
        let endsLine = bytes[end] == .lineFeed || bytes[end] == .carriageReturn
        if endsLine { lineIsCommented = false } else { beginLive(.keep) }
        pass(bytes[rebased: end..<bytes.count])
    }

    mutating func metaCommand(_ bytes: UnsafeRawBufferPointer, at position: DumpPosition, inStatement: Bool) {
        let words = String(decoding: bytes, as: UTF8.self).split {
            $0 == " " || $0 == "\t" || $0 == "\r" || $0 == "\r\n"
        }
        // A second backslash begins a second command.
        let isOne = !inStatement && !bytes.dropFirst().contains(.backslash)
        let command = isOne ? words.first ?? "" : ""
        beginLive(.keep)
        switch command {
        case #"\restrict"#: restrictKey = words.dropFirst().first
        case #"\unrestrict"# where restrictKey == words.dropFirst().first: restrictKey = nil
        case #"\unrestrict"#: refuse(#"\unrestrict does not answer the \restrict before it."#, bytes, at: position)
        case #"\connect"#: break
        default:
            refuse(
                "pg_dump does not write this command of psql, which could run programs on the operator's machine.",
                bytes, at: position
            )
            pass(bytes)
            return
        }
        if profile == .cloudSQL {
            note(command == #"\connect"# ? .database : .restrict, bytes, length: bytes.count, at: position)
            prefix = .due
            writeCommented(bytes)
        } else {
            pass(bytes)
        }
    }

    mutating func ambiguity(at position: DumpPosition) {
        let reason = "psql and the server read this differently: the dump was changed after it was made."
        refuse(reason, statement: "", at: position)
    }

    // MARK: Rows

    mutating func copyData(_ bytes: UnsafeRawBufferPointer) {
        if profile != .none { output.writeBytes(bytes) }
    }
    @inline(__always)
    mutating func row(_ bytes: UnsafeRawBufferPointer, tabs: Int) { if !judgesOnly { facts.row(bytes, tabs: tabs) } }
    mutating func rowFragment(_ bytes: UnsafeRawBufferPointer, tabs: Int) {
        if !judgesOnly { facts.fragment(bytes, tabs: tabs) }
    }
    mutating func rowEnd() { if !judgesOnly { facts.endRow() } }
    mutating func rowAbandoned() { if !judgesOnly { facts.abandonRow() } }
    mutating func copyEnd() {
        openCopy = nil
        facts.endRows()
    }

    // MARK: Writing

    /// Something that must not stand behind our `--` is about to be written.
    private mutating func beginLive(_ verdict: Verdict) {
        comments.reset()
        guard lineIsCommented else { return }
        lineIsCommented = false
        if profile != .none { insert(.lineEnd) }
        facts.contents.rewrites[facts.contents.rewrites.count - 1].addsLineEnd = true
    }

    /// Bytes that stay as they are. Under profile `none` that is all of them, and nobody asks for a copy.
    private mutating func pass(_ bytes: UnsafeRawBufferPointer) {
        if profile != .none { output.writeBytes(bytes) }
    }

    /// A comment of PostgreSQL ends at LF and at CR, so both are followed by `-- `, CR and LF together once.
    private mutating func writeCommented(_ bytes: UnsafeRawBufferPointer) {
        for byte in bytes {
            if prefix == .due || (prefix == .dueUnlessLineFeed && byte != .lineFeed) { insert(.commentMark) }
            output.writeInteger(byte)
            prefix = byte == .lineFeed ? .due : byte == .carriageReturn ? .dueUnlessLineFeed : .none
        }
    }

    private mutating func insert(_ text: Insertion.Text) {
        insertions.append(Insertion(offset: outputStart + Int64(output.readableBytes), text: text))
        output.writeString(text.rawValue)
    }

    private mutating func note(
        _ rule: Rewrite.Rule, _ bytes: UnsafeRawBufferPointer, length: Int, at position: DumpPosition
    ) {
        let rewrite = Rewrite(rule: rule, position: position, length: length, statement: Self.text(bytes))
        facts.contents.rewrites.append(rewrite)
    }

    private mutating func refuse(_ reason: String, _ bytes: UnsafeRawBufferPointer, at position: DumpPosition) {
        let isSecret = CloudSQLRules.credentials == .refuse(reason)
        refuse(reason, statement: isSecret ? Self.textBeforeOptions(bytes) : Self.text(bytes), at: position)
    }

    private mutating func refuse(_ reason: String, statement: String, at position: DumpPosition) {
        guard refusals.count < Self.refusalLimit else { return }
        refusals.append(Refusal(reason: reason, position: position, statement: statement))
    }

    /// The statement for manifests and messages.
    private static func text(_ bytes: UnsafeRawBufferPointer) -> String {
        let limit = Rewrite.statementTextLimit
        let text = String(decoding: bytes.prefix(limit * 4), as: UTF8.self).redacted
        return text.count > limit || bytes.count > limit * 4 ? text.prefix(limit) + "…" : text
    }

    /// What stands before the options of a statement, or before the connection.
    private static func textBeforeOptions(_ bytes: UnsafeRawBufferPointer) -> String {
        var reader = SQLTokenReader(bytes: bytes)
        while let token = reader.next(), token != .word("options"), token != .word("connection") {}
        return text(UnsafeRawBufferPointer(rebasing: bytes[..<reader.index])) + " …"
    }
}
