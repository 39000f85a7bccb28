import MigrationKitCLibrary
internal import SystemPackage

/// A folder in which a scratch server may make its own.
struct ScratchPlace {
    /// Absolute, without links.
    let folder: FilePath

    /// What the address of a socket holds on macOS, which is less than on Linux, without the zero at its end.
    private static let addressLimit = 103
    /// What is made in the folder.
    private static let socket = "/rehearsal.XXXXXX/.s.PGSQL.5432"

    /// - Throws: ``MigrationError`` if there is no such folder, or a server's socket cannot be in it.
    init(_ folder: FilePath) throws {
        guard let resolved = realpath(folder.string, nil) else {
            throw MigrationError(
                .unmetRequirement, "The folder \(folder) cannot be used: \(Errno(rawValue: errno)).",
                next: "Create it, or choose another with --scratch.")
        }
        defer { free(resolved) }
        self.folder = FilePath(String(cString: resolved))
        // libpq takes several hosts with commas between them; the server's settings have their own quotes.
        let text = self.folder.string
        let isPlain = text.unicodeScalars.allSatisfy {
            !#",'"\"#.unicodeScalars.contains($0) && $0.properties.generalCategory != .control
        }
        guard isPlain, text.utf8.count + Self.socket.utf8.count <= Self.addressLimit else {
            throw MigrationError(
                .unmetRequirement,
                "\(text) is \(isPlain ? "too long a path" : "not a valid path") for a server's socket.",
                next: "Choose another folder with --scratch, with a short path without quotes and commas.")
        }
    }

    // MARK: Room

    /// A database is seldom twice as large as its dump: its indexes are not in the dump, but its text is packed.
    private static let growth = 2.0
    /// The same for a dump that was compressed, to a fifth or less.
    private static let growthOfCompressed = 10.0
    /// What a server takes by itself, most of it for its log of writes.
    private static let ownSize = 1e9

    /// How many bytes the databases of these dumps may take.
    static func size(of dumps: [SnapshotManifest.DatabaseEntry]) -> Int64 {
        let objects = dumps.flatMap { $0.parts.map(\.object) }
        let sizes = objects.map { object in
            Double(object.size) * (object.name.hasSuffix(".gz") ? growthOfCompressed : growth)
        }
        return Int64(min(sizes.reduce(ownSize, +), 9e18))
    }

    /// - Throws: ``MigrationError`` if the databases of these dumps may not fit.
    func requireRoom(for dumps: [SnapshotManifest.DatabaseEntry]) throws {
        var status = statvfs()
        guard statvfs(folder.string, &status) == 0 else { return }
        let free = Int64(clamping: UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize)).0)
        let needed = Self.size(of: dumps)
        guard free < needed else { return }
        throw MigrationError(
            .unmetRequirement,
            "\(folder) has \(Quantity.bytes(free)) free; a rehearsal of these dumps may take \(Quantity.bytes(needed)).",
            next: "Free some space, choose a folder on a larger disk with --scratch, or rehearse the databases one by "
                + "one with --database.")
    }
}
