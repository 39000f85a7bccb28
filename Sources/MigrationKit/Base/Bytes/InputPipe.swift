import MigrationKitCLibrary
internal import NIOCore
package import SystemPackage

/// A pipe that we write and a child process reads, or does not: a child that ends early is an error for the writer, and
/// nothing worse.
final class InputPipe: Sendable {
    let readingEnd: SystemPackage.FileDescriptor
    private let writingEnd: SystemPackage.FileDescriptor

    init() throws {
        Self.ignoreBrokenPipes
        (readingEnd, writingEnd) = try SystemPackage.FileDescriptor.pipe()
        for end in [readingEnd, writingEnd] { _ = fcntl(end.rawValue, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(writingEnd.rawValue, F_SETFL, O_NONBLOCK)
    }

    /// A write to a child that has ended must fail, not end us. A handler that somebody has set stays.
    private static let ignoreBrokenPipes: Void = {
        var action = sigaction()
        sigaction(SIGPIPE, nil, &action)
        #if canImport(Darwin)
            let isDefault = action.__sigaction_u.__sa_handler == nil
        #else
            let isDefault = action.__sigaction_handler.sa_handler == nil
        #endif
        if isDefault { signal(SIGPIPE, SIG_IGN) }
    }()

    /// Writes bytes, waiting for the child to take them.
    ///
    /// - Throws: `Errno.brokenPipe` if the child has closed its end or has ended.
    func write(_ buffer: ByteBuffer, hasEnded: @escaping @Sendable () -> Bool) async throws {
        try await BlockingIO.run { [writingEnd] in
            try buffer.withUnsafeReadableBytes { bytes in
                var written = 0
                while written < bytes.count {
                    do {
                        written += try writingEnd.write(bytes[rebased: written..<bytes.count])
                    } catch Errno.wouldBlock {
                        // Our own copy of the reading end is still open where the child never started.
                        if hasEnded() { throw Errno.brokenPipe }
                        waitUntilReady(writingEnd, for: POLLOUT)
                    }
                }
            }
        }
    }

    /// The child's input ends here. Called once.
    func close() { try? writingEnd.close() }
}

/// Waits until a descriptor can be read or written, for a fifth of a second at the most.
///
/// - Returns: Whether it can.
@discardableResult
package func waitUntilReady(_ descriptor: SystemPackage.FileDescriptor, for events: Int32) -> Bool {
    var request = pollfd(fd: descriptor.rawValue, events: Int16(events), revents: 0)
    return poll(&request, 1, 200) != 0
}
