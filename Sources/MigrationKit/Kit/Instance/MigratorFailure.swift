/// Why a run of the migrator failed, from what it has written: what it was, the migrator's own words, and what to do next.
package struct MigratorFailure: Sendable, Hashable {
    /// What it was.
    package enum Kind: String, Sendable, Codable, CaseIterable {
        /// An earlier migration of the schema has failed half-way and is marked so.
        case dirtyDatabase = "dirty-database"
        /// The schema is not that of the release.
        case drift
        /// Out-of-band migrations are unfinished that the release does not know any more.
        case unfinishedOutOfBandMigrations = "unfinished-out-of-band-migrations"
        /// The image does not know one of the releases.
        case unknownTag = "unknown-tag"
        /// The image wants to be a newer one.
        case newerMigratorAvailable = "newer-migrator-available"
        /// The database is of another release than was given.
        case versionAssertion = "version-assertion"
        /// The releases were given in the wrong order, or are none.
        case invalidRange = "invalid-range"
        /// The server is too old for the release.
        case postgresTooOld = "postgres-too-old"
        /// `up` goes one minor release at a time.
        case notAllowed = "not-allowed"
        /// The role may not do what a migration does.
        case privileged
        /// The schema lacks migrations of the release.
        case outOfDate = "out-of-date"
        /// The databases could not be reached, or did not let the migrator in.
        case cannotConnect = "cannot-connect"
        /// The machine has no such image, and the registry did not hand it over: the migrator did not begin.
        case imageRefused = "image-refused"
        /// The registry could not be reached: the migrator did not begin.
        case registryUnreachable = "registry-unreachable"
        /// Docker does not answer.
        case noDocker = "no-docker"
        /// Another migrator works on the databases.
        case contention
        /// A signal ended it, as when the machine has no memory left.
        case killed
        /// Something else.
        case other
    }

    /// What it was.
    package let kind: Kind
    /// The migrator's own words about it, one line without passwords; empty if it said nothing.
    package let sentence: String
    /// What else it wrote about it.
    package let details: [String]
    /// The run that failed.
    package let command: MigratorCommand

    private static let sentenceLength = 1000
    private static let detailCount = 20

    /// Looks for the reason in what the migrator has written.
    ///
    /// - Parameters:
    ///   - output: The last lines that it wrote to standard output and standard error: log lines in JSON, plain text, in
    ///     any mixture, perhaps cut off. At most the last 200 are looked at.
    ///   - command: The run that failed.
    ///   - status: Its exit status, where there is one.
    package init(_ output: [String], of command: MigratorCommand, status: Int32? = nil) {
        // docker-compose ends with the status itself, which says nothing more.
        let isTold = status.map { output.last == "\($0)" } ?? false
        let messages = MigratorOutput(isTold ? Array(output.dropLast()) : output).messages
        // The migrator ends with the log line that says why. What stands before may be a fault that it got over.
        let fatal = messages.filter(\.isFatal)
        let plain = messages.filter { !$0.isFatal }
        let telling = fatal.isEmpty ? plain : fatal
        let signalled = status.flatMap { ExitStatus($0).signal == nil ? nil : ExitStatus($0) }
        let reason =
            if fatal.isEmpty, let signalled {
                Reason(killed: signalled, after: plain)
            } else {
                telling.reversed().lazy.compactMap { Reason($0, of: command) }.first
                    ?? Reason(other: telling.last, after: fatal.isEmpty ? plain.dropLast() : plain)
            }
        kind = reason.kind
        sentence = String(reason.sentence.prefix(Self.sentenceLength))
        // Whether it had begun when docker went is told by what it had written.
        let before = kind == .noDocker ? plain.dropLast().suffix(10).flatMap(\.ownLines) : []
        details = Self.details(reason.others + before, marked: plain.flatMap(\.markedLines))
        self.command = command
    }

    /// What the migrator has marked for people comes first, then what else it has written about it; each line once.
    private static func details(_ others: [String], marked: [String]) -> [String] {
        var told: Set<String> = []
        let all = (marked + others).filter { told.insert($0).inserted }
        let rest = all.count - detailCount
        return all.prefix(detailCount).map { String($0.prefix(sentenceLength)) }
            + (rest > 0 ? ["and \(rest) more lines in the full output"] : [])
    }

    /// Whether the same run may go well if it is done again: where nothing has been decided yet about the databases.
    package var mayClear: Bool { [.cannotConnect, .registryUnreachable, .contention, .killed, .other].contains(kind) }

    /// The failure as an error.
    package var error: MigrationError {
        let told = sentence.isEmpty ? "it did not say why" : sentence
        let end = told.last.map { ".!?".contains($0) } == true ? "" : "."
        return MigrationError(
            .upgradeFailed, "`\(command.name)` by \(command.image) failed: \(told)\(end)", next: next, details: details)
    }
}
