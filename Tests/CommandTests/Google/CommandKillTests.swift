import FakeGoogle
import Foundation
import MigrationKit
import Subprocess
import TestClusters
import Testing

/// An upload that is killed, at any moment, goes on.
@Suite(.timeLimit(.minutes(30))) struct CommandKillTests {
    private static let parallel = 2
    private static let partSize: Int64 = 5 << 20
    /// Four parts: some are there, some on their way, some to come.
    private static let dump = CommandDump(rows: 17_000_000)
    private static let parts = 1...4
    /// So many uploads at once, for the sake of other tests.
    private static let turns = TestTurns(3)

    /// When the program is killed.
    private enum Moment {
        /// This request has come but is not answered.
        case unanswered(FakeOperation, of: String)
        /// What this request wants is done, but the answer does not arrive.
        case unheard(FakeOperation, of: String)
        /// So many bytes of a part have come.
        case partial(Int, bytes: Int64)
        /// So many requests have ended.
        case after(requests: Int)

        init(_ random: inout SplitMix) {
            let steps: [(FakeOperation, String)] = [
                (.startMultipart, "primary.sql"), (.part(Int.random(in: parts, using: &random)), "primary.sql"),
                (.complete, "primary.sql"), (.startSession, "manifest.json"), (.finalChunk, "manifest.json"),
                (.listParts, "primary.sql"),
            ]
            let (operation, object) = steps[Int.random(in: 0..<steps.count, using: &random)]
            switch Int.random(in: 0..<6, using: &random) {
            case 0: self = .unanswered(operation, of: object)
            case 1, 2: self = .unheard(operation, of: object)
            case 3: self = .after(requests: Int.random(in: 0...10, using: &random))
            default:
                self = .partial(
                    Int.random(in: parts, using: &random), bytes: Int64.random(in: 1...5_000_000, using: &random))
            }
        }

        /// Returns when it has come; or when there is nothing more to be stopped.
        func come(_ fake: FakeGoogleStorage) async throws {
            let begun = fake.requests.count
            switch self {
            case .unanswered(let operation, let object): fake.fault(operation, of: object, .stall())
            case .unheard(let operation, let object): fake.fault(operation, of: object, .lostAnswer)
            case .partial(let part, let bytes): fake.fault(.part(part), .stall(afterBytes: bytes))
            case .after: break
            }
            try await fake.waitUntil { record in
                let new = record.requests.dropFirst(begun)
                if new.contains(where: { $0.object == "manifest.json" && $0.operation == .finalChunk && $0.isOver }) {
                    return true
                }
                return switch self {
                case .unanswered, .partial: record.stalled > 0
                case .unheard: new.contains { $0.fault == .lostAnswer && $0.isOver }
                case .after(let requests): new.count(where: \.isOver) >= requests
                }
            }
        }
    }

    @Test(arguments: 0..<50)
    func killedUploadGoesOn(seed: UInt64) async throws {
        try await Self.turns.take {
            try await CommandPlace.with { place in
                var random = SplitMix(seed: seed)
                try place.write(Self.dump.text, as: .primary)
                try place.writeRecord(of: Self.dump.text)
                let kills = Int.random(in: 1...2, using: &random)
                for _ in 0..<kills where place.object("manifest.json") == nil {
                    let moment = Moment(&random)
                    let killed = try await upload(place) { process in
                        try await moment.come(place.fake)
                        try? process.send(.kill)
                    }
                    #expect(killed.exit ?? 0 == 0, "\(killed.errors)")
                    place.fake.removeFaults()
                    place.fake.releaseStalls()
                    try await place.fake.waitUntilQuiet()
                    let object = place.object("primary.sql")
                    #expect(object == nil || object == Self.dump.text, "\(moment)")
                    for note in try place.notes() { #expect(try place.folder.mode(note) == 0o600) }
                }
                let last = try await upload(place)
                #expect(last.exit == 0, "\(last.errors)")
                #expect(place.objects == ["manifest.json", "primary.sql"])
                #expect(place.object("primary.sql") == Self.dump.text)
                let again = place.partBytes - Int64(Self.dump.text.count)
                #expect(again <= Int64(kills * Self.parallel) * Self.partSize)
                // Those of which only the store knows hold nothing: for each kill at most one whose answer was lost, and
                // the one that was begun instead before the signal came.
                #expect(place.paidUploads == [] && place.fake.openUploads.count <= 2 * kills)
                #expect(place.fake.violations == [])
            }
        }
    }

    private func upload(
        _ place: CommandPlace, whileRunning: @Sendable (ProcessIdentifier) async throws -> Void = { _ in }
    ) async throws -> Workplace.Finished {
        try await place.uploadPrimary("--profile=none", "--parallel=\(Self.parallel)", whileRunning: whileRunning)
    }
}

/// Numbers that are the same for the same seed.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x2545_F491_4F6C_DD1D }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
