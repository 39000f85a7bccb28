import DumpSamples
import NIOCore
import TestSupport
import Testing

@testable import MigrationKitBase
@testable import MigrationKitPostgresDump

/// Parts are believed if they are what would be made of their dump today.
@Suite struct SplitCheckerTests {
    private func isTaken(_ split: SplitDump, _ chunking: Chunking = .whole) throws -> Bool {
        var parts = split.parts
        if let extensions = parts.firstIndex(where: { $0.part.kind == .extensions }) {
            parts.insert(parts.remove(at: extensions), at: 0)
        }
        var checker = SplitChecker(names: PartNames(database: .primary, isCompressed: false))
        do {
            for one in parts {
                let object = StoredObject(name: one.part.name, StreamChecksum())
                let part = DumpPart(kind: one.part.kind, object: object, prologue: 0, epilogue: 0)
                try checker.begin(part)
                let body = Array(one.text.dropFirst(one.part.prologue.readableBytes).prefix(Int(one.part.length)))
                try chunking.forEachChunk(of: body) { try checker.scan(ByteBuffer(bytes: $0)) }
                let (prologue, rest) = (
                    one.text.prefix(one.part.prologue.readableBytes),
                    one.text.dropFirst(
                        one.part.prologue.readableBytes + body.count)
                )
                try checker.end(
                    part, prologue: ByteBuffer(bytes: prologue), length: Int64(body.count),
                    epilogue: ByteBuffer(bytes: rest))
            }
            try checker.finish()
            return true
        } catch is MigrationError { return false }
    }

    @Test(arguments: SQLDumps.fixtureVersions)
    func partsOfTheSplitterAreTaken(version: Int) throws {
        let dump = try SQLDumps.fixture(version)
        for profile in RewriteProfile.allCases {
            let rewritten = profile == .none ? dump : Rewritten(dump, profile).output
            for size: Int64 in [1, 1000, 4000, .max] {
                let split = try SplitDump(rewritten, size: size)
                #expect(try isTaken(split))
                #expect(try isTaken(split, .random(seed: 5)))
            }
        }
    }

    @Test func partsOfFuzzAreTaken() throws {
        for seed: UInt64 in 0..<300 {
            for size: Int64 in [1, 500] {
                guard let split = try? SplitDump(SQLFuzz.dump(seed: seed), size: size) else { continue }
                try #require(try isTaken(split), "\(seed)")
                try #require(try isTaken(split, .every(1)), "\(seed)")
            }
        }
    }

    @Test func linesOfEitherKindAreTaken() throws {
        let dump = SQLDumps.copy("t", "one", "two") + SQLDumps.copy("u", "one", "two").replacing("\n", with: "\r\n")
        #expect(try isTaken(try SplitDump(dump, size: 1)))
        #expect(try isTaken(try SplitDump("", size: 1)))
    }

    private static let dump = SQLDumps.whole(SQLDumps.copy("t", "one", "two", "three") + "ALTER TABLE t;")

    @Test func anyOtherTextAroundAPartIsRefused() throws {
        let split = try SplitDump(Self.dump, size: 1)
        for index in split.parts.indices {
            let part = split.parts[index].part
            let changes: [(Int, [UInt8])] = [
                (part.prologue.readableBytes - 1, Array("x".utf8)), (0, Array("DROP TABLE t;\n".utf8)),
            ]
            for (place, text) in changes {
                var other = split
                other.parts[index].text.insert(contentsOf: text, at: place)
                other.parts[index].part.prologueGrows(by: text, at: place)
                #expect(try !isTaken(other), "\(part.name)")
            }
            var other = split
            other.parts[index].text += Array("SELECT 1;".utf8)
            #expect(try !isTaken(other), "\(part.name)")
        }
    }

    @Test func seamThatWasMovedIsRefused() throws {
        let split = try SplitDump(Self.dump, size: 1)
        for index in split.parts.indices.dropLast() {
            let next = index + 1
            guard split.parts[next].part.length > 1 else { continue }
            var other = split
            let head = split.parts[next].part.prologue.readableBytes
            let byte = other.parts[next].text.remove(at: head)
            let end = split.parts[index].part.prologue.readableBytes + Int(split.parts[index].part.length)
            other.parts[index].text.insert(byte, at: end)
            other.parts[index].part.length += 1
            other.parts[next].part.length -= 1
            #expect(try !isTaken(other), "\(split.parts[next].part.name)")
        }
    }

    @Test func missingPartIsRefused() throws {
        let split = try SplitDump(Self.dump, size: 1)
        for index in split.parts.indices {
            var other = split
            other.parts.remove(at: index)
            #expect(try !isTaken(other))
        }
    }
}

extension SplitPart {
    /// The part with a longer head.
    fileprivate mutating func prologueGrows(by text: [UInt8], at place: Int) {
        var bytes = Array(prologue.readableBytesView)
        bytes.insert(contentsOf: text, at: place)
        self = SplitPart(
            kind: kind, name: name, start: start, prologue: ByteBuffer(bytes: bytes), length: length,
            epilogue: epilogue, hasEnded: true)
    }
}
