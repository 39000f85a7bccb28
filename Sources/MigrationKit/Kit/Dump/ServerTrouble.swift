/// Why a server did not carry something out, where that says nothing against what it was sent.
///
/// The server's SQLSTATE tells. Where psql has none, words do: psql's own, which are English because it is told so, and the
/// server's where it refuses a connection or an import by Google's Admin API, if its `lc_messages` is English.
enum ServerTrouble: Sendable, Hashable, CaseIterable {
    case noMoreSessions
    /// Nobody listens there, or not any more.
    case refusedConnection
    /// It starts, stops or recovers.
    case notReady
    /// It stops or crashes, somebody ends sessions, or the connection was lost.
    case endedSession
    case deadlock
    case lockTimeout
    case canceled
    /// The table of locks is full.
    case noMoreLocks
    case outOfMemory
    case diskFull
    case temporaryFileLimit

    /// What an error of this kind has for an SQLSTATE; the first where there are several.
    var sqlState: String {
        switch self {
        case .noMoreSessions: "53300"
        case .refusedConnection: "08001"
        case .notReady: "57P03"
        case .endedSession: "57P01"
        case .deadlock: "40P01"
        case .lockTimeout: "55P03"
        case .canceled: "57014"
        case .noMoreLocks, .outOfMemory: "53200"
        case .diskFull: "53100"
        case .temporaryFileLimit: "53400"
        }
    }

    /// Judges by an SQLSTATE; nil: that is about what was sent.
    ///
    /// - Parameter told: The error and its hint. In every language they name the settings as they are written.
    init?(sqlState: String, told: [String]) {
        switch sqlState {
        case "53200":
            let isOfLocks = told.contains { $0.contains("max_locks_per_transaction") || $0.contains("max_pred_locks") }
            self = isOfLocks ? .noMoreLocks : .outOfMemory
        case "53400":
            guard told.contains(where: { $0.contains("temp_file_limit") }) else { return nil }
            self = .temporaryFileLimit
        // The other limits of sessions: idle_session_timeout, and those of transactions that idle or last.
        case "57P02", "57P04", "57P05", "25P03", "25P04", "08000", "08003", "08006": self = .endedSession
        // To PostgreSQL a disk quota is an error of the system like any other.
        case "58030", "XX000":
            guard let line = told.first, Self(line) == .diskFull else { return nil }
            self = .diskFull
        default:
            guard let found = Self.allCases.first(where: { $0.sqlState == sqlState }) else { return nil }
            self = found
        }
    }

    /// Judges a line that tells of an error by its words; nil: that is about what was sent.
    ///
    /// Only how a message begins counts, and never what follows it: rows may hold the same words.
    init?(_ line: some StringProtocol) {
        let severity = ["ERROR:", "FATAL:", "PANIC:"].compactMap { line.firstRange(of: $0) }.min {
            $0.lowerBound < $1.lowerBound
        }
        let found =
            if let severity {
                Self.told(String(line[severity.upperBound...].drop { $0 == " " }))
            } else {
                line.hasPrefix("psql:") ? Self.lost(String(line)) : nil
            }
        guard let found else { return nil }
        self = found
    }

    /// Judges how a psql ended.
    init?(_ outcome: CommandOutcome) {
        if let state = outcome.sqlState {
            self.init(sqlState: state, told: outcome.firstError)
            return
        }
        let lines = outcome.firstError.first.map { [$0] } ?? outcome.lastLines
        guard let found = lines.lazy.compactMap({ ServerTrouble($0) }).first else { return nil }
        self = found
    }

    /// Judges an error that ``error(_:on:_:)`` may have made.
    init?(of error: MigrationError) {
        guard let state = error.sqlState else { return nil }
        self.init(sqlState: state, told: error.details)
    }

