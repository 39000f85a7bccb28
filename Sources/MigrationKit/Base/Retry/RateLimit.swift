internal import NIOCore
import Synchronization

/// A rate that several senders share: whoever is about to send takes its bytes first, and waits until they are due.
///
/// Each waits for what was taken before it, so all of them get on, in turn.
package final class RateLimit: Sendable {
    private let bucket: Mutex<Bucket>

    package init(_ rate: TransferRate) { bucket = Mutex(Bucket(rate)) }

    /// Returns when so many bytes may be sent.
    ///
    /// - Throws: `CancellationError`.
    package func take(_ bytes: Int) async throws {
        let delay = bucket.withLock { $0.delay(for: bytes, at: .now) }
        if delay > .zero { try await Task.sleep(for: delay) } else { try Task.checkCancellation() }
    }

    /// The stream, whose chunks come no faster than they may be sent.
    package func pacing(_ stream: ByteStream) -> ByteStream {
        let iterator = stream.makeAsyncIterator()
        return ByteStream {
            guard let chunk = try await iterator.next() else { return nil }
            try await self.take(chunk.readableBytes)
            return chunk
        }
    }

    /// Which bytes are due when: a bucket of tokens, by the time at which it will have paid for all that was taken.
    struct Bucket: Sendable {
        private let bytesPerSecond: Double
        private var paid: ContinuousClock.Instant?

        /// How far ahead of time may be sent: little enough not to be felt on the link, and enough that a timer which is
        /// late costs nothing.
        static let burst = Duration.milliseconds(200)

        init(_ rate: TransferRate) { bytesPerSecond = Double(rate.bytesPerSecond) }

        /// Takes bytes, and tells how long to wait before they are sent. Time in which nothing is sent is not saved up.
        mutating func delay(for bytes: Int, at now: ContinuousClock.Instant) -> Duration {
            let end = max(paid ?? now, now) + .seconds(Double(bytes) / bytesPerSecond)
            paid = end
            return max(.zero, end - now - Self.burst)
        }
    }
}
