import MigrationKitCLibrary
package import NIOCore
package import SystemPackage

/// A pipe that a child process writes and we read.
///
/// Large, and read in large pieces: pg_dump writes 4 KiB at a time, and a reader that woke for each would cost more
/// than all that is done to the bytes.
package final class OutputPipe: Sendable {
    package let writingEnd: SystemPackage.FileDescriptor
    private let readingEnd: SystemPackage.FileDescriptor

    /// The largest pipe that Linux gives an unprivileged process.
    private static let capacity: Int32 = 1 << 20
    /// How much is worth handing on at once, and how long to wait for it to gather.
    private static let worthwhile = 64 << 10
    private static let gatheringTime: UInt32 = 1000

    package init() throws {
        (readingEnd, writingEnd) = try SystemPackage.FileDescriptor.pipe()
        for end in [readingEnd, writingEnd] { _ = fcntl(end.rawValue, F_SETFD, FD_CLOEXEC) }
        // Never to wait in a read: a program that hangs after a few bytes is found by the clock.
        _ = fcntl(readingEnd.rawValue, F_SETFL, O_NONBLOCK)
        #if os(Linux)
            let setPipeSize: Int32 = 1031  // F_SETPIPE_SZ, which Glibc's module does not show
            _ = fcntl(readingEnd.rawValue, setPipeSize, Self.capacity)
        #endif
    }

    deinit { try? readingEnd.close() }

    /// The next chunk; nil when every writer has closed its end, or the process has ended and nothing more has come:
    /// what it may have left running behind it does not hold us up.
    ///
    /// - Throws: ``MigrationError`` if nothing comes for as long as `stallLimit`; `CancellationError`.
    package func read(stallLimit: Duration?, program: String, hasEnded: @Sendable () -> Bool) async throws
        -> ByteBuffer?
    {
        let start = ContinuousClock.now
        while true {
            try Task.checkCancellation()
            let isLast = hasEnded()
            if let chunk = try await BlockingIO.run({ try self.readIfReady() }) {
                return chunk.readableBytes == 0 ? nil : chunk
            }
            if isLast { return nil }
            if let stallLimit, ContinuousClock.now - start > stallLimit {
                throw MigrationError.stalled(program, stallLimit)
            }
        }
    }

    /// Nil if nothing came for a moment; an empty buffer at the end.
    private func readIfReady() throws -> ByteBuffer? {
        guard waitUntilReady(readingEnd, for: POLLIN) else { return nil }
        var buffer = ByteBufferAllocator().buffer(capacity: ByteBuffer.chunkSize)
        while buffer.readableBytes < Self.worthwhile {
            let room = ByteBuffer.chunkSize - buffer.readableBytes
            do {
                let got = try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { space in
                    try readingEnd.read(into: UnsafeMutableRawBufferPointer(rebasing: space.prefix(room)))
                }
                if got == 0 { break }
            } catch Errno.wouldBlock {
                return buffer.readableBytes > 0 ? buffer : nil
            }
            if buffer.readableBytes < Self.worthwhile { usleep(Self.gatheringTime) }
        }
        return buffer
    }
}
