import Foundation

/// Dumps to test with.
package enum SQLDumps {
    /// The versions of pg_dump whose dumps are in Fixtures.
    package static let fixtureVersions = [11, 13, 14, 15, 16, 17, 18]

    /// The dump that this version of pg_dump made of Fixtures/dumps/schema.sql.
    package static func fixture(_ version: Int) throws -> [UInt8] {
        let url = Bundle.module.bundleURL.appendingPathComponent("Fixtures/dumps/pg_dump-\(version).sql")
        return Array(try Data(contentsOf: url))
    }

    /// A whole dump as pg_dump frames it, with this between head and trailer.
    package static func whole(_ body: String, restrictKey: String? = nil) -> String {
        let restrict = restrictKey.map { "\\restrict \($0)\n\n" } ?? ""
        let unrestrict = restrictKey.map { "\\unrestrict \($0)\n\n" } ?? ""
        return """
            --
            -- PostgreSQL database dump
            --

            \(restrict)-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
            -- Dumped by pg_dump version 16.15

            SET client_encoding = 'UTF8';

            \(body)
            --
            -- PostgreSQL database dump complete
            --

            \(unrestrict)
            """
    }

    /// COPY with these rows, a line each.
    package static func copy(_ table: String, _ rows: String...) -> String {
        "COPY \(table) FROM stdin;\n" + rows.map { $0 + "\n" }.joined() + "\\.\n"
    }
}
