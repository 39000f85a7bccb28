/// Sends the parts of an object side by side, as many at once as its store lets, and waits for those that are on their
/// way.
///
/// The parts are sent by tasks of their own, which whoever is cancelled does not take along: a part that is nearly there
/// is worth waiting for.
actor PartSender {
    private let gate: PartGate
    private let retry: Retry
    private let sendOne: @Sendable (UploadPart) async throws -> UploadNotes.Part
    private var onTheirWay = 0
    private var done: [UploadNotes.Part] = []
    private var waiting: [CheckedContinuation<Void, Never>] = []
    /// What the first part that cannot be sent has failed with.
    private(set) var failure: (any Error)?

    init(
        gate: PartGate, retry: Retry,
        send: @escaping @Sendable (UploadPart) async throws -> UploadNotes.Part
    ) {
        self.gate = gate
        self.retry = retry
        sendOne = send
    }

    /// Sends a part as soon as there is room for it; returns when it is on its way.
    ///
    /// - Throws: What an earlier part has failed with.
    func send(_ part: UploadPart) async throws {
        let bytes = part.heldBytes
        await gate.enter(holding: bytes)
        do {
            if let failure { throw failure }
            try Task.checkCancellation()
        } catch {
            await gate.leave(holding: bytes)
            throw error
        }
        onTheirWay += 1
        Task {
            do {
                let stored = try await sendOne(part)
                done.append(stored)
            } catch {
                failure = failure ?? error
                // The others end too, rather than try again.
                retry.stop()
            }
            await gate.leave(holding: bytes)
            onTheirWay -= 1
            for one in waiting { one.resume() }
            waiting = []
        }
    }

    /// A part that is stored already.
    func skip(_ part: UploadNotes.Part) { done.append(part) }

    /// Waits until nothing is on its way.
    func finish() async {
        while onTheirWay > 0 { await somethingHappens() }
    }

    /// All parts, in order.
    ///
    /// - Throws: What the first of them has failed with.
    func confirmed() throws -> [UploadNotes.Part] {
        if let failure { throw failure }
        return done.sorted { $0.number < $1.number }
    }

    private func somethingHappens() async { await withCheckedContinuation { waiting.append($0) } }
}
