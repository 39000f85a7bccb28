internal import NIOCore

/// Writes what a scanner finds in a dump into parts.
struct SplitWriter: Sendable {
    let names: PartNames
    /// How large parts with rows are; nil: it is told where they are cut.
    let size: Int64?

    private(set) var facts = DumpFacts()
    private var text = SplitText()
    private var comments = CommentLines()
    private var hasStatement = false

    /// The part that is written; nil before the first byte and behind the last.
    private var part: SplitPart?
    private var finished: [SplitPart] = []
    /// How many parts of each kind there are so far.
    private var begun: [DumpPart.Kind: Int] = [:]
    private var output = ByteBuffer()
    private var pieces: [SplitPiece] = []
    /// Bytes of the dump so far, and the last two of them.
    private var offset: Int64 = 0
    private var lastBytes: (UInt8, UInt8) = (0, 0)

    private var copy: OpenCopy?
    private var isInHeaderLine = false
    /// The part is full, and either the COPY's end comes next or another row, with which a new part begins.
    private var isCutDue = false

    private var refusal: MigrationError?

    init(names: PartNames, size: Int64?) {
        self.names = names
        self.size = size
    }

    /// What has been found, since the last time.
    mutating func takePieces() throws -> [SplitPiece] {
        if let refusal { throw refusal }
        flush()
        defer { pieces = [] }
        return pieces
    }

    // MARK: Parts

    private var kind: DumpPart.Kind { part?.kind ?? .schema }

    /// Whether the part has the wanted size, and something of the dump in it.
    private var isFull: Bool { part.map { $0.length > 0 && missing == 0 } ?? false }

    /// How many bytes the part could still take.
    private var missing: Int64 {
        guard let part, let size else { return .max }
        return max(0, size - part.length - Int64(part.prologue.readableBytes))
    }

    private mutating func begin(_ kind: DumpPart.Kind) {
        let number = begun[kind, default: 0] + 1
        begun[kind] = number
        let name = names.name(kind, number)
        let prologue =
            switch kind {
            case .whole, .schema: text.beforeSchema(name)
            case .extensions: text.extensions(name, facts.contents.extensions)
            case .data: text.beforeData(name, copy)
            case .indexes: text.beforeIndexes(name, finished.filter { $0.kind != .extensions }.map(\.name))
            }
        if kind == .data, number > DumpPart.dataLimit {
            refuse("It would need more than \(DumpPart.dataLimit) parts.", next: "Choose a larger size with --split.")
        }
        if prologue.readableBytes > DumpPart.additionLimit {
            refuse("The statements that each part would have to repeat are too large.")
        }
        let new = SplitPart(kind: kind, name: name, start: offset, prologue: prologue)
        pieces.append(.begin(new))
        part = new
        output = prologue
    }

    private mutating func end(_ epilogue: ByteBuffer) {
        guard var ended = part else { return }
        output.writeImmutableBuffer(epilogue)
        flush()
        (ended.epilogue, ended.hasEnded) = (epilogue, true)
        pieces.append(.end(ended))
        finished.append(ended)
        part = nil
    }

    private mutating func end() { end(text.end(of: kind)) }

    private mutating func flush() {
        if output.readableBytes > 0 { pieces.append(.text(output)) }
        output = ByteBuffer()
    }

    private mutating func endSchema() {
        if part == nil { begin(.schema) }
        end()
        begin(.extensions)
        end(ByteBuffer())
        begin(.data)
    }

    /// Cuts where a dump has been cut before.
    ///
    /// - Returns: Whether parts with rows can be cut here.
    mutating func cut() -> Bool {
        guard kind == .data, !isInHeaderLine else { return false }
        if copy == nil {
            end()
            begin(.data)
        } else {
            cutInRows()
        }
        return true
    }

    /// A line has just ended: whatever is added ends its lines as that one.
    private mutating func cutInRows() {
        isCutDue = false
        let lineEnd: [UInt8] = lastBytes.0 == .carriageReturn ? [.carriageReturn, .lineFeed] : [.lineFeed]
        copy?.lineEnd = lineEnd
        end(text.end(of: .data, copy))
        begin(.data)
    }

    mutating func finish() {
        copy = nil
        if kind == .schema { endSchema() }
        if kind == .data {
            end()
            begin(.indexes)
        }
        end()
    }

    private mutating func write(_ bytes: UnsafeRawBufferPointer) {
        guard let last = bytes.last else { return }
        if part == nil { begin(.schema) }
        output.writeBytes(bytes)
        part?.length += Int64(bytes.count)
        offset += Int64(bytes.count)
        lastBytes = (bytes.count > 1 ? bytes[bytes.count - 2] : lastBytes.1, last)
    }

