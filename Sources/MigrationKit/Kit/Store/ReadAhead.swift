internal import NIOCore
import Synchronization

/// Fetches ranges side by side and gives them in order. Whoever reads slowly slows down the fetching.
actor ReadAhead {
    private var rest: ArraySlice<Range<Int64>>
    private let atOnce: Int
    private let fetch: @Sendable (Range<Int64>) async throws -> ByteBuffer
    private var onTheirWay: [Task<ByteBuffer, any Error>] = []

    init(
        _ ranges: [Range<Int64>], atOnce: Int, fetch: @escaping @Sendable (Range<Int64>) async throws -> ByteBuffer
    ) {
        rest = ranges[...]
        self.atOnce = atOnce
        self.fetch = fetch
    }

    deinit { for task in onTheirWay { task.cancel() } }

    /// The next range's bytes, nil at the end.
    func next() async throws -> ByteBuffer? {
        while onTheirWay.count < atOnce, let range = rest.popFirst() {
            onTheirWay.append(Task { [fetch] in try await fetch(range) })
        }
        guard let first = onTheirWay.first else { return nil }
        let bytes = try await withTaskCancellationHandler {
            try await first.value
        } onCancel: {
            first.cancel()
        }
        onTheirWay.removeFirst()
        return bytes
    }
}

/// The CRC32C of chunks as they pass.
final class RunningChecksum: Sendable {
    private let crc = Mutex(CRC32C())

    var value: UInt32 { crc.withLock { $0.value } }

    func update(_ chunk: ByteBuffer) {
        crc.withLock { crc in chunk.withUnsafeReadableBytes { crc.update($0) } }
    }
}
