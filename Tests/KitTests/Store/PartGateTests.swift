import Testing

@testable import MigrationKit

/// How many parts are let through at once, and in which order.
@Suite(.timeLimit(.minutes(5))) struct PartGateTests {
    /// Enters with so many bytes, which comes to pass sooner or later.
    private func entering(_ gate: PartGate, _ bytes: Int64 = 0) async -> Task<Void, Never> {
        let waiting = await gate.waitingCount
        let task = Task { await gate.enter(holding: bytes) }
        while await gate.waitingCount == waiting { await Task.yield() }
        return task
    }

    @Test func soManyEnterAndTheOthersInTheirOrder() async {
        let gate = PartGate(parts: 2, heldBytes: 100)
        await gate.enter()
        await gate.enter()
        let third = await entering(gate)
        let fourth = await entering(gate)
        await gate.leave()
        await third.value
        #expect(await gate.waitingCount == 1)
        await gate.leave()
        await fourth.value
        #expect(await gate.waitingCount == 0)
    }

    @Test func bytesThatAreHeldStayBelowTheLimit() async {
        let gate = PartGate(parts: 10, heldBytes: 100)
        await gate.enter(holding: 60)
        await gate.enter(holding: 40)
        let large = await entering(gate, 50)
        // Nobody overtakes, or the large one would never come.
        let small = await entering(gate, 1)
        await gate.leave(holding: 40)
        #expect(await gate.waitingCount == 2)
        await gate.leave(holding: 60)
        await large.value
        await small.value
    }

    @Test func partThatIsLargerThanTheLimitEntersAlone() async {
        let gate = PartGate(parts: 10, heldBytes: 100)
        await gate.enter(holding: 1000)
        let next = await entering(gate, 1)
        await gate.leave(holding: 1000)
        await next.value
    }
}