    private mutating func refuse(_ reason: String, next: String = "Upload it without --split.") {
        guard refusal == nil else { return }
        refusal = MigrationError(
            .damagedSnapshot, "\(names.database.dumpName) cannot be split. \(reason)", next: next)
    }
}

extension SplitWriter: DumpVisitor {
    // MARK: Statements

    mutating func statement(_ bytes: UnsafeRawBufferPointer, at position: DumpPosition) -> Bool {
        let tokens = SQLToken.tokens(of: bytes)
        let isCopy = (try? CopyHeader(tokens)) != nil
        let setting = SessionSettings.setting(tokens)
        beginStatement(tokens, isData: isCopy || SQLToken.call(tokens) == "setval", isSetting: setting != nil)
        write(bytes)
        if let setting { text.settings.note(setting, bytes) }
        if isCopy {
            copy = OpenCopy(statement: Array(bytes))
            isInHeaderLine = true
        }
        return isCopy
    }

    mutating func longStatement(head: UnsafeRawBufferPointer, at position: DumpPosition) {
        beginStatement(SQLToken.tokens(of: head, limit: 4096), isData: false, isSetting: false)
        write(head)
    }

    mutating func longStatementTail(_ bytes: UnsafeRawBufferPointer) { write(bytes) }
    mutating func longStatementEnd() {}

    /// Cuts before a statement where it has to be: what stood between it and the one before stays there.
    private mutating func beginStatement(_ tokens: [SQLToken], isData: Bool, isSetting: Bool) {
        comments.reset()
        hasStatement = true
        if tokens.contains(where: { $0.name == SplitText.schema }) {
            refuse("It uses the name \(SplitText.schema), which the parts need for themselves.")
        }
        if tokens.first == .word("create") { observeExtension { $0.observe(tokens) } }
        switch kind {
        case .schema where isData: endSchema()
        case .data where !isData && !isSetting:
            end()
            begin(.indexes)
        case .data where isData && isFull:
            end()
            begin(.data)
        default: break
        }
    }

    private mutating func observeExtension(_ observe: (inout DumpFacts) -> Void) {
        let known = facts.contents.extensions.count
        observe(&facts)
        guard facts.contents.extensions.count > known, let new = facts.contents.extensions.last else { return }
        guard kind != .schema else { return }
        refuse("It creates the extension \(new.name) after the first rows, which pg_dump never does.")
    }

    mutating func metaCommand(_ bytes: UnsafeRawBufferPointer, at position: DumpPosition, inStatement: Bool) {
        comments.reset()
        let words = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        write(bytes)
        let key = words.dropFirst().first.map(String.init) ?? ""
        let isKey = !key.isEmpty && key.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
        switch words.first {
        case #"\restrict"# where isKey && !inStatement: text.restrictKey = key
        case #"\unrestrict"# where key == text.restrictKey && !inStatement: text.restrictKey = nil
        default: refuse("It has a psql command that cannot be in a part of a dump.")
        }
    }

    mutating func ambiguity(at position: DumpPosition) {}

    mutating func gap(_ bytes: UnsafeRawBufferPointer) {
        write(bytes)
        if isInHeaderLine {
            isInHeaderLine = bytes.last != .lineFeed
            return
        }
        for byte in bytes {
            guard let comment = comments.add(byte) else { continue }
            comment.withUnsafeBytes { line in observeExtension { $0.observe(comment: line) } }
            let line = String(decoding: comment, as: UTF8.self)
            let isVersion =
                line.hasPrefix(" Dumped from database version") || line.hasPrefix(" Dumped by pg_dump version")
            if isVersion, !hasStatement, text.versions.count < 2 { text.versions.append(Array(comment)) }
        }
    }

    // MARK: Rows

    mutating func copyData(_ bytes: UnsafeRawBufferPointer) {
        if isCutDue { cutInRows() }
        var start = 0
        while kind == .data, start < bytes.count {
            // The first line end from where the part is full.
            let fitting = max(0, missing - 1)
            guard fitting < bytes.count - start,
                let lineFeed = bytes[(start + Int(fitting))...].firstIndex(of: .lineFeed)
            else { break }
            write(bytes[rebased: start..<lineFeed + 1])
            start = lineFeed + 1
            if start < bytes.count { cutInRows() } else { isCutDue = true }
        }
        write(bytes[rebased: start..<bytes.count])
    }

    mutating func copyEnd() {
        copy = nil
        isCutDue = false
    }

    mutating func row(_ bytes: UnsafeRawBufferPointer, tabs: Int) {}
    mutating func rowFragment(_ bytes: UnsafeRawBufferPointer, tabs: Int) {}
    mutating func rowEnd() {}
    mutating func rowAbandoned() {}
}
