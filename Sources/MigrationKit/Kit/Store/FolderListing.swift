internal import MigrationKitFoundation
internal import SystemPackage

/// A store that can tell which folders are in it.
package protocol FolderListing: ObjectStore {
    /// Their names.
    func folders() async throws -> [String]
}

extension DirectoryStore: FolderListing {
    package func folders() async throws -> [String] {
        guard FileIdentity(path: path) != nil else { return [] }
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: path.string) } catch {
            throw MigrationError(
                .unmetRequirement, "The folder \(path) cannot be read: \(error.systemReason)",
                next: "Make it readable to you, then run the same command again.")
        }
        return names.filter { name in
            let isPlain = (try? ObjectName.check(name)) != nil
            return isPlain && FileManager.default.fileExists(atPath: path.appending(name).appending(".").string)
        }.sorted()
    }
}

extension ObjectStore {
    /// The store's journals, by their destinations: those in it, and those of the snapshots that have a folder each.
    ///
    /// - Throws: ``MigrationError`` if it cannot be read.
    package func journals() async throws -> [MigrationJournal] {
        var found: [MigrationJournal] = []
        for store: any ObjectStore in [self] + (try await inner()) {
            guard let journals = try store.folder(JournalPlace.folder) as? any FolderListing else { continue }
            for name in try await journals.folders() {
                found.append(MigrationJournal(store: try journals.folder(name)))
            }
        }
        return found
    }

    private func inner() async throws -> [any ObjectStore] {
        let names = try await (self as? any FolderListing)?.folders() ?? []
        return try names.filter { $0 != JournalPlace.folder }.map { try folder($0) }
    }
}
