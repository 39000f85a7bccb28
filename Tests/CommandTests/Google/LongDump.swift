import NIOCore

@testable import MigrationKitPostgresDump

/// A dump of a little more than two parts, of which two statements go out.
struct LongDump {
    let bytes: [UInt8]

    /// For parts of ``TransferSizes/small``.
    static let small = LongDump(rows: rows / 64)
    static let real = LongDump(rows: rows)

    /// Of more than 10 MiB.
    private static let rows = 11_200

    init(rows: Int) {
        var text = """
            --
            -- PostgreSQL database dump
            --

            -- Dumped from database version 15.18
            -- Dumped by pg_dump version 16.15

            SET client_encoding = 'UTF8';
            CREATE EXTENSION IF NOT EXISTS citext WITH SCHEMA public;
            CREATE TABLE public.t (a integer, b text);
            COPY public.t (a, b) FROM stdin;

            """
        let filler = String(repeating: "0123456789abcdef", count: 60)
        for row in 0..<rows { text += "\(row)\t\(filler)\n" }
        text += """
            \\.
            COMMENT ON EXTENSION citext IS 'case';

            --
            -- PostgreSQL database dump complete
            --


            """
        bytes = Array(text.utf8)
    }

    /// What is sent of it.
    var rewritten: ByteBuffer {
        get throws {
            var pass = DumpPass(profile: .cloudSQL)
            var output = ByteBuffer()
            try pass.transform(ByteBuffer(bytes: bytes), into: &output)
            _ = try pass.finish(into: &output)
            return output
        }
    }
}
