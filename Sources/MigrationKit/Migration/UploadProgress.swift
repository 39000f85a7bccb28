internal import Foundation
internal import NIOCore
import Synchronization

/// The progress of one dump's upload: what passes through the scanner and what gets through to the store, as one event
/// stream; and what `--gzip` would gain where the wire is what is waited for.
final class UploadProgress: Sendable {
    private struct State {
        var table: String?
        var passed: Int64 = 0
        var firstSent: (bytes: Int64, at: ContinuousClock.Instant)?
        var sample: GzipSample?
        var sampledAt: Int64 = 0
    }

    private let name: String
    private let countsSource: Bool
    private let onEvent: MigrationEventHandler
    private let state = Mutex(State())

    /// Past the schema, where the rows are, of which most of a dump consists.
    private static let sampleOffset: Int64 = 4 << 20
    /// How long the wire is measured before anything is said of it.
    private static let measuringTime = Duration.seconds(10)

    /// - Parameter countsSource: Whether what is counted is what was read, since nobody knows how much will be sent.
    init(name: String, countsSource: Bool, _ onEvent: @escaping MigrationEventHandler) {
        self.name = name
        self.countsSource = countsSource
        self.onEvent = onEvent
    }

    /// Takes the events of the pass.
    var passed: MigrationEventHandler {
        { event in
            guard case .advanced(_, let bytes, let detail) = event else { return self.onEvent(event) }
            self.state.withLock { $0.table = detail }
            if self.countsSource { self.onEvent(event) }
            _ = bytes
        }
    }

    /// The same bytes, of which one chunk is compressed to see what comes of it.
    func sampling(_ stream: ByteStream) -> ByteStream {
        let iterator = stream.makeAsyncIterator()
        return ByteStream {
            guard let chunk = try await iterator.next() else { return nil }
            let isSample = self.state.withLock { state in
                state.sampledAt += Int64(chunk.readableBytes)
                return state.sample == nil && state.sampledAt > Self.sampleOffset
            }
            if isSample {
                let sample = Gzip.sample(chunk)
                self.state.withLock { $0.sample = sample }
            }
            return chunk
        }
    }

    /// So many bytes have been sent.
    func sent(_ bytes: Int64) {
        guard !countsSource else { return }
        let detail = state.withLock { state in
            let first = state.firstSent ?? (bytes, .now)
            state.firstSent = first
            return advice(bytes - first.bytes, in: .now - first.at, state.sample) ?? state.table
        }
        onEvent(.advanced(name, bytes: bytes, detail: detail))
    }

    /// What to say where compressing would be faster than the wire is.
    private func advice(_ bytes: Int64, in duration: Duration, _ sample: GzipSample?) -> String? {
        guard let sample, duration > Self.measuringTime else { return nil }
        let wire = Double(bytes) / (duration / .seconds(1))
        let cores = Double(ProcessInfo.processInfo.activeProcessorCount)
        let compressed = min(wire * sample.ratio, sample.bytesPerSecondPerCore * cores)
        guard wire > 0, compressed > wire * 1.5 else { return nil }
        return
            "--gzip would be about \((compressed / wire).formatted(.number.precision(.fractionLength(1)))) times as fast"
    }
}
