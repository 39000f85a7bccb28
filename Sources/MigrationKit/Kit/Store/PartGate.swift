/// Lets so many parts be on their way at once, of all objects that a store is sent, and so many bytes be held for them in
/// memory. Whoever comes later waits, in the order of coming: objects that are sent side by side get on alike.
actor PartGate {
    private let limit: Int
    private let heldLimit: Int64
    private var onTheirWay = 0
    private var held: Int64 = 0
    private var waiting: [(bytes: Int64, continuation: CheckedContinuation<Void, Never>)] = []

    /// How many wait.
    var waitingCount: Int { waiting.count }

    /// - Parameters:
    ///   - parts: How many.
    ///   - heldBytes: How many bytes; one part may be larger by itself.
    init(parts: Int, heldBytes: Int64) {
        limit = max(1, parts)
        heldLimit = heldBytes
    }

    /// Waits until there is room for a part.
    ///
    /// - Parameter bytes: How much of it stays in memory until it is stored.
    func enter(holding bytes: Int64 = 0) async {
        if waiting.isEmpty, hasRoom(for: bytes) {
            take(bytes)
        } else {
            await withCheckedContinuation { waiting.append((bytes, $0)) }
        }
    }

    /// The part is no longer on its way.
    ///
    /// - Parameter bytes: What it was let in with.
    func leave(holding bytes: Int64 = 0) {
        onTheirWay -= 1
        held -= bytes
        while let next = waiting.first, hasRoom(for: next.bytes) {
            waiting.removeFirst()
            take(next.bytes)
            next.continuation.resume()
        }
    }

    private func hasRoom(for bytes: Int64) -> Bool {
        onTheirWay < limit && (bytes == 0 || held == 0 || held + bytes <= heldLimit)
    }

    private func take(_ bytes: Int64) {
        onTheirWay += 1
        held += bytes
    }
}
