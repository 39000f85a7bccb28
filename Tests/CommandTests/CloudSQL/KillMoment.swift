import NIOCore

/// When a run that keeps a journal is killed.
enum KillMoment: Sendable, Hashable {
    /// What it writes into its journal's folder as the first, second … has been sent and is not stored.
    case before(entry: Int)
    /// It is stored, and the run does not know.
    case after(entry: Int)
    /// It has sent so many requests to the instance.
    case requests(Int)
}

extension CloudSQLPlace {
    /// Returns when the moment has come, or a run has ended by itself before it. The storage's faults have to be removed
    /// then.
    ///
    /// - Parameter journal: The journal's folder in the bucket.
    func wait(for moment: KillMoment, journal: String) async {
        let isEntry = { @Sendable (request: FakeRequest) in
            request.operation == .finalChunk && request.object.hasPrefix("\(journal)/")
        }
        let (ends, begun, asked) = (
            Self.ends(storage.state.change { $0 }, journal), storage.requests.count, instance.requests.count
        )
        switch moment {
        case .before(let number): storage.fault(FaultRule(skip: number - 1, .stall(), where: isEntry))
        case .after(let number): storage.fault(FaultRule(skip: number - 1, .lostAnswer, where: isEntry))
        case .requests: break
        }
        await withTaskGroup { group in
            group.addTask {
                switch moment {
                case .before: await storage.waitUntil { $0.stalled > 0 }
                case .after:
                    await storage.waitUntil { record in
                        record.requests.dropFirst(begun).contains { $0.fault == .lostAnswer && $0.isOver }
                    }
                case .requests(let count): await instance.waitUntil { $0.requests.count >= asked + count }
                }
            }
            group.addTask { await storage.state.wait { Self.ends($0, journal) > ends } }
            await group.next()
            group.cancelAll()
        }
    }

    /// How many runs have ended by themselves.
    private static func ends(_ state: FakeGoogleStorage.State, _ journal: String) -> Int {
        state.objects.filter {
            $0.key.name.hasPrefix("\(journal)/") && String(buffer: $0.value.bytes).contains("released")
        }
        .count
    }
}