    private static func told(_ message: String) -> ServerTrouble? {
        let beginnings: [(String, ServerTrouble)] = [
            ("sorry, too many clients", .noMoreSessions), ("too many connections for", .noMoreSessions),
            ("remaining connection slots", .noMoreSessions), ("the database system is", .notReady),
            ("terminating connection", .endedSession), ("server closed the connection", .endedSession),
            ("deadlock detected", .deadlock), ("canceling statement due to lock timeout", .lockTimeout),
            ("canceling statement due to user request", .canceled), ("out of shared memory", .noMoreLocks),
            ("out of memory", .outOfMemory), ("temporary file size exceeds", .temporaryFileLimit),
        ]
        if let (_, found) = beginnings.first(where: { message.hasPrefix($0.0) }) { return found }
        return fullDisk.contains { message.hasPrefix("could not ") && message.hasSuffix($0) } ? .diskFull : nil
    }

    private static let fullDisk = [": No space left on device", ": Disk quota exceeded"]

    /// What psql tells by itself: the server had no chance to.
    private static func lost(_ line: String) -> ServerTrouble? {
        if line.contains("Connection refused") { return .refusedConnection }
        let isLost = [
            "server closed the connection", "connection to server was lost", "terminating connection",
            "could not receive data from server", "could not send data to server", "SSL connection has been closed",
            "SSL SYSCALL error", "SSL error: unexpected eof",
        ].contains { line.contains($0) }
        return isLost ? .endedSession : nil
    }

    /// Whether the same may go well a little later, without anybody doing anything.
    var isTransient: Bool {
        switch self {
        case .refusedConnection, .notReady, .endedSession, .deadlock: true
        default: false
        }
    }

    /// Whether nothing was begun, since the server lets nobody in.
    var isOutside: Bool { self == .refusedConnection || self == .notReady }
}

extension ServerTrouble {
    /// Judges how a psql ended.
    ///
    /// Whom a server does not let in it tells why in its own language, and libpq does not hand on its SQLSTATE. But
    /// pg_isready, where it is installed, sees whether the server lets in nobody for now. The server may also have begun
    /// to let people in just then: only who is refused again is refused for another reason.
    ///
    /// - Parameters:
    ///   - readiness: Runs pg_isready, without a password: it would log in. Gives its exit status; nil: it did not run.
    ///   - again: Connects once more as the psql did, and gives how that ended.
    /// - Throws: `CancellationError`.
    static func judging(
        _ outcome: CommandOutcome, readiness: () async -> Int32?, again: () async -> CommandOutcome?
    ) async throws -> ServerTrouble? {
        if let trouble = ServerTrouble(outcome) { return trouble }
        guard outcome.exitStatus == 2, outcome.sqlState == nil, outcome.isRefused else { return nil }
        let isPassing =
            switch await readiness() {
            case isReady?: await again()?.exitStatus == 0
            // The server answered a moment ago: it is stopping or starting.
            case isNotReady?, answersNobody?: true
            default: false
            }
        // If the run was canceled meanwhile, no answer counts.
        try Task.checkCancellation()
        return isPassing ? .notReady : nil
    }

    /// pg_isready's exit status.
    private static let (isReady, isNotReady, answersNobody): (Int32, Int32, Int32) = (0, 1, 2)
}

extension CommandOutcome {
    /// The server's first error and what belongs to it; where there is none, the program's last lines.
    var told: [String] { firstError.isEmpty ? lastLines : firstError }

    /// Who is refused has reached the server: two blanks follow its word for FATAL, whichever that is.
    var isRefused: Bool { lastLines.contains { $0.contains(":  ") || $0.contains("no password supplied") } }
}

extension Command {
    /// The same without the password, neither from its variables nor from the user's file.
    var withoutPassword: Command {
        var command = self
        command.environment.removeAll { ["PGPASSWORD", "PGPASSFILE"].contains($0.name) }
        command.environment.append(Variable("PGPASSFILE", Secret("/dev/null")))
        command.unsetting.append("PGPASSWORD")
        return command
    }
}
