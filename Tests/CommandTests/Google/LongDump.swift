import NIOCore

@testable import MigrationKit

/// A dump of more than 10 MiB, of which two statements go out.
enum LongDump {
    static let bytes: [UInt8] = {
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
        for row in 0..<11_000 { text += "\(row)\t\(filler)\n" }
        text += """
            \\.
            COMMENT ON EXTENSION citext IS 'case';

            --
            -- PostgreSQL database dump complete
            --


            """
        return Array(text.utf8)
    }()

    /// What is sent of it.
    static var rewritten: ByteBuffer {
        get throws {
            var pass = DumpPass(profile: .cloudSQL)
            var output = ByteBuffer()
            try pass.transform(ByteBuffer(bytes: bytes), into: &output)
            _ = try pass.finish(into: &output)
            return output
        }
    }
}
