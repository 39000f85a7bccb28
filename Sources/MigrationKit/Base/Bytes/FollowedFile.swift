internal import NIOCore
internal import SystemPackage

/// Reads a file while a child process writes it.
///
/// A dump that ends in a file anyway is written there by pg_dump itself, as in `pg_dump … > file`, and read from the
/// cache just behind it: between the two there is no pipe to fill and to empty.
actor FollowedFile {
    private let file: AtomicFile
    private let reader: FileReader
    private var offset: Int64 = 0

    /// How long to wait for more, and how long for little.
    private static let pause = Duration.milliseconds(20)
    private static let patience = Duration.milliseconds(200)

    init(_ file: AtomicFile) throws {
        self.file = file
        reader = try FileReader(path: file.partPath)
    }

    /// The next chunk, nil when the process has ended and all is read.
    ///
    /// - Throws: ``MigrationError`` if nothing comes for as long as `stallLimit`; `CancellationError`.
    func read(stallLimit: Duration, program: String, hasEnded: @Sendable () -> Bool) async throws -> ByteBuffer? {
        let start = ContinuousClock.now
        while true {
            try Task.checkCancellation()
            // Asked in this order: what the process wrote before its end is seen.
            let isLast = hasEnded()
            let waiting = try reader.identity().size - offset
            let waited = ContinuousClock.now - start
            if isLast || waiting >= ByteBuffer.chunkSize || (waiting > 0 && waited > Self.patience) {
                let chunk = try reader.readNow()
                offset += Int64(chunk?.readableBytes ?? 0)
                await file.startWriting(upTo: offset)
                return chunk
            }
            if waited > stallLimit { throw MigrationError.stalled(program, stallLimit) }
            try await Task.sleep(for: Self.pause)
        }
    }
}

extension MigrationError {
    static func stalled(_ program: String, _ limit: Duration) -> MigrationError {
        MigrationError(
            .failed, "`\(program)` has printed nothing for \(limit.components.seconds) seconds, so it was stopped.",
            next: "Check what the database is waiting for (pg_stat_activity), then run the same command again."
        )
    }
}
