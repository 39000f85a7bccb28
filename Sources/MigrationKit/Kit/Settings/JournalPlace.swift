import MigrationKitCLibrary
internal import MigrationKitFoundation
internal import SystemPackage

/// Where the journal of a migration lies.
///
/// Every migration has one. Where nobody has named a place, it lies beside the snapshot; that of an import into any
/// PostgreSQL, which may have no right to write there, else in this account's state folder.
package struct JournalPlace: Sendable {
    /// The bucket or folder, as it is named.
    let location: BucketLocation
    /// The same, to read and to write.
    let store: any ObjectStore
    /// The destination's name.
    let server: String
    /// The environment, which says where the state folder is.
    let environment: [String: String]
    /// Whether somebody has named the place: then it lies nowhere else.
    let isNamed: Bool

    /// The folder that holds all journals of a bucket.
    package static let folder = "mi-migrate"

    /// Names the places of a migration's journal.
    package init(
        beside location: BucketLocation, _ store: any ObjectStore, server: String, environment: [String: String],
        isNamed: Bool = false
    ) {
        (self.location, self.store, self.server) = (location, store, server)
        (self.environment, self.isNamed) = (environment, isNamed)
    }

    /// The journal in the bucket or folder: one may hold those of several migrations, by their destinations.
    package func beside() throws -> MigrationJournal {
        MigrationJournal(store: try store.folder(Self.folder).folder(name))
    }

    /// The journal of an import into any PostgreSQL, which was read: that which there is, or one that begins.
    ///
    /// - Parameter beginsBeside: Whether one begins beside the snapshot also where that is a Google bucket.
    package func find(beginsBeside: Bool = false) async throws -> MigrationJournal {
        let beside = try beside()
        try await beside.read()
        if isNamed { return beside }
        if await !beside.entries.isEmpty { return beside }
        let own = MigrationJournal(store: try inState())
        try await own.read()
        if await !own.entries.isEmpty { return own }
        return mayWriteBeside(beginsBeside) ? beside : own
    }

    private func mayWriteBeside(_ beginsBeside: Bool) -> Bool {
        guard case .folder(let path) = location else { return beginsBeside }
        let folders = [path.appending(Self.folder).appending(name), path.appending(Self.folder), path]
        return folders.first { FileIdentity(path: $0) != nil }.map { access($0.string, W_OK) == 0 } ?? true
    }

    private var name: String { server.replacing("/", with: "_") }

    /// The folder of this account for what lasts: `$XDG_STATE_HOME/mi-migrate`, else `~/.local/state/mi-migrate`.
    ///
    /// Source: XDG Base Directory Specification 0.8; a relative path counts as none.
    static func stateFolder(_ environment: [String: String]) -> FilePath {
        let named = environment.value("XDG_STATE_HOME").map { FilePath($0) }
        let home = FilePath(environment.value("HOME") ?? FileManager.default.homeDirectoryForCurrentUser.path)
        let root = named.flatMap { $0.isAbsolute ? $0 : nil } ?? home.appending(".local").appending("state")
        return root.appending(folder)
    }

    /// Named by snapshot and destination, with what tells one place from another of its name.
    func inState() throws -> any ObjectStore {
        let place = MigrationIdentity.place(store.location)
        let words = place.split { !$0.isASCII || !($0.isLetter || $0.isNumber) }.suffix(3).joined(separator: "-")
        let snapshot = "\(words.suffix(60))-\(JournalReader.hash(place.utf8).prefix(8))"
        return try DirectoryStore(makingParentsOf: Self.stateFolder(environment)).folder(snapshot).folder(name)
    }
}
