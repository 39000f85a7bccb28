internal import NIOCore
public import SystemPackage

/// Reads a file in chunks, off the threads that Swift's tasks run on.
public final class FileReader: Sendable {
    let path: FilePath
    private let descriptor: SystemPackage.FileDescriptor

    /// Opens a file.
    ///
    /// - Parameter path: The file.
    /// - Throws: ``MigrationError`` if it cannot be opened.
    public init(path: FilePath) throws {
        self.path = path
        do {
            descriptor = try .open(path, .readOnly, options: [.closeOnExec])
        } catch {
            throw MigrationError(.unmetRequirement, "\(path) cannot be read: \(error).")
        }
    }

    deinit { try? descriptor.close() }

    /// The file's bytes, from where it has been read to.
    public var stream: ByteStream {
        ByteStream { try await self.read(atMost: ByteBuffer.chunkSize) }
    }

    /// What identifies the file and its state: a change of any of them means that somebody wrote to it.
    func identity() throws -> FileIdentity { try FileIdentity(descriptor) }

    private func read(atMost count: Int) async throws -> ByteBuffer? {
        try Task.checkCancellation()
        return try await BlockingIO.run { [descriptor] in
            var buffer = ByteBufferAllocator().buffer(capacity: count)
            let got = try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { space in
                try descriptor.read(into: UnsafeMutableRawBufferPointer(rebasing: space.prefix(count)))
            }
            return got == 0 ? nil : buffer
        }
    }
}
