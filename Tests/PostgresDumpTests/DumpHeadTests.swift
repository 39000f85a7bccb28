import DumpSamples
import NIOCore
import TestSupport
import Testing

@testable import MigrationKitBase
@testable import MigrationKitPostgresDump

/// What a section begins with is cut off where its first comment begins, and not before.
@Suite struct DumpHeadTests {
    private static let settings = """
        --
        -- PostgreSQL database dump
        --

        \\restrict abc

        -- Dumped from database version 15.18

        SET statement_timeout = 0;
        SELECT pg_catalog.set_config('search_path', '', false);
        SET row_security = off;


        """

    private static let created = """
        SET default_tablespace = '';

        --
        -- Name: items_pkey; Type: CONSTRAINT; Schema: public; Owner: -
        --

        ALTER TABLE ONLY "public"."items" ADD CONSTRAINT "items_pkey" PRIMARY KEY ("id");
        DROP INDEX "not one of the head";


        """

    private func head(_ text: some StringProtocol, isAll: Bool = true) throws -> DumpHead? {
        try DumpHead(ByteBuffer(string: String(text)), isAll: isAll)
    }

    @Test(arguments: SQLDumps.fixtureVersions)
    func headsOfAllVersionsAreTakenApart(version: Int) throws {
        let dump = try SQLDumps.fixture(version)
        let head = try #require(try DumpHead(ByteBuffer(bytes: dump), isAll: true))
        let parts = [head.settings, head.drops, head.rest].map { String(buffer: $0) }
        #expect(Array(parts.joined().utf8) == dump)
        #expect(parts[0].hasPrefix("--\n-- PostgreSQL database dump\n--\n"))
        #expect(parts[0].hasSuffix("\nSET row_security = off;\n\n"))
        let lines = parts[1].split(separator: "\n")
        #expect(lines.count > 20)
        #expect(lines.allSatisfy { $0.hasPrefix("DROP ") || $0.hasPrefix("ALTER TABLE IF EXISTS ") }, "\(lines)")
        #expect(parts[2].hasPrefix("--\n-- Name: audit; Type: SCHEMA"))
    }

    @Test(arguments: SQLDumps.fixtureVersions)
    func headIsTheSameHoweverMuchHasCome(version: Int) throws {
        let dump = try SQLDumps.fixture(version).prefix(6000)
        let whole = try #require(try DumpHead(ByteBuffer(bytes: dump), isAll: false))
        var told = 0
        for length in stride(from: 0, to: dump.count, by: 7) {
            let begun = ByteBuffer(bytes: dump.prefix(length))
            guard let head = try DumpHead(begun, isAll: false) else { continue }
            told += 1
            #expect(head.settings == whole.settings && head.drops == whole.drops)
            let rest = length - head.settings.readableBytes - head.drops.readableBytes
            #expect(head.rest.readableBytes == rest)
        }
        #expect(told > 0)
    }

    /// A view that needs a primary key cannot be dropped before the key, and not be left as it is either.
    @Test func viewThatLosesItsKeyIsOneOfTheDrops() throws {
        let drops = """
            DROP TRIGGER IF EXISTS "touch" ON "public"."items";
            CREATE OR REPLACE VIEW "public"."named" AS
            SELECT
                NULL::integer AS "id",
                NULL::"text" AS "name";
            ALTER TABLE IF EXISTS ONLY "public"."items" DROP CONSTRAINT IF EXISTS "items_pkey";

            """
        let head = try #require(try head(Self.settings + drops + Self.created, isAll: false))
        #expect(String(buffer: head.drops) == drops)
        #expect(String(buffer: head.rest) == Self.created)
    }

    @Test(arguments: [
        #""two\#nlines""#, #""--""#, #""a -- b""#, #""quo""ted""#, #""/* ; */""#, #""a;\#nSET b""#, #""'""#, #""$$""#,
        #""\""#,
    ])
    func anyNameIsOnlyAName(name: String) throws {
        let drops = """
            DROP INDEX IF EXISTS "public".\(name);
            ALTER TABLE IF EXISTS ONLY "public".\(name) DROP CONSTRAINT IF EXISTS \(name);

            """
        let text = Self.settings + drops + Self.created
        let head = try #require(try head(text, isAll: false))
        #expect(String(buffer: head.drops) == drops)
        #expect(String(buffer: head.rest) == Self.created)
        for length in Self.settings.utf8.count..<text.utf8.count {
            let begun = ByteBuffer(bytes: Array(text.utf8.prefix(length)))
            if let early = try DumpHead(begun, isAll: false) { #expect(early.drops == head.drops) }
        }
    }

    @Test func sectionMayHaveNothingToDrop() throws {
        let created = try #require(try head(Self.settings + Self.created, isAll: false))
        #expect(created.drops.readableBytes == 0)
        #expect(String(buffer: created.rest) == Self.created)
        let nothing = try #require(try head(Self.settings))
        #expect(nothing.drops.readableBytes == 0 && nothing.rest.readableBytes == 0)
        #expect(try head(Self.settings, isAll: false) == nil)
    }

    @Test func dropsAreNotWholeBeforeWhatFollowsHasCome() throws {
        let drop = "DROP INDEX IF EXISTS \"a\";\n"
        #expect(try head(Self.settings + drop, isAll: false) == nil)
        #expect(try head(Self.settings + drop + "-", isAll: false) == nil)
        #expect(try head(Self.settings + drop)?.drops == ByteBuffer(string: drop))
    }

    @Test func whatHasNoSettingsIsRefused() throws {
        #expect(try head("--\n-- PostgreSQL database dump\n--\n", isAll: false) == nil)
        #expect(throws: MigrationError.self) { try head("--\n-- PostgreSQL database dump\n--\n") }
        let long = String(repeating: "SET a = b;\n", count: 2000)
        #expect(throws: MigrationError.self) { try head(long, isAll: false) }
    }

    @Test func keysOfTwoRunsAreNoDifference() throws {
        let first = try #require(try head(Self.settings))
        let second = try #require(try head(Self.settings.replacing("abc", with: "xyz")))
        let other = try #require(try head(Self.settings.replacing("15.18", with: "15.19")))
        #expect(first.comparableSettings == second.comparableSettings)
        #expect(first.comparableSettings != other.comparableSettings)
    }
}
