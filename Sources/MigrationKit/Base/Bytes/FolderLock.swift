import MigrationKitCLibrary
import Synchronization
package import SystemPackage

/// Keeps other runs out of a folder. The lock is on the folder itself and goes with the process that holds it.
package enum FolderLock {
    /// Runs `body` while nobody else holds the lock.
    ///
    /// - Throws: ``MigrationError`` with code `locked` if another run holds it; what `body` throws.
    package static func with<Value: Sendable>(_ path: FilePath, _ body: () async throws -> Value) async throws -> Value
    {
        let folder = try lock(path)
        defer { unlock(folder) }
        return try await body()
    }

    /// The folders that this process holds together, and by how many.
    private static let shared = Mutex<[FilePath: (folder: SystemPackage.FileDescriptor, holders: Int)]>([:])

    /// The same, but whoever asks in this process holds the lock together.
    package static func withinProcess<Value: Sendable>(
        _ path: FilePath, _ body: () async throws -> Value
    ) async throws -> Value {
        try shared.withLock { shared in
            if let held = shared[path] {
                shared[path] = (held.folder, held.holders + 1)
            } else {
                shared[path] = (try lock(path), 1)
            }
        }
        defer {
            shared.withLock { shared in
                guard let held = shared[path] else { return }
                shared[path] = held.holders > 1 ? (held.folder, held.holders - 1) : nil
                if held.holders == 1 { unlock(held.folder) }
            }
        }
        return try await body()
    }

    private static func lock(_ path: FilePath) throws -> SystemPackage.FileDescriptor {
        let folder: SystemPackage.FileDescriptor
        do {
            folder = try .open(path, .readOnly, options: [.directory, .closeOnExec])
        } catch {
            throw MigrationError(.unmetRequirement, "The folder \(path) cannot be opened: \(error).")
        }
        guard flock(folder.rawValue, LOCK_EX | LOCK_NB) == 0 else {
            try? folder.close()
            throw MigrationError(
                .locked, "Another run is active in \(path).",
                next: "Wait for it or stop it, then run the same command again."
            )
        }
        return folder
    }

    private static func unlock(_ folder: SystemPackage.FileDescriptor) {
        // Closing is not enough: a child process that is just being started has our descriptors, and the lock with them.
        flock(folder.rawValue, LOCK_UN)
        try? folder.close()
    }
}
