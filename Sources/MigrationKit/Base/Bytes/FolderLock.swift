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
        let folder = try take(path)
        defer { release(folder) }
        return try await body()
    }

    fileprivate static func take(_ path: FilePath) throws -> SystemPackage.FileDescriptor {
        let folder: SystemPackage.FileDescriptor
        do {
            folder = try .open(path, .readOnly, options: [.directory, .closeOnExec])
        } catch {
            throw MigrationError(.unmetRequirement, "The folder \(path) cannot be opened: \(error).")
        }
        guard flock(folder.rawValue, LOCK_EX | LOCK_NB) == 0 else {
            try? folder.close()
            throw isHeld(path)
        }
        return folder
    }

    fileprivate static func release(_ folder: SystemPackage.FileDescriptor) {
        // Closing is not enough: a child process that is just being started has our descriptors, and the lock with them.
        flock(folder.rawValue, LOCK_UN)
        try? folder.close()
    }

    fileprivate static func isHeld(_ path: FilePath) -> MigrationError {
        MigrationError(
            .locked, "Another run is active in \(path).",
            next: "Wait for it or stop it, then run the same command again.")
    }
}

/// A lock on a folder that one run holds for as long as it writes any file there, several at once if it likes.
package final class SharedFolderLock: Sendable {
    private struct State {
        var folder: SystemPackage.FileDescriptor?
        var files: Set<String> = []
    }

    private let path: FilePath
    private let state = Mutex(State())

    package init(_ path: FilePath) { self.path = path }

    /// Runs `body`, which writes a file.
    ///
    /// - Throws: ``MigrationError`` with code `locked` if another run holds the lock, or this one writes the same file
    ///   already; what `body` throws.
    package func with<Value: Sendable>(_ file: String, _ body: () async throws -> Value) async throws -> Value {
        try state.withLock { state in
            guard !state.files.contains(file) else { throw FolderLock.isHeld(path) }
            if state.folder == nil { state.folder = try FolderLock.take(path) }
            state.files.insert(file)
        }
        defer {
            state.withLock { state in
                state.files.remove(file)
                if state.files.isEmpty, let folder = state.folder.take() { FolderLock.release(folder) }
            }
        }
        return try await body()
    }
}
