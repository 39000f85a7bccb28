/// The first and the last bytes of a dump: whether it is a dump at all, and whether it is whole.
package struct DumpFrame {
    private var head: [UInt8] = []
    private var tail: [UInt8] = []
    private var isHeadChecked = false

    package init() {}

    package static let headSize = 4096
    package static let tailSize = 1024

    /// What pg_dump writes as its last words; the unrestricting line and white space may follow.
    private static let trailer = "-- PostgreSQL database dump complete\n--\n"
    private static let header = "-- PostgreSQL database dump\n"

    package mutating func add(_ chunk: UnsafeRawBufferPointer) throws {
        if !isHeadChecked {
            head.append(contentsOf: chunk.prefix(Self.headSize - head.count))
            if head.count == Self.headSize { try checkHead() }
        }
        if chunk.count >= Self.tailSize {
            tail = Array(chunk.suffix(Self.tailSize))
        } else {
            tail.append(contentsOf: chunk)
            tail.removeFirst(max(0, tail.count - Self.tailSize))
        }
    }

    /// Refuses what pg_dump cannot have written, and says what it looks like.
    package mutating func checkHead() throws {
        guard !isHeadChecked else { return }
        isHeadChecked = true
        if head.isEmpty { throw MigrationError.tornDump("The dump is empty.") }
        if head.starts(with: [0xFF, 0xFE]) || head.starts(with: [0xFE, 0xFF]) || head.prefix(2).contains(0) {
            throw MigrationError.damagedDump(
                "The dump is in UTF-16, as PowerShell's `>` writes it; characters may already be lost.",
                next: "Dump again with --run, or from cmd.exe or a shell that does not change the output."
            )
        }
        if head.starts(with: [0xEF, 0xBB, 0xBF]) {
            throw MigrationError.damagedDump(
                "The dump begins with a byte order mark: a program has re-encoded it.",
                next: "Dump again with --run, or from a shell that does not change the output."
            )
        }
        let text = Self.unified(head)
        if text.hasPrefix("--\n" + Self.header) || text.hasPrefix(Self.header) {
            if head.prefix(while: { $0 != .lineFeed }).last == .carriageReturn { throw Self.carriageReturns }
            return
        }
        if ("--\n" + Self.header).hasPrefix(text) { throw Self.missingTrailer }
        let firstLine = text.prefix(200).split(separator: "\n").first.map(String.init) ?? ""
        if text.contains("-- PostgreSQL database cluster dump") {
            throw MigrationError.damagedDump(
                "The dump was made by pg_dumpall.",
                next: "Dump each database with pg_dump: see `src-snapshot databases`."
            )
        }
        if head.starts(with: Array("PGDMP".utf8)) {
            throw MigrationError.damagedDump(
                "The dump is in pg_dump's custom format.", next: "Dump again with --format=plain."
            )
        }
        throw MigrationError.damagedDump(
            "The first line is not pg_dump's: `\(firstLine.printable)`. A notice of kubectl or docker may have got into the file.",
            next:
                "Dump again with --run, or send only standard output to the file (for kubectl, name the container with -c)."
        )
    }

    package static var missingTrailer: MigrationError {
        .tornDump("The dump does not end with pg_dump's trailer, `PostgreSQL database dump complete`.")
    }

    /// CR LF would become part of every function body and string that has more than one line.
    private static var carriageReturns: MigrationError {
        .damagedDump(
            "The dump's lines end in CR LF: it was made through a terminal (-t) or on Windows.",
            next: "Dump again without -t; on Windows, dump in a Linux container or in WSL."
        )
    }

    /// Refuses a dump whose end is not pg_dump's.
    package func checkTail() throws {
        guard Self.hasTrailer(String(decoding: tail, as: UTF8.self)) else {
            throw Self.hasTrailer(Self.unified(tail)) ? Self.carriageReturns : Self.missingTrailer
        }
    }

    /// Whether the last words of pg_dump are the last of a text.
    private static func hasTrailer(_ text: String) -> Bool {
        guard let range = text.range(of: trailer, after: text.startIndex) else { return false }
        let rest = text[range.upperBound...].split(whereSeparator: \.isNewline).filter { line in
            !line.allSatisfy { $0 == " " || $0 == "-" } && !line.hasPrefix(#"\unrestrict "#)
                && !line.hasPrefix(#"-- \unrestrict "#)
        }
        let isWholeLine = range.lowerBound == text.startIndex || text[text.index(before: range.lowerBound)] == "\n"
        return rest.isEmpty && isWholeLine
    }

    /// Server and pg_dump versions, from the comment at the head.
    var versions: (server: String?, pgDump: String?) {
        let lines = Self.unified(head).split(separator: "\n").prefix(20)
        func version(_ prefix: String) -> String? {
            lines.first { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
        }
        return (version("-- Dumped from database version "), version("-- Dumped by pg_dump version "))
    }

    private static func unified(_ bytes: [UInt8]) -> String {
        String(decoding: bytes.filter { $0 != .carriageReturn }, as: UTF8.self)
    }
}

extension String {
    fileprivate func range(of text: String, after start: Index) -> Range<Index>? {
        var at = start
        var found: Range<Index>?
        while let next = self[at...].firstRange(of: text) {
            found = next
            at = next.upperBound
        }
        return found
    }
}
