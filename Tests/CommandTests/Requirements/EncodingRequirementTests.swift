import Foundation
import MigrationKit
import NIOCore
import TestClusters
import Testing

/// Sources that are not in UTF-8: the server converts what is dumped, and where it cannot the remedy is one that works.
@Suite(.inTurn) struct EncodingRequirementTests {
    let place: RequirementsPlace

    init() async throws { place = try await RequirementsPlace() }

    private func with<Value: Sendable>(
        _ encoding: String, _ setup: String, _ body: @Sendable (String) async throws -> Value
    ) async throws -> Value {
        let source = place.postgres.source
        let name = "req_\(encoding.lowercased())"
        try await source.sql(
            "CREATE DATABASE \(name) TEMPLATE template0 ENCODING '\(encoding)' LC_COLLATE 'C' LC_CTYPE 'C'")
        let result: Result<Value, any Error>
        do {
            // Nor can a client that speaks UTF-8 talk to one that the server does not convert.
            if !setup.isEmpty { try await source.sql(setup, in: name) }
            result = .success(try await body(name))
        } catch { result = .failure(error) }
        try await source.sql("DROP DATABASE \(name)")
        return try result.get()
    }

    private func text(_ name: String) async throws -> String {
        try await place.dumper(name).withDump { dump in
            var bytes = ByteBuffer()
            for try await chunk in dump { bytes.writeImmutableBuffer(chunk) }
            return String(buffer: bytes)
        }
    }

    @Test(arguments: ["LATIN1", "WIN1252", "EUC_JP"]) func whatTheServerConvertsPasses(encoding: String) async throws {
        let word = encoding == "EUC_JP" ? "日本語" : "José Müller"
        try await with(encoding, "CREATE TABLE users (name text); INSERT INTO users VALUES ('\(word)')") { name in
            let found = try await DatabaseRequirements(place.dumper(name)).check()
            #expect(found.failed == [] && found["contents"].map(\.verdict) == [.pass], "\(found)")
            #expect(try await place.report(place.dumper(name)).refusals == [])
            let dump = try await text(name)
            #expect(dump.contains("SET client_encoding = 'UTF8';") && dump.contains("\n\(word)\n"))
        }
    }

    private static let mixed = """
        CREATE TABLE users (id int, name text);
        INSERT INTO users VALUES (1, convert_from('\\x4a6f73e9', 'SQL_ASCII')), (2, 'Müller'), (3, 'plain');
        """

    /// As it is told: the dump stops, its error names the table, and the statement makes it one that can be dumped.
    @Test func remedyForTextOfUnknownEncodingWorks() async throws {
        try await with("SQL_ASCII", Self.mixed) { name in
            let found = try await DatabaseRequirements(place.dumper(name)).check()
            #expect(found.failed == [] && found["contents"].map(\.verdict) == [.warn], "\(found)")
            let error = try await #require(throws: MigrationError.self) { _ = try await text(name) }
            #expect(error.details.contains { $0.contains("table \"users\"") }, "\(error)")
            #expect(error.next == found["contents"].remedy)

            let start = try #require(error.next?.range(of: "UPDATE "))
            let statement = (error.next ?? "")[start.lowerBound...].replacing("UPDATE table", with: "UPDATE users")
                .replacing("column", with: "name").replacing("WHERE …", with: "WHERE id = 1")
            try await place.postgres.source.sql(String(statement), in: name)
            let dump = try await text(name)
            #expect(dump.contains("1\tJosé\n") && dump.contains("2\tMüller\n") && dump.contains("3\tplain\n"))
            #expect(try await place.report(place.dumper(name)).refusals == [])
        }
    }

    @Test func whatTheServerCannotConvertIsToldInItsWords() async throws {
        try await with("MULE_INTERNAL", "") { name in
            let found = try await DatabaseRequirements(place.dumper(name)).check()
            #expect(found.failed.contains("contents"), "\(found)")
            #expect(found["contents"].reason.contains("UTF8 and MULE_INTERNAL is not supported"), "\(found)")
        }
    }
}
