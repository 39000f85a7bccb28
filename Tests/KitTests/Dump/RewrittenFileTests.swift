import DumpSamples
import Foundation
import NIOCore
import SystemPackage
import TestSupport
import Testing

@testable import MigrationKit
@testable import MigrationKitBase
@testable import MigrationKitPostgresDump

/// Any stretch of a rewritten dump, made again from the file, is what was written first.
@Suite struct RewrittenFileTests {
    /// A dump as it was rewritten in these chunks, and its file.
    private struct Subject {
        let output: [UInt8]
        let insertions: [Insertion]

        init(_ dump: [UInt8], _ chunking: Chunking) {
            var pass = DumpPass(profile: .cloudSQL)
            var output: [UInt8] = []
            chunking.forEachChunk(of: dump) { chunk in
                // As it is sent: a buffer for each chunk. Of rows with wrong columns the pass says so, and goes on.
                var buffer = ByteBuffer()
                try? pass.transform(ByteBuffer(bytes: chunk), into: &buffer)
                output += buffer.readableBytesView
            }
            var buffer = ByteBuffer()
            _ = try? pass.finish(into: &buffer)
            self.output = output + buffer.readableBytesView
            insertions = pass.insertions
        }

        /// Ranges that begin or end within what was inserted, at its edges, and anywhere.
        func ranges(_ random: inout SeededRandom) -> [Range<Int64>] {
            let edges = insertions.flatMap { $0.offset - 1...$0.offset + $0.count + 1 }
            let size = Int64(output.count)
            return (0..<40).map { _ in
                let places = (0..<2).map { _ in
                    let anywhere = Int64.random(in: 0...size, using: &random)
                    return Bool.random(using: &random) ? edges.randomElement(using: &random) ?? anywhere : anywhere
                }.map { min(max(0, $0), size) }
                return min(places[0], places[1])..<max(places[0], places[1])
            } + [0..<size]
        }
    }

    private static func withFile(_ bytes: [UInt8], _ body: (FileReader) async throws -> Void) async throws {
        let url = FileManager.default.temporaryDirectory.appending(component: UUID().uuidString)
        try Data(bytes).write(to: url)
        defer { try? FileManager.default.removeItem(at: url) }
        try await body(try FileReader(path: FilePath(url.path)))
    }

    @Test(arguments: 0..<10 as Range<UInt64>)
    func anyStretchIsWhatWasWritten(block: UInt64) async throws {
        for seed in block * 8..<(block + 1) * 8 {
            var random = SeededRandom(seed: seed)
            let head = Array("--\n-- PostgreSQL database dump\n--\n\n".utf8)
            let dump = (0..<6).reduce(head) { $0 + SQLFuzz.dump(seed: seed * 6 + UInt64($1)) }
            try await Self.withFile(dump) { reader in
                for chunking in [Chunking.whole, .every(1), .random(seed: seed)] {
                    let subject = Subject(dump, chunking)
                    let file = RewrittenFile(reader: reader, insertions: subject.insertions)
                    for range in subject.ranges(&random) {
                        let again = try await file.stream(range).collect()
                        guard again != Array(subject.output[Int(range.lowerBound)..<Int(range.upperBound)]) else {
                            continue
                        }
                        Issue.record("seed \(seed), \(chunking), \(range): \(SQLBytes(again))")
                        return
                    }
                }
            }
        }
    }

    @Test func fuzzInsertsAllThereIsToInsert() {
        var texts = Set<Insertion.Text>()
        for seed in 0..<100 as Range<UInt64> {
            texts.formUnion(
                Subject(Array("--\n-- PostgreSQL database dump\n--\n\n".utf8) + SQLFuzz.dump(seed: seed), .whole)
                    .insertions.map(\.text))
        }
        #expect(texts == [.commentMark, .lineEnd])
    }

    @Test func stretchBehindTheEndSaysThatTheFileHasChanged() async throws {
        try await Self.withFile(Array("short".utf8)) { reader in
            let file = RewrittenFile(reader: reader, insertions: [])
            let error = try await #require(throws: MigrationError.self) { _ = try await file.stream(2..<99).collect() }
            #expect(error.message.contains("changed while it was being read"))
        }
    }
}
