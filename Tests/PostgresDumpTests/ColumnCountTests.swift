import DumpSamples
import TestSupport
import Testing

@testable import MigrationKitBase
@testable import MigrationKitPostgresDump

/// Every row has the columns that its COPY names, or the dump is refused.
@Suite struct ColumnCountTests {
    private static let chunkings = [Chunking.whole, .every(1), .every(7), .random(seed: 5)]

    private static func error(_ dump: String, _ chunking: Chunking = .whole) -> MigrationError? {
        #expect(throws: MigrationError.self) { try Passed(Array(dump.utf8), .cloudSQL, chunking) }
    }

    @Test(arguments: RewriteProfile.allCases, chunkings)
    func rowsOfAllColumnsPass(profile: RewriteProfile, chunking: Chunking) throws {
        let dump = SQLDumps.whole(
            SQLDumps.copy("t (a, b, c)", "1\t2\t3", "\t\t", "\\N\t\\t\\t\t\(String(repeating: "x", count: 5000))")
                + SQLDumps.copy("u (a)", "", "one", "\\.x") + SQLDumps.copy("\"public\".\"none\" ", "", "")
                + SQLDumps.copy("v (a, b)", "1\t2"))
        #expect(try Passed(Array(dump.utf8), profile, chunking).report.contents.rows == 9)
    }

    @Test(arguments: ["", "1", "1\t2", "1\t2\t3\t4", "pg_dump: warning: there are circular foreign keys"], chunkings)
    func rowOfOtherColumnsIsRefused(row: String, chunking: Chunking) {
        let dump = SQLDumps.whole(SQLDumps.copy("audit.t (a, b, c)", "1\t2\t3", row, "1\t2\t3"))
        let error = Self.error(dump, chunking)
        let columns = row.split(separator: "\t", omittingEmptySubsequences: false).count
        let text = columns == 1 ? "1 column" : "\(columns) columns"
        #expect(error?.code == .tornDump)
        #expect(
            error?.message == "Line 12: a row of table audit.t has \(text), but its COPY has 3. "
                + "Bytes of the dump were lost, or a message got into the rows.")
    }

    @Test func nothingOfTheRowIsTold() {
        let error = Self.error(SQLDumps.whole(SQLDumps.copy("t (a, b)", "hunter2\tx\ty")))
        #expect(error?.description.contains("hunter2") == false)
    }

    @Test(arguments: chunkings)
    func lineIsThatOfTheRowWhereverTheCopyBegins(chunking: Chunking) {
        let dump = SQLDumps.whole(
            "SELECT '\n\n';\n" + SQLDumps.copy("t (a)", "1", "2") + "COPY u\n (a, b)\n FROM stdin;\n1\t2\n1\n\\.\n")
        // Counted as psql counts, and as an editor shows it.
        let line = dump.split(separator: "\n", omittingEmptySubsequences: false).lastIndex(of: "1").map { $0 + 1 }
        #expect(Self.error(dump, chunking)?.message.hasPrefix("Line \(line ?? 0): a row of table u ") == true)
    }

    /// The beginning of one row is joined to the end of another.
    @Test func bytesLostInTheMiddleAreFound() throws {
        let rows = (0..<4000).map { "\($0)\tname \($0)\t\(String(repeating: "x", count: $0 % 90))\t\\N" }
        let dump = SQLDumps.whole("COPY t (a, b, c, d) FROM stdin;\n" + rows.map { $0 + "\n" }.joined() + "\\.\n")
        #expect(try Passed(dump).report.contents.rows == 4000)
        let begin = try #require(dump.firstRange(of: "\n2000\tna")?.upperBound)
        let end = try #require(dump.firstRange(of: "\n3200\tname 3200\tx")?.upperBound)
        let error = Self.error(dump[..<begin] + String(dump[end...]))
        #expect(error?.message.contains("a row of table t has 3 columns, but its COPY has 4.") == true)
    }

    @Test func rowsEndAndTabsAreFoundWhateverTheLengthAndWhereverTheyStand() {
        var random = SeededRandom(seed: 9)
        let lengths = Array(0...70) + [255, 256, 4079, 4080, 4081, 4096, 9000]
        for length in lengths {
            for percent in [0, 10, 100] {
                var bytes = (0..<length).map { _ in
                    Int.random(in: 0..<100, using: &random) < percent
                        ? UInt8(ascii: "\t") : UInt8.random(in: 11...255, using: &random)
                }
                let tabs = bytes.count { $0 == UInt8(ascii: "\t") }
                #expect(Self.end(of: bytes) == [length, tabs], "\(length) bytes, \(percent) %")
                // What follows the line feed counts no more.
                bytes.append(UInt8(ascii: "\n"))
                for _ in 0..<Int.random(in: 0..<40, using: &random) {
                    bytes.append(UInt8.random(in: 9...10, using: &random))
                }
                #expect(Self.end(of: bytes) == [length, tabs], "\(length) bytes, \(percent) %, and others")
            }
        }
    }

    private static func end(of bytes: [UInt8]) -> [Int] {
        bytes.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return [0, 0] }
            let (length, tabs) = DumpScanner.rowEnd(base, bytes.count)
            return [length, tabs]
        }
    }
}
