import MigrationKitCLibrary
package import NIOCore
import Synchronization
package import SystemPackage

/// A file that appears under its name only when it is whole: written as `name.part`, synced, renamed.
///
/// Readable by its owner alone, since it is the customer's data.
package final class AtomicFile: Sendable {
    private let path: FilePath
    /// For a child process that writes the file itself.
    let descriptor: SystemPackage.FileDescriptor

    private let writtenBack = Mutex<Int64>(0)

    /// How much is written before the disk is set to work, so that the sync at the end finds little left to do.
    private static let writebackStep: Int64 = 8 << 20

    /// Writes a file.
    ///
    /// - Parameters:
    ///   - path: Its final name. A file of that name stays until the new one is whole.
    ///   - body: Writes to it.
    /// - Returns: What `body` returns.
    /// - Throws: ``MigrationError`` if the disk refuses; what `body` throws. In either case nothing is left behind.
    package static func write<Value: Sendable>(
        _ path: FilePath, _ body: (AtomicFile) async throws -> Value
    ) async throws -> Value {
        let file = try AtomicFile(path)
        do {
            let value = try await body(file)
            try await file.commit()
            return value
        } catch {
            unlink(file.partPath.string)
            throw error
        }
    }

    private init(_ path: FilePath) throws {
        self.path = path
        let part = FilePath(path.string + ".part")
        do {
            // Always a file of its own: a killed run may have left a part, and a pg_dump that still writes to it.
            unlink(part.string)
            descriptor = try .open(
                part, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec], permissions: [.ownerReadWrite]
            )
        } catch {
            throw Self.failure(path, error)
        }
    }

    deinit { try? descriptor.close() }

    var partPath: FilePath { FilePath(path.string + ".part") }

    /// Appends bytes.
    package func append(_ buffer: ByteBuffer) async throws {
        guard buffer.readableBytes > 0 else { return }
        do {
            let end = try await BlockingIO.run { [descriptor] in
                _ = try buffer.withUnsafeReadableBytes { try descriptor.writeAll($0) }
                return try descriptor.seek(offset: 0, from: .current)
            }
            await startWriting(upTo: end)
        } catch let error as Errno {
            throw Self.failure(path, error)
        }
    }

    /// Sets the disk to work on what is in the file so far.
    func startWriting(upTo end: Int64) async {
        #if os(Linux)
            let start = writtenBack.withLock { writtenBack -> Int64? in
                guard end - writtenBack >= Self.writebackStep else { return nil }
                defer { writtenBack = end }
                return writtenBack
            }
            guard let start else { return }
            // Linux begins to write dirty pages back when it is told that they are not needed.
            _ = try? await BlockingIO.run { [descriptor] in
                posix_fadvise(descriptor.rawValue, off_t(start), off_t(end - start), POSIX_FADV_DONTNEED)
            }
        #endif
    }

    private func commit() async throws {
        do {
            try await BlockingIO.run { [descriptor, path, partPath] in
                guard fsync(descriptor.rawValue) == 0 else { throw Errno(rawValue: errno) }
                guard try FileIdentity(path: partPath)?.isSameFile(as: FileIdentity(descriptor)) == true else {
                    throw Errno.noSuchFileOrDirectory
                }
                guard rename(partPath.string, path.string) == 0 else { throw Errno(rawValue: errno) }
                // The rename is on disk only when the folder is.
                let folder = try SystemPackage.FileDescriptor.open(path.folder, .readOnly)
                defer { try? folder.close() }
                fsync(folder.rawValue)
            }
        } catch {
            throw Self.failure(path, error)
        }
    }

    private static func failure(_ path: FilePath, _ error: any Error) -> MigrationError {
        MigrationError(cannotWrite: "\(path)", in: path.folder, error)
    }
}

extension FilePath {
    /// The folder that the path is in.
    package var folder: FilePath {
        let parent = removingLastComponent()
        return parent.isEmpty ? "." : parent
    }
}
