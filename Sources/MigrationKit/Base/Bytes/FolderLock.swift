import MigrationKitCLibrary
package import SystemPackage

/// Keeps other runs out of a folder. The lock is on the folder itself and goes with the process that holds it.
package enum FolderLock {
    /// Runs `body` while nobody else holds the lock.
    ///
    /// - Throws: ``MigrationError`` with code `locked` if another run holds it; what `body` throws.
    package static func with<Value: Sendable>(_ path: FilePath, _ body: () async throws -> Value) async throws -> Value
    {
        let folder: SystemPackage.FileDescriptor
        do {
            folder = try .open(path, .readOnly, options: [.directory, .closeOnExec])
        } catch {
            throw MigrationError(.unmetRequirement, "The folder \(path) cannot be opened: \(error).")
        }
        defer { try? folder.close() }
        guard flock(folder.rawValue, LOCK_EX | LOCK_NB) == 0 else {
            throw MigrationError(
                .locked, "Another run is active in \(path).",
                next: "Wait for it or stop it, then run the same command again."
            )
        }
        // Closing is not enough: a child process that is just being started has our descriptors, and the lock with them.
        defer { flock(folder.rawValue, LOCK_UN) }
        return try await body()
    }
}
