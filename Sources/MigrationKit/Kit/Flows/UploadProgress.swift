internal import MigrationKitFoundation
internal import NIOCore
import Synchronization

/// The progress of one dump's upload: what passes through the scanner and what gets through to the store, as one event
/// stream; and what `--gzip` would gain where the wire is what is waited for.
final class UploadProgress: Sendable {
    private struct State {
        var table: String?
        var passed: Int64 = 0
        var sample: GzipSample?
        /// Where the measuring of the wire has begun.
        var start: (bytes: Int64, at: ContinuousClock.Instant)?
        var advice: String?
        var hasAdvised = false
    }

    private let name: String
    private let countsSource: Bool
    private let onEvent: MigrationEventHandler
    private let state = Mutex(State())

    /// Past the schema, where the rows are, of which most of a dump consists.
    private static let sampleOffset: Int64 = 4 << 20
    /// How long the wire is measured at a time.
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
            if case .advanced(_, _, let detail) = event {
                self.state.withLock { $0.table = detail }
                if !self.countsSource { return }
            }
            self.onEvent(event)
        }
    }

    /// The same bytes, of which one chunk is compressed to see what comes of it.
    func sampling(_ stream: ByteStream) -> ByteStream {
        let iterator = stream.makeAsyncIterator()
        return ByteStream {
            guard let chunk = try await iterator.next() else { return nil }
            let isSample = self.state.withLock { state in
                state.passed += Int64(chunk.readableBytes)
                return state.sample == nil && state.passed > Self.sampleOffset
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
        let (detail, news) = state.withLock { state in
            let start = state.start ?? (bytes, .now)
            state.start = start
            let duration = ContinuousClock.now - start.at
            var news: String?
            if duration > Self.measuringTime {
                let gain = state.sample.flatMap { Self.gain(bytes - start.bytes, in: duration, $0) }
                state.advice = gain.map { "\($0)x with --gzip" }
                state.start = (bytes, .now)
                if !state.hasAdvised { news = gain }
                state.hasAdvised = state.hasAdvised || gain != nil
            }
            return (state.advice ?? state.table, news)
        }
        if let news {
            onEvent(
                .notice(
                    .init(
                        .gzipIsFaster,
                        "With --gzip the upload of \(name) would be about \(news)x faster. To switch: Ctrl-C, then run "
                            + "again with --gzip.",
                        ["name": .init(name), "factor": Double(news).map { .number($0) } ?? .null])))
        }
        onEvent(.advanced(name, bytes: bytes, detail: detail))
    }

    /// How many times as fast it would be to compress than to wait for the wire; nil if that is hardly more.
    private static func gain(_ bytes: Int64, in duration: Duration, _ sample: GzipSample) -> String? {
        let wire = Double(bytes) / (duration / .seconds(1))
        // Others may be on their way at the same time, and would be compressed, too.
        let cores = Double(ProcessInfo.processInfo.activeProcessorCount) / Double(Database.allCases.count)
        let compressed = min(wire * sample.ratio, sample.bytesPerSecondPerCore * cores)
        guard wire > 0, compressed > wire * 1.5 else { return nil }
        return "\((compressed / wire * 10).rounded() / 10)"
    }
}
