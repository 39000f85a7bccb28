import NIOCore
import Testing

@testable import MigrationKitPostgresDump

@Suite struct TimestampZonesTests {
    private func report(_ columns: String, rows: [String], chunkSize: Int = .max) throws -> DumpReport {
        let dump = """
            --
            -- PostgreSQL database dump
            --

            CREATE TABLE "public"."events" (
                "id" integer NOT NULL,
                \(columns)
            );
            COPY "public"."events" ("id", "at") FROM stdin;
            \(rows.map { $0 + "\n" }.joined())\\.

            --
            -- PostgreSQL database dump complete
            --

            """
        var pass = DumpPass(profile: .none)
        var output = ByteBuffer()
        var rest = ByteBuffer(string: dump)
        while let chunk = rest.readSlice(length: min(chunkSize, rest.readableBytes)), chunk.readableBytes > 0 {
            output.clear()
            try pass.transform(chunk, into: &output)
        }
        return try pass.finish(into: &output)
    }

    private let events = TableName(schema: "public", name: "events")

    @Test(arguments: [
        "2023-03-30 10:00:00+02", "2023-03-30 10:00:00.123-07", "2023-03-30 10:00:00+05:30",
        "0044-03-15 10:00:00+01 BC",
    ])
    func otherZoneIsSeen(time: String) throws {
        #expect(try report("\"at\" timestamp with time zone", rows: ["1\t\(time)"]).tableInForeignZone == events)
        #expect(try report("\"at\" timestamp(3) with time zone", rows: ["1\t\(time)"]).tableInForeignZone == events)
    }

    @Test(arguments: [
        "2023-03-30 10:00:00+00", "2023-03-30 10:00:00.5+00", #"\N"#, "infinity", "-infinity",
        "0044-03-15 10:00:00+00 BC",
    ])
    func timesInUTCAreFine(time: String) throws {
        #expect(try report("\"at\" timestamp with time zone", rows: ["1\t\(time)"]).tableInForeignZone == nil)
    }

    @Test(arguments: [
        "\"at\" text", "\"at\" timestamp without time zone", "\"at\" varchar(30) DEFAULT 'timestamp with time zone'",
    ])
    func textThatLooksLikeATimeIsNone(columns: String) throws {
        #expect(try report(columns, rows: ["1\t2023-03-30 10:00:00+02"]).tableInForeignZone == nil)
    }

    @Test func summerIsSeenAfterAWinterOfRows() throws {
        let rows = (0..<500).map { "\($0)\t2023-01-01 10:00:00+00" } + (0..<300).map { "\($0)\t2023-07-01 10:00:00+01" }
        #expect(try report("\"at\" timestamp with time zone", rows: rows).tableInForeignZone == events)
    }

    @Test(arguments: [1, 7, 64])
    func rowsThatAreCutAreLookedAtAllTheSame(chunkSize: Int) throws {
        let report = try report(
            "\"at\" timestamp with time zone", rows: ["1\t2023-03-30 10:00:00+02"], chunkSize: chunkSize)
        #expect(report.tableInForeignZone == events)
    }

    @Test func tableWhoseRowsComeTwiceIsRefused() throws {
        let block = "\\.\nCOPY \"public\".\"events\" (\"id\", \"at\") FROM stdin;"
        let report = try report("\"at\" text", rows: ["1\ta", block, "2\tb"])
        #expect(report.refusals.map(\.reason) == ["The rows of this table appear a second time. Dump again."])
    }
}
