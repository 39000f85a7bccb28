public import MigrationKitFoundation

/// Something that stopped a migration: what happened, and what to do next.
public struct MigrationError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure: an open set, stable in JSON output and behind the commands' exit codes.
    public struct Code: RawRepresentable, Sendable, Hashable {
        /// The code's name, in kebab case.
        public var rawValue: String
        /// Makes a code of a name.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Wrong arguments, or a file of settings that cannot be used.
        public static let usage = Code(rawValue: "usage")
        /// Something that must be there is not: a program, a right, room on the disk.
        public static let unmetRequirement = Code(rawValue: "unmet-requirement")
        /// A dump is cut off.
        public static let tornDump = Code(rawValue: "torn-dump")
        /// A dump, or an object of a snapshot, is not what it has to be.
        public static let damagedSnapshot = Code(rawValue: "damaged-snapshot")
        /// A program or a server failed while it worked for us.
        public static let failed = Code(rawValue: "failed")
        /// What was imported is not what was dumped.
        public static let proofFailed = Code(rawValue: "proof-failed")
        /// An import, a reset or a proof could not be carried out.
        public static let importFailed = Code(rawValue: "import-failed")
        /// The databases could not be brought to the instance's release.
        public static let upgradeFailed = Code(rawValue: "upgrade-failed")
        /// The migrated instance is not what it has to be.
        public static let acceptanceFailed = Code(rawValue: "acceptance-failed")
        /// A server, or the machine of an instance, cannot be reached; what was begun there may go on.
        public static let unreachable = Code(rawValue: "unreachable")
        /// A command on the machine of an instance has ended, and nobody knows how.
        public static let cutOff = Code(rawValue: "cut-off")
        /// Somebody stopped it.
        public static let interrupted = Code(rawValue: "interrupted")
        /// Another run works in the same place.
        public static let locked = Code(rawValue: "locked")
    }

    /// The kind of failure.
    public var code: Code
    /// A sentence that says what happened.
    public var message: String
    /// A sentence that says what to do next.
    public var next: String?
    /// More to read: a program's last lines, a list of tables.
    public var details: [String]
    /// A PostgreSQL server's SQLSTATE, where it has refused something.
    package var sqlState: String?

    /// Makes an error.
    ///
    /// - Parameters:
    ///   - code: The kind of failure.
    ///   - message: A sentence that says what happened.
    ///   - next: A sentence that says what to do next.
    ///   - details: Lines to read beside it.
    public init(_ code: Code, _ message: String, next: String? = nil, details: [String] = []) {
        self.code = code
        self.message = message
        self.next = next
        self.details = details
    }

    /// Message, details and what to do next, a line each; control characters of hostile input are shown as such, and
    /// secrets are not.
    public var description: String {
        let lines = [message] + details.map { "  " + $0 } + (next.map { [$0] } ?? [])
        return lines.redacted.map(\.printable).joined(separator: "\n")
    }

    /// Whether it may be otherwise in a while: a server that says no says it again.
    package var mayClear: Bool { code == .failed || code == .unreachable }

    /// The same error for the end of a run, where no event says what it is about.
    package func naming(_ name: String) -> MigrationError {
        guard !message.contains(name) else { return self }
        var error = self
        error.message = "\(name): \(message)"
        return error
    }

    package static func tornDump(_ message: String) -> MigrationError {
        MigrationError(.tornDump, message, next: "Dump this database again; this dump cannot be used.")
    }

    /// What an ``ObjectStore`` throws for an object that is not there.
    ///
    /// - Parameters:
    ///   - name: The object's name.
    ///   - location: The store's ``ObjectStore/location``.
    public static func missingObject(_ name: String, in location: String) -> MigrationError {
        MigrationError(
            .damagedSnapshot, "\(name) is not in \(location).",
            next: "Check that this is the right bucket or folder, and that the upload to it is finished.")
    }

    package static func damagedDump(_ message: String, next: String) -> MigrationError {
        MigrationError(.damagedSnapshot, message, next: next)
    }
}

// MARK: Foundation

extension MigrationError: LocalizedError {
    /// What happened.
    public var errorDescription: String? { message.redacted.printable }
    /// More to read, a line each.
    public var failureReason: String? {
        details.isEmpty ? nil : details.redacted.map(\.printable).joined(separator: "\n")
    }
    /// What to do next.
    public var recoverySuggestion: String? { next?.redacted.printable }
}
