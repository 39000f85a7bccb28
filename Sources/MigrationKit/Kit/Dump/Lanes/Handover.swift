internal import NIOCore

/// Bytes that one task gives and another takes; so many may wait at most.
actor Handover {
    private let limit: Int
    private var waitingBytes = 0
    private var chunks: [ByteBuffer] = []
    private var ending: Result<Void, any Error>?
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// - Parameter limit: How many bytes may wait.
    init(limit: Int) { self.limit = limit }

    /// Gives a chunk, once there is room for it.
    ///
    /// - Throws: What ``end(_:)`` was told: whoever takes may have failed.
    func give(_ chunk: ByteBuffer) async throws {
        while waitingBytes >= limit, ending == nil { try await change() }
        try ending?.get()
        chunks.append(chunk)
        waitingBytes += chunk.readableBytes
        wake()
    }

    /// Nothing follows; a failure is what the other side gets to know, behind what came before it.
    func end(_ outcome: Result<Void, any Error>) {
        ending = ending ?? outcome
        wake()
    }

    /// The bytes as they are taken.
    nonisolated var stream: ByteStream { ByteStream { try await self.take() } }

    private func take() async throws -> ByteBuffer? {
        while chunks.isEmpty {
            if let ending {
                try ending.get()
                return nil
            }
            try await change()
        }
        let chunk = chunks.removeFirst()
        waitingBytes -= chunk.readableBytes
        wake()
        return chunk
    }

    private func change() async throws {
        try Task.checkCancellation()
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiting.append($0) }
        } onCancel: {
            Task { await self.wake() }
        }
        try Task.checkCancellation()
    }

    private func wake() {
        for one in waiting { one.resume() }
        waiting = []
    }
}
