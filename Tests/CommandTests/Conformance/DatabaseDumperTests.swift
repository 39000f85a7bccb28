import Foundation
import MigrationKit
import MigrationKitTesting
import NIOCore
import SystemPackage
import TestClusters
import TestSupport
import Testing

/// What every ``DatabaseDumper`` owes.
@Suite(.inTurn) struct DatabaseDumperTests {
    enum Kind: String, CaseIterable { case pgDump, dumpFile }

    private struct Stopped: Error {}

    let workplace: Workplace

    init() async throws { workplace = try await Workplace() }

    /// More than fits between a server and one who reads, and a table behind it that has to be asked for.
    private static let schema = """
        CREATE TABLE filling AS SELECT n AS id, repeat(md5(n::text), 20) AS filler FROM generate_series(1, 20000) AS n;
        CREATE TABLE last AS SELECT 1 AS id;
        """

    private static func name(_ kind: Kind, _ subject: String) -> String { "conform_\(subject)_\(kind)".lowercased() }

    private func target(_ database: String) -> DatabaseTarget {
        let source = workplace.postgres.source
        return DatabaseTarget(
            target: "127.0.0.1", dbname: database, username: source.superuser, password: Secret(source.password),
            port: source.port)
    }

    /// Calls `body` with a dumper of a database of its own, and with the dump as pg_dump itself writes it.
    private func with(
        _ kind: Kind, _ subject: String, _ body: @Sendable (any DatabaseDumper, String) async throws -> Void
    ) async throws {
        let source = workplace.postgres.source
        let database = Self.name(kind, subject)
        try await source.withDatabase(database, Self.schema) {
            let dumper = PgDump(.codeintel, transport: .pgDump, target: target(database))
            let dumped = try await workplace.shell(dumper.command.dump.shellLine)
            try #require(dumped.exit == 0, "\(dumped.errors)")
            switch kind {
            case .pgDump: try await body(dumper, dumped.output)
            case .dumpFile:
                try workplace.folder.write("dump.sql", dumped.output)
                try await body(
                    DumpFile(database: .codeintel, path: workplace.folder.file("dump.sql")), dumped.output)
            }
        }
    }

    private func text(_ stream: ByteStream) async throws -> String {
        var bytes = ByteBuffer()
        for try await chunk in stream { bytes.writeImmutableBuffer(chunk) }
        return String(buffer: bytes)
    }

    /// The key after `\restrict` is another one every time.
    private func lines(_ dump: String) -> [String] {
        dump.components(separatedBy: "\n").filter { !$0.hasPrefix("\\restrict ") && !$0.hasPrefix("\\unrestrict ") }
    }

    /// No program that dumps this database runs any more, and the server has no session of it.
    private func isGone(_ kind: Kind, _ subject: String) async throws {
        let name = Self.name(kind, subject)
        let processes = try await workplace.shell("ps -A -ww -o args=").output.split(separator: "\n")
        // Of this cluster: other tests may run on this machine, too.
        let port = "--port=\(workplace.postgres.source.port)"
        #expect(processes.filter { $0.contains("--dbname=\(name)") && $0.contains(port) } == [])
        try await workplace.postgres.source.wait(
            until: """
                NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = '\(name)' AND application_name = 'pg_dump')
                """)
    }

    @Test(arguments: Kind.allCases)
    func promisesAreKept(kind: Kind) async throws {
        try await with(kind, "promise") { dumper, dump in
            for promise in DatabaseDumperPromise.all { try await promise.check(dumper) }
            guard kind == .dumpFile else { return }
            try workplace.folder.write("dump.sql", String(dump.dropLast(200)))
            try await DatabaseDumperPromise.ofTorn.check(dumper)
        }
        try await isGone(kind, "promise")
    }

    /// Gives part of a dump for the whole of it, or what it was given before.
    private struct OwnDumper: DatabaseDumper {
        let database = Database.codeintel
        let whole: any DatabaseDumper
        var chunks = Int.max

        func withDump<Value: Sendable>(_ body: (ByteStream) async throws -> Value) async throws -> Value {
            try await whole.withDump { stream in
                let iterator = stream.makeAsyncIterator()
                let left = Watched(chunks)
                return try await body(
                    ByteStream {
                        left.change {
                            $0 -= 1
                            return $0
                        } < 0 ? nil : try await iterator.next()
                    })
            }
        }
    }

