import MigrationKitCLibrary
public import SystemPackage

/// The customer's folder with dumps and summary, `src-snapshot/` where the command runs.
public struct SnapshotFolder: Sendable {
    /// The folder.
    public let path: FilePath

    /// Names a folder; it need not exist.
    public init(path: FilePath = "src-snapshot") { self.path = path }

    /// Where a database's dump is: under one of its accepted names, else the name it is written under.
    ///
    /// - Throws: ``MigrationError`` if there are two, of which nobody can tell the right one.
    public func dump(of database: Database) throws -> FilePath {
        let existing = database.acceptedDumpNames.filter { FileIdentity(path: path.appending($0)) != nil }
        guard existing.count <= 1 else { throw MigrationError.twoDumps(existing, in: "\(path)") }
        return path.appending(existing.first ?? database.dumpName)
    }

    /// The instance's description.
    public var summary: FilePath { path.appending("summary.json") }

    /// What `databases --run` noted of a dump while it was written.
    func record(of database: Database) -> FilePath { path.appending("\(database.rawValue).dump.json") }

    /// Makes the folder, for its owner alone; one that is there already becomes so.
    ///
    /// - Throws: ``MigrationError`` if it cannot be made, or its name is a file's.
    func create() throws {
        if mkdir(path.string, 0o700) == 0 { return }
        let failure = Errno(rawValue: errno)
        guard failure == .fileExists, let folder = try? FileDescriptor.open(path, .readOnly, options: [.directory])
        else {
            throw MigrationError(.unmetRequirement, "The folder \(path) cannot be created: \(failure).")
        }
        defer { try? folder.close() }
        fchmod(folder.rawValue, 0o700)
    }
}

extension SnapshotFolder: ExpressibleByStringLiteral {
    /// Names a folder by its path.
    public init(stringLiteral path: String) { self.init(path: FilePath(path)) }
}

extension MigrationError {
    /// `primary.sql` and `pgsql.sql` side by side.
    static func twoDumps(_ names: [String], in place: String) -> MigrationError {
        MigrationError(
            .damagedSnapshot,
            "\(place) contains \(names.joined(separator: " and ")), which are dumps of the same database.",
            next: "Keep the right one, and move the other away."
        )
    }
}
