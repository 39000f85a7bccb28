internal import NIOCore

/// A psql at the source that is fed one statement after the other, in one session of the server.
///
/// Each answer ends with a line that nobody can know before: without it an answer is not whole. `docker exec` and
/// `kubectl exec` can cut what they carry and report success.
final class PsqlSession: Sendable {
    private let process: RunningProcess
    private let output: ByteStream.AsyncIterator
    private let command: DumpCommand
    /// What the session is for, for errors: `Reading the rows of primary`.
    private let purpose: String

    private init(_ process: RunningProcess, _ output: ByteStream, _ command: DumpCommand, _ purpose: String) {
        self.process = process
        self.output = output.makeAsyncIterator()
        self.command = command
        self.purpose = purpose
    }

    /// Opens a session, sets it up as pg_dump does its own, and closes it behind `body`.
    ///
    /// - Parameters:
    ///   - dumper: Where the database is.
    ///   - purpose: What the session is for, for errors.
    ///   - lockTimeout: How long a statement waits for a lock.
    /// - Throws: ``MigrationError`` if psql cannot be run or the server refuses; what `body` throws.
    static func with<Value: Sendable>(
        _ dumper: PgDump, for purpose: String, lockTimeout: Duration, _ body: (PsqlSession) async throws -> Value
    ) async throws -> Value {
        let pipe = try OutputPipe()
        let psql = dumper.command.query("")
        let process = try RunningProcess(psql, output: pipe.writingEnd, closesOutput: true, isFed: true)
        return try await process.whileRunning { output in
            let session = PsqlSession(process, output, dumper.command, purpose)
            // A password comes first where it cannot come by the environment.
            try? await process.feed(ByteBuffer(string: psql.input?.revealed ?? ""))
            _ = try await session.ask(settings(lockTimeout))
            let value = try await body(session)
            process.endInput()
            while try await session.output.next() != nil {}
            return value
        } pull: {
            try await pipe.read(
                stallLimit: dumper.stallLimit, program: psql.program, hasEnded: { process.hasEnded })
        }
    }

    /// What pg_dump sets before it reads, by which its rows are those that anybody else reads.
    private static func settings(_ lockTimeout: Duration) -> String {
        """
        SET application_name = '\(applicationName)';
        SET search_path = ''; SET client_encoding = 'UTF8'; SET datestyle = 'ISO'; SET intervalstyle = 'postgres';
        SET extra_float_digits = 3; SET synchronize_seqscans = off; SET row_security = off; SET statement_timeout = 0;
        SET idle_in_transaction_session_timeout = 0; SET lock_timeout = \(Int(lockTimeout / .milliseconds(1)));
        SELECT pg_catalog.set_config('transaction_timeout', '0', false) FROM pg_catalog.pg_settings
        WHERE name = 'transaction_timeout';
        """
    }

    /// What the server's administrator sees.
    static let applicationName = "src-snapshot"

    /// 128 random bits.
    static func token() -> String {
        (0..<2).map { _ in
            let text = String(UInt64.random(in: .min ... .max), radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }.joined()
    }

    /// Runs statements.
    ///
    /// - Parameter sql: Statements, each ended by its `;`.
    /// - Returns: The rows that they give, a line each, with `|` between the columns.
    /// - Throws: ``MigrationError`` with the server's words if it refuses, or the session is lost.
    func ask(_ sql: String) async throws -> String {
        let token = Self.token()
        let answer = try await answer(to: "\(sql)\n\\echo \(token)\n", endingWith: token)
        return String(buffer: answer.text)
    }

    /// Feeds lines, and reads what is printed up to the line that begins with a token.
    ///
    /// - Parameters:
    ///   - lines: What psql is to read; at their end they print the token.
    ///   - expected: About how many bytes the answer has.
    ///   - buffers: Where the answer is to be; nil: in memory of its own.
    ///   - onArrival: Is called for all that comes of it.
    /// - Returns: What was printed before that line, and the rest of the line.
    func answer(
        to lines: String, endingWith token: String, expecting expected: Int = 0, in buffers: BufferPool? = nil,
        onArrival: () -> Void = {}
    ) async throws -> (text: ByteBuffer, rest: String) {
        // A psql that has ended says why.
        try? await process.feed(ByteBuffer(string: lines))
        var answer = buffers?.take() ?? ByteBuffer()
        answer.reserveCapacity(expected)
        while let chunk = try await output.next() {
            onArrival()
            answer.writeImmutableBuffer(chunk)
            if let end = Self.lastLine(of: answer), end.text.hasPrefix(token) {
                answer.moveWriterIndex(to: answer.readerIndex + end.start)
                return (answer, String(end.text.dropFirst(token.count)))
            }
        }
        let outcome = try await process.outcome
        let next = "Run the same command again."
        try command.check(outcome, doing: purpose, next: SourceEncoding.remedy(for: outcome) ?? next)
        throw MigrationError(.failed, "\(purpose) failed: psql ended before its answer did.", next: next)
    }

    /// The last line of an answer so far, if it is short and has ended.
    private static func lastLine(of answer: ByteBuffer) -> (start: Int, text: String)? {
        let view = answer.readableBytesView
        guard view.last == .lineFeed else { return nil }
        let tail = view.suffix(256).dropLast()
        let start = tail.lastIndex(of: .lineFeed).map { $0 + 1 } ?? tail.startIndex
        guard tail.startIndex == view.startIndex || start > tail.startIndex else { return nil }
        return (start - view.startIndex, String(decoding: tail[start...], as: UTF8.self))
    }
}