    @Test func brokenPromiseIsFound() async throws {
        try await with(.dumpFile, "broken") { dumper, _ in
            for promise in DatabaseDumperPromise.all { try await promise.check(OwnDumper(whole: dumper)) }
            let (whole, ends, torn) = (
                DatabaseDumperPromise.all[0], DatabaseDumperPromise.all[1], DatabaseDumperPromise.ofTorn
            )
            for (promise, chunks) in [(torn, 1), (torn, 0), (ends, 0)] {
                await #expect(throws: BrokenPromise.self) {
                    try await promise.check(OwnDumper(whole: dumper, chunks: chunks))
                }
            }
            let error = try await #require(throws: MigrationError.self) {
                try await whole.check(OwnDumper(whole: dumper, chunks: 1))
            }
            #expect(error.code == .tornDump)
        }
    }

    @Test(arguments: Kind.allCases)
    func streamIsTheDumpByteForByte(kind: Kind) async throws {
        try await with(kind, "whole") { dumper, dump in
            #expect(dumper.database == .codeintel)
            for _ in 1...2 {
                let streamed = try await dumper.withDump { try await text($0) }
                // Not compared in the expectation: it would print megabytes.
                let isSame = kind == .pgDump ? lines(streamed) == lines(dump) : streamed == dump
                #expect(isSame)
            }
        }
    }

    @Test(arguments: Kind.allCases)
    func bodysValueComesOut(kind: Kind) async throws {
        try await with(kind, "value") { dumper, dump in
            let count = try await dumper.withDump { try await text($0).utf8.count }
            #expect(count == dump.utf8.count)
        }
    }

    @Test(arguments: Kind.allCases)
    func tornDumpThrowsFromTheStream(kind: Kind) async throws {
        try await with(kind, "torn") { dumper, dump in
            if kind == .dumpFile { try workplace.folder.write("dump.sql", String(dump.dropLast(200))) }
            let error = try await #require(throws: MigrationError.self) {
                try await dumper.withDump { stream in
                    let iterator = stream.makeAsyncIterator()
                    try #require(try await iterator.next() != nil)
                    if kind == .pgDump {
                        // pg_dump still has to ask for the last table.
                        try await workplace.postgres.source.sql(
                            """
                            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                            WHERE datname = 'conform_torn_pgdump' AND application_name = 'pg_dump'
                            """)
                    }
                    // The stream itself throws: nobody downstream takes what came for a dump.
                    while try await iterator.next() != nil {}
                    Issue.record("The stream has ended as that of a whole dump does.")
                }
            }
            #expect(error.code == (kind == .pgDump ? .failed : .tornDump), "\(error)")
        }
        try await isGone(kind, "torn")
    }

    @Test(arguments: Kind.allCases)
    func bodysErrorComesOut(kind: Kind) async throws {
        try await with(kind, "error") { dumper, _ in
            for chunks in [0, 1] {
                await #expect(throws: Stopped.self) {
                    try await dumper.withDump { stream in
                        let iterator = stream.makeAsyncIterator()
                        for _ in 0..<chunks { _ = try await iterator.next() }
                        throw Stopped()
                    }
                }
                try await isGone(kind, "error")
            }
        }
    }

    @Test(arguments: Kind.allCases)
    func streamReadInPartEndsTheProgram(kind: Kind) async throws {
        try await with(kind, "part") { dumper, dump in
            let first = try await dumper.withDump { try await $0.makeAsyncIterator().next() }
            #expect(try #require(first).readableBytes < dump.utf8.count)
            try await isGone(kind, "part")
            try await dumper.withDump { _ in }
            try await isGone(kind, "part")
        }
    }

    @Test(arguments: Kind.allCases)
    func cancellationEndsTheProgram(kind: Kind) async throws {
        try await with(kind, "cancel") { dumper, _ in
            let (reached, continuation) = AsyncStream.makeStream(of: Void.self)
            let task = Task {
                try await dumper.withDump { stream in
                    let iterator = stream.makeAsyncIterator()
                    _ = try await iterator.next()
                    continuation.yield()
                    while !Task.isCancelled { await Task.yield() }
                    while try await iterator.next() != nil {}
                }
            }
            try await within("the dump's first bytes") { for await _ in reached { break } }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            try await isGone(kind, "cancel")
        }
    }

    @Test func sourceThatIsNotThereIsToldByName() async throws {
        let file = DumpFile(database: .primary, path: workplace.folder.file("none.sql"))
        let missing = try await #require(throws: MigrationError.self) { try await file.withDump { _ in } }
        #expect(missing.code == .unmetRequirement && missing.message.contains("none.sql cannot be read"))
        let dumper = PgDump(.primary, transport: .pgDump, target: target("conform_none"))
        let refused = try await #require(throws: MigrationError.self) {
            try await dumper.withDump { _ = try await text($0) }
        }
        #expect(refused.details.contains { $0.contains("database \"conform_none\" does not exist") }, "\(refused)")
    }
}
