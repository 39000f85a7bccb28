import TestSupport
import Testing

@testable import MigrationKitPostgresDump

/// However a dump is cut into chunks, the scanner finds the same.
@Suite struct DumpScannerChunkTests {
    private static let sample = """
        --
        -- Name: it's; Type: TABLE; -- /* no comment
        --
        \\restrict KeY09
        /* block /* nested ; */ 'quote */ SET client_encoding = 'UTF8';
        CREATE TABLE "CREATE EXTENSION" ("a;""b" text DEFAULT E'it\\'s; \\\\' -- more;
          'continued\\'; ', c text DEFAULT 'plain\\', d$1 int CHECK (d$1 <> $1 / 2 - -1));
        CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $_$
        BEGIN
        CREATE EXTENSION "x"; EXECUTE $in$ $$;$$ $_ $i$ $in$;
        COPY t FROM stdin;
        \\.
        END $_$;CREATE PROCEDURE p() BEGIN ATOMIC SELECT CASE WHEN a THEN b END; SELECT 1; END;
        CREATE RULE r AS ON INSERT TO t DO ALSO (DELETE FROM a; DELETE FROM b;); DROP EXTENSION x;
        COPY "public"."CREATE EXTENSION" ("a;""b", d$1) FROM stdin;
        -- row\t\\\\.
        \\N\t

        \\\\.
        CREATE EXTENSION x;\t\\.\r
        \\.
        COPY none  FROM stdin;\r

        \r
        \\.\r
        SELECT U&"d\\0061t;a" //* ; */ -- é 👩‍👩‍👧\r;
        SELECT pg_catalog.setval('"public"."s"', 42, true); SELECT 1 \\connect x
        \\unrestrict KeY09
        /* trailing *
        """

    @Test func sampleHoldsWhatItShould() {
        let scan = Scan(Self.sample)
        #expect(scan.statements.count == 10)
        #expect(scan.rows == ["-- row\t\\\\.", "\\N\t", "", "\\\\.", "CREATE EXTENSION x;\t\\.", "", ""])
        #expect(scan.metaCommands == ["\\restrict KeY09", "\\connect x", "\\unrestrict KeY09"])
        #expect(!scan.isBetweenStatements)
        #expect(scan.events == ReferenceScan.events(of: Array(Self.sample.utf8)))
    }

    @Test func everyCutInTwoGivesTheSame() {
        let dump = Array(Self.sample.utf8)
        let whole = Scan(dump)
        for cut in 0...dump.count where Scan(dump, .cut(cut)) != whole {
            Issue.record("cut after \(cut) bytes: \(SQLBytes(dump[..<cut].suffix(20)))")
        }
    }

    @Test(arguments: 1...33)
    func chunksOfOneSizeGiveTheSame(size: Int) {
        #expect(Scan(Self.sample, .every(size)) == Scan(Self.sample))
    }

    @Test(arguments: 0..<100 as Range<UInt64>)
    func randomChunksGiveTheSame(seed: UInt64) {
        #expect(Scan(Self.sample, .random(seed: seed)) == Scan(Self.sample))
    }

    @Test func everyByteIsInExactlyOneEvent() {
        for chunking in [Chunking.whole, .every(1), .random(seed: 7)] {
            let bytes = Scan(Self.sample, chunking).events.flatMap { event in
                switch event {
                case .gap(let bytes), .statement(let bytes, _), .long(let bytes, _), .meta(let bytes, _, _),
                    .copy(let bytes, _, _):
                    bytes.bytes
                }
            }
            #expect(bytes == Array(Self.sample.utf8))
        }
    }
}
