import Foundation
import NIOCore

/// A dump as pg_dump writes it, of any size and made without a server; and what its rewrite has to be.
struct CommandDump: Sendable {
    /// The file.
    let text: Data
    /// The object that it becomes for Cloud SQL.
    let rewritten: Data

    /// One that is sent in a single request.
    static let small = CommandDump(rows: 20_000)
    /// One of 11 MB: three parts of 5 MiB.
    static let medium = CommandDump(rows: 11_000_000)
    /// One of 21 MB: five parts of 5 MiB, the last of them small.
    static let large = CommandDump(rows: 21_200_000)

    private static let frontend = "frontend\t5.1.8\t2023-08-14 09:26:53.589793+00\t3.43.2\n"

    /// By these each of the three databases is known to be Sourcegraph's.
    private static let tables = ["users", "repo", "migration_logs", "codeintel_scip_documents", "series_points"].map {
        "CREATE TABLE \"public\".\"\($0)\" (\n    \"id\" integer\n);\n\n"
            + "COPY \"public\".\"\($0)\" (\"id\") FROM stdin;\n\\.\n\n"
    }.joined()

    /// - Parameter rows: About how many bytes the rows of the large table take.
    init(rows: Int) {
        let schema = """
            --
            -- PostgreSQL database dump
            --

            -- Dumped from database version 12.17
            -- Dumped by pg_dump version 16.4

            SET statement_timeout = 0;
            SET lock_timeout = 0;
            SET client_encoding = 'UTF8';
            SET standard_conforming_strings = on;
            SELECT pg_catalog.set_config('search_path', '', false);
            SET check_function_bodies = false;
            SET row_security = off;

            CREATE EXTENSION IF NOT EXISTS "pg_trgm" WITH SCHEMA "public";

            CREATE TABLE "public"."bulk" (
                "body" "text"
            );


            ALTER TABLE "public"."bulk" OWNER TO "sg";

            CREATE TABLE "public"."versions" (
                "service" "text" NOT NULL,
                "version" "text" NOT NULL,
                "updated_at" timestamp with time zone NOT NULL,
                "first_version" "text" NOT NULL
            );

            COPY "public"."bulk" ("body") FROM stdin;

            """
        let middle = """
            \\.


            COMMENT ON EXTENSION "pg_trgm" IS 'in the middle';

            COPY "public"."versions" ("service", "version", "updated_at", "first_version") FROM stdin;
            \(Self.frontend)\\.

            \(Self.tables)
            CREATE INDEX "bulk_body" ON "public"."bulk" USING "gin" ("body" "public"."gin_trgm_ops");


            GRANT SELECT ON TABLE "public"."bulk" TO "reader";

            --
            -- PostgreSQL database dump complete
            --


            """
        text = Self.joined(schema, rows, middle)
        rewritten = Self.joined(Self.commentedOut(schema), rows, Self.commentedOut(middle))
    }

    private static let outgoing = ["CREATE EXTENSION ", "ALTER TABLE ", "COMMENT ON EXTENSION ", "GRANT "]

    /// Each statement that Cloud SQL cannot take is a line of its own.
    private static func commentedOut(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            outgoing.contains { line.hasPrefix($0) } ? "-- " + line : String(line)
        }.joined(separator: "\n")
    }

    private static func joined(_ head: String, _ rows: Int, _ tail: String) -> Data {
        var data = Data(head.utf8)
        let end = data.count + rows
        while data.count + block.count < end { data += block }
        let rest = block.prefix(max(0, end - data.count))
        data += rest.prefix(through: rest.lastIndex(of: UInt8(ascii: "\n")) ?? rest.startIndex - 1)
        return data + Data(tail.utf8)
    }

    /// Rows that do not compress to nothing, of a length that no part is a multiple of: no two parts are equal.
    private static let block: Data = {
        var state: UInt64 = 4711
        var lines: [String] = []
        for _ in 0..<2003 {
            let words = (0..<31).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return String(state, radix: 16)
            }
            lines.append(words.joined(separator: " "))
        }
        return Data((lines.joined(separator: "\n") + "\n").utf8)
    }()
}
