import Testing

@testable import MigrationKitPostgresDump

/// What `COPY … FROM stdin;` says of its rows, and names as SQL writes them.
@Suite struct CopyHeaderTests {
    @Test(
        arguments: [
            ("COPY t FROM stdin;", "public", "t", []), ("COPY \"T\" FROM STDIN;", "public", "T", []),
            ("copy Audit.Entries (Id, \"Note\") from stdin ;", "audit", "entries", ["id", "Note"]),
            (
                "COPY \"public\".\"CREATE EXTENSION\" (\"a\"\"b, c\", \"from\") FROM stdin;", "public",
                "CREATE EXTENSION", ["a\"b, c", "from"]
            ),
            ("COPY public.none  FROM stdin;", "public", "none", []),
            ("COPY /* a */ t -- b\n(a) FROM stdin;", "public", "t", ["a"]),
            ("COPY \"a.b\".\"c.d\" (naïve) FROM stdin;", "a.b", "c.d", ["naïve"]),
        ] as [(String, String, String, [String])])
    func headerIsRead(statement: String, schema: String, name: String, columns: [String]) throws {
        let header = try CopyHeader(sqlTokens(statement))
        #expect(header.table == TableName(schema: schema, name: name))
        #expect(header.columns == columns)
    }

    @Test func nameForPeopleLeavesPublicOut() {
        #expect(TableName(schema: "public", name: "t").description == "t")
        #expect(TableName(schema: "audit", name: "t").description == "audit.t")
    }

    @Test(arguments: [
        ("t", "\"t\""), ("a\"b", "\"a\"\"b\""), ("", "\"\""), ("a\u{301}\"", "\"a\u{301}\"\"\""), ("\\", "\"\\\""),
    ])
    func identifierIsQuoted(name: String, quoted: String) {
        #expect(name.quotedAsIdentifier == quoted)
        #expect(sqlTokens(quoted) == [.identifier(name)])
        #expect(TableName(schema: name, name: name).quoted == "\(quoted).\(quoted)")
    }

    @Test(arguments: [("t", "'t'"), ("it's", "'it''s'"), ("", "''"), ("\\'", "'\\'''"), ("'\u{301}", "'''\u{301}'")])
    func literalIsQuoted(text: String, quoted: String) {
        #expect(text.quotedAsLiteral == quoted)
        #expect(sqlTokens(quoted) == [.string(text)])
    }

    @Test func tablesSortBySchemaThenName() {
        let names = [("b", "a"), ("a", "z"), ("a", "b")].map { TableName(schema: $0.0, name: $0.1) }
        #expect(names.sorted().map(\.description) == ["a.b", "a.z", "b.a"])
    }
}
