internal import NIOCore
internal import Synchronization

/// Takes the checksum of a dump that comes out of a container, and compares it with the one that was made there.
final class ArrivedDump: Sendable {
    private let program: ContainerChecksum
    private let state = Mutex(State())

    private struct State {
        var posix = PosixChecksum()
        var sha = StreamChecksum()
        /// What the container's program has printed.
        var told: Substring?
    }

    init(_ program: ContainerChecksum) { self.program = program }

    /// Notes what the container told at the end.
    ///
    /// - Parameter lines: The last lines of its standard error.
    func note(_ lines: [String]) {
        let line = lines.last { $0.hasPrefix(ContainerChecksum.mark) }
        state.withLock { $0.told = line?.dropFirst(ContainerChecksum.mark.count) }
    }

    /// The same bytes; throws at the end if they are not those that left the container.
    ///
    /// - Parameter what: The dump and the way it came, for the error.
    func watching(_ stream: ByteStream, _ what: String) -> ByteStream {
        let iterator = stream.makeAsyncIterator()
        return ByteStream { [self] in
            if let chunk = try await iterator.next() {
                add(chunk)
                return chunk
            }
            try compare(what)
            return nil
        }
    }

    private func add(_ chunk: ByteBuffer) {
        state.withLock { state in
            chunk.withUnsafeReadableBytes { bytes in
                switch program {
                case .cksum: state.posix.update(bytes)
                case .sha256sum: state.sha.update(bytes)
                }
            }
        }
    }

    private func compare(_ what: String) throws {
        let state = state.withLock { $0 }
        let told = state.told?.split(separator: " ") ?? []
        switch program {
        case .cksum:
            guard told.count == 2, let crc = UInt32(told[0]), let size = Int64(told[1]) else { throw Self.untold(what) }
            guard size == state.posix.size else {
                throw MigrationError.tornDump(
                    "\(what) did not arrive as pg_dump wrote it in the container: "
                        + "it had \(size) bytes there, and \(state.posix.size) arrived.")
            }
            guard crc == state.posix.value else { throw Self.differs(what) }
        case .sha256sum:
            guard let sum = told.first, sum.count == 64 else { throw Self.untold(what) }
            guard sum == state.sha.sha256 ?? "" else { throw Self.differs(what) }
        }
    }

    private static func differs(_ what: String) -> MigrationError {
        .tornDump("\(what) did not arrive as pg_dump wrote it in the container: the checksums differ.")
    }

    private static func untold(_ what: String) -> MigrationError {
        .tornDump(
            "\(what): the container did not report the dump's checksum, so it is not known whether all of it arrived.")
    }
}
