internal import NIOCore
import Synchronization

/// Counts the bytes of an upload that are stored or on their way, of all parts together.
final class UploadMeter: Sendable {
    private struct State {
        var stored: Int64 = 0
        var onTheirWay: [Int: Int64] = [:]
        var total: Int64 { onTheirWay.values.reduce(stored, +) }
    }

    private let state = Mutex(State())
    private let onProgress: @Sendable (Int64) -> Void

    init(_ onProgress: @escaping @Sendable (Int64) -> Void) { self.onProgress = onProgress }

    /// The part is sent from its beginning.
    func restart(_ part: UploadPart) { change { $0.onTheirWay[part.number] = 0 } }

    /// The part is stored.
    func stored(_ part: UploadPart) {
        change { state in
            state.onTheirWay[part.number] = nil
            state.stored += part.size
        }
    }

    /// The part's bytes, counted as they are taken, and no faster than the limit lets them.
    func watching(_ part: UploadPart, _ stream: ByteStream, _ limit: RateLimit?) -> ByteStream {
        let iterator = (limit?.pacing(stream) ?? stream).makeAsyncIterator()
        return ByteStream {
            guard let chunk = try await iterator.next() else { return nil }
            self.change { $0.onTheirWay[part.number, default: 0] += Int64(chunk.readableBytes) }
            return chunk
        }
    }

    private func change(_ body: (inout State) -> Void) {
        let total = state.withLock { state in
            body(&state)
            return state.total
        }
        onProgress(total)
    }
}
