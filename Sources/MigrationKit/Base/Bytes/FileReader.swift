package import NIOCore
import Synchronization
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
            // Not to wait for whoever may write to a named pipe of that name.
            descriptor = try .open(path, .readOnly, options: [.closeOnExec, .nonBlocking])
        } catch {
            throw MigrationError(.unmetRequirement, "\(path) cannot be read: \(error).")
        }
    }

    deinit { try? descriptor.close() }

    /// Reads what is no file, such as a folder or a pipe, as an error.
    ///
    /// - Throws: ``MigrationError`` if it is none.
    func checkIsFile() throws {
        guard try identity().isRegularFile else {
            throw MigrationError(
                .unmetRequirement, "\(path) is not a file.", next: "Move it away, then run the same command again.")
        }
    }

    /// The file's bytes, from where it has been read to.
    public var stream: ByteStream {
        ByteStream { try await self.read(atMost: ByteBuffer.chunkSize) }
    }

    /// The file's bytes; throws at the end if somebody wrote to the file meanwhile.
    package var unchangingStream: ByteStream {
        get throws {
            try checkIsFile()
            let before = try identity()
            let stream = self.stream
            return ByteStream { [self] in
                if let chunk = try await stream.makeAsyncIterator().next() { return chunk }
                if try identity() == before, FileIdentity(path: path) == before { return nil }
                throw changed
            }
        }
    }

    /// Some of the file's bytes, whatever else has been read.
    ///
    /// - Throws: ``MigrationError``, at its end, if the file does not reach that far.
    package func stream(_ range: Range<Int64>) -> ByteStream {
        let position = Mutex(range.lowerBound)
        return ByteStream { [self] in
            let start = position.withLock(\.self)
            guard start < range.upperBound else { return nil }
            let count = min(Int64(ByteBuffer.chunkSize), range.upperBound - start)
            guard let chunk = try await read(at: start, atMost: Int(count)) else { throw changed }
            position.withLock { $0 += Int64(chunk.readableBytes) }
            return chunk
        }
    }

    /// What identifies the file and its state: a change of any of them means that somebody wrote to it.
    package func identity() throws -> FileIdentity { try FileIdentity(descriptor) }

    private func read(atMost count: Int) async throws -> ByteBuffer? {
        try Task.checkCancellation()
        return try await BlockingIO.run { try self.readNow(atMost: count) }
    }

    /// Bytes from anywhere in the file, whatever else has been read.
    ///
    /// - Returns: At most so many of them, nil at the end of the file.
    package func read(at offset: Int64, atMost count: Int) async throws -> ByteBuffer? {
        try await BlockingIO.run { [self] in
            var buffer = ByteBufferAllocator().buffer(capacity: count)
            let got = try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { space in
                try descriptor.read(
                    fromAbsoluteOffset: offset, into: UnsafeMutableRawBufferPointer(rebasing: space.prefix(count)))
            }
            return got == 0 ? nil : buffer
        }
    }

    /// What is thrown when somebody has written to the file.
    package var changed: MigrationError {
        MigrationError(
            .damagedSnapshot, "\(path) changed while it was being read.",
            next: "Wait until nothing writes to it anymore, then run the same command again."
        )
    }

    /// The next bytes on this thread, for those that were written a moment ago and are in memory.
    func readNow(atMost count: Int = ByteBuffer.chunkSize) throws -> ByteBuffer? {
        var buffer = ByteBufferAllocator().buffer(capacity: count)
        let got = try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { space in
            try descriptor.read(into: UnsafeMutableRawBufferPointer(rebasing: space.prefix(count)))
        }
        return got == 0 ? nil : buffer
    }
}
