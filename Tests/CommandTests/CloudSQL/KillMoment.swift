import FakeGoogle
import NIOCore
import TestSupport

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
    /// - Parameter journal: The folder of the journal's entries in the bucket.
    func wait(for moment: KillMoment, journal: String) async throws {
        let isEntry = { @Sendable (request: FakeRequest) in
            request.operation == .insert && request.object.hasPrefix("\(journal)/")
        }
        let entries = storage.objectNames(in: Self.bucket).count { name in
            name.hasPrefix("\(journal)/") && name.contains(/\/[0-9]{6}\.json$/)
        }
        let (begun, asked) = (storage.requests.count, instance.requests.count)
        switch moment {
        case .before(let number): storage.fault(FaultRule(skip: number - 1, .stall(), where: isEntry))
        case .after(let number): storage.fault(FaultRule(skip: number - 1, .lostAnswer, where: isEntry))
        case .requests: break
        }
        try await withThrowingTaskGroup { group in
            group.addTask {
                switch moment {
                case .before: try await storage.waitUntil { $0.stalled > 0 }
                case .after:
                    try await storage.waitUntil { record in
                        record.requests.dropFirst(begun).contains { $0.fault == .lostAnswer && $0.isOver }
                    }
                case .requests(let count): try await instance.waitUntil { $0.requests.count >= asked + count }
                }
            }
            group.addTask { _ = await storage.state.wait { Self.hasEnded($0, journal, after: entries) } }
            try await group.next()
            group.cancelAll()
        }
    }

    /// Whether a run has ended by itself: it is asked at each change, so nothing is looked at but the new entries.
    private static func hasEnded(_ state: FakeGoogleStorage.State, _ journal: String, after count: Int) -> Bool {
        var (number, newest) = (count + 1, FakeGoogleStorage.StoredObject?.none)
        while let entry = state.objects[.init(bucket: bucket, name: "\(journal)/\(entryName(number))")] {
            (number, newest) = (number + 1, entry)
        }
        return newest.map { String(buffer: $0.bytes).contains("\"released\"") } ?? false
    }

    private static func entryName(_ number: Int) -> String {
        String(String(1_000_000 + number).dropFirst()) + ".json"
    }
}
