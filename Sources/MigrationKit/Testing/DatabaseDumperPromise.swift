public import MigrationKit
import NIOCore

/// One thing that every `DatabaseDumper` owes, and how to see that a dumper does it.
///
/// ```swift
/// for promise in DatabaseDumperPromise.all { try await promise.check(MyDumper()) }
/// try await DatabaseDumperPromise.ofTorn.check(MyDumper(from: aServerThatDiesInItsMiddle))
/// ```
public struct DatabaseDumperPromise: Promise {
    /// The promise in a few words, such as `gives a dump that is whole`.
    public let description: String
    private let body: @Sendable (any DatabaseDumper) async throws -> Void

    private init(_ description: String, _ body: @escaping @Sendable (any DatabaseDumper) async throws -> Void) {
        self.description = description
        self.body = body
    }

    /// Checks that a dumper keeps the promise.
    ///
    /// - Parameter dumper: One of a database with rows, in which nobody works meanwhile.
    /// - Throws: ``BrokenPromise``, or what the dumper throws where it should not.
    public func check(_ dumper: any DatabaseDumper) async throws { try await body(dumper) }

    /// What is owed by each dumper.
    public static let all = [
        DatabaseDumperPromise("gives a dump that is whole, again and again") { dumper in
            let first = try await contents(of: dumper)
            try require(first.tables.contains { $0.rows > 0 }, "The dump has no rows.")
            let second = try await contents(of: dumper)
            try require(first.tables == second.tables, "Another dump of the same has other rows.")
        },
        DatabaseDumperPromise("ends with whoever reads it") { dumper in
            let first = try await dumper.withDump { stream in try await stream.makeAsyncIterator().next() }
            try require(first?.readableBytes ?? 0 > 0, "The dump is empty.")
            let error = try await requireThrow("withDump whose body throws") {
                try await dumper.withDump { stream in
                    _ = try await stream.makeAsyncIterator().next()
                    throw Enough()
                }
            }
            try require(error is Enough, "What the body throws is not what withDump throws: \(error)")
            _ = try await contents(of: dumper)
        },
    ]

    /// What is owed by a dumper whose source fails in the middle of a dump: its stream throws, so that nobody takes the
    /// dump for one that is whole.
    public static let ofTorn = DatabaseDumperPromise("throws in place of a torn dump's end") { dumper in
        var (chunks, hasEnded) = (0, false)
        try await requireThrow("Dumping from a source that fails") {
            try await dumper.withDump { stream in
                for try await _ in stream { chunks += 1 }
                hasEnded = true
            }
        }
        try require(chunks > 0, "Nothing of the dump came: its source did not fail in the middle.")
        try require(!hasEnded, "The stream of a torn dump ends as if it were whole.")
    }

    private struct Enough: Error {}

    private static func contents(of dumper: any DatabaseDumper) async throws -> DumpContents {
        try await dumper.withDump { stream in
            var (pass, output) = (DumpPass(profile: .none), ByteBuffer())
            for try await chunk in stream {
                try pass.transform(chunk, into: &output)
                output.clear()
            }
            return try pass.finish(into: &output).contents
        }
    }
}
