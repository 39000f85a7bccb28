import DumpSamples
import NIOCore
import TestSupport
import Testing

@testable import MigrationKitBase
@testable import MigrationKitPostgresDump

/// Files that are no plain dump by pg_dump, each with a message that says what they are.
@Suite struct DumpFrameTests {
    private static let dump = SQLDumps.whole("SELECT pg_catalog.setval('s', 1, true);")

    private func error(_ dump: [UInt8], _ chunking: Chunking = .whole) -> MigrationError? {
        #expect(throws: MigrationError.self) { try Passed(dump, .cloudSQL, chunking) }
    }

    @Test func wholeDumpPasses() throws {
        let passed = try Passed(Self.dump)
        #expect(passed.text == Self.dump)
        #expect(passed.report.bytes == Self.dump.utf8.count)
        #expect(passed.report.refusals.isEmpty)
    }

    @Test func versionsAreThoseOfTheHead() throws {
        for chunking in [Chunking.whole, .every(1), .every(4096)] {
            let contents = try Passed(Array(Self.dump.utf8), .cloudSQL, chunking).report.contents
            #expect(contents.serverVersion == "15.18 (Debian 15.18-0+deb12u1)")
            #expect(contents.pgDumpVersion == "16.15")
        }
    }

    @Test(arguments: [Chunking.whole, .every(1), .every(4096)])
    func carriageReturnsOfATerminalAreRefusedByName(chunking: Chunking) {
        let error = error(Array(Self.dump.replacing("\n", with: "\r\n").utf8), chunking)
        #expect(error?.code == .damagedSnapshot)
        #expect(
            error?.message == "The dump's lines end in CR LF: it was made through a terminal (-t) or on Windows.")
        #expect(error?.next?.hasPrefix("Dump again without -t") == true)
    }

    @Test func carriageReturnsAtTheEndAloneAreRefusedByName() throws {
        let end = try #require(Self.dump.firstRange(of: "--\n-- PostgreSQL database dump complete"))
        let dump = Self.dump[..<end.lowerBound] + Self.dump[end.lowerBound...].replacing("\n", with: "\r\n")
        #expect(error(Array(dump.utf8))?.message.contains("CR LF") == true)
    }

    /// Somebody wrote them so on the source.
    @Test func carriageReturnsInsideAFunctionStay() throws {
        let dump = SQLDumps.whole("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$\r\nSELECT 1;\r\n$$;\r\n")
        #expect(try Passed(dump).text == dump)
    }

    @Test func versionsFurtherDownAreNotThoseOfTheDump() throws {
        let body = String(repeating: "SET lock_timeout = 0;\n", count: 20)
        let dump =
            SQLDumps.whole(body + "-- Dumped from database version 99\n").split(separator: "\n")
            .filter { !$0.hasPrefix("-- Dumped from database version 15") }.joined(separator: "\n") + "\n"
        #expect(try Passed(dump).report.contents.serverVersion == nil)
    }

    @Test func emptyFileIsSaidToBeEmpty() {
        let error = error([])
        #expect(error?.code == .tornDump)
        #expect(error?.message == "The dump is empty.")
    }

    @Test(arguments: [[0xFF, 0xFE], [0xFE, 0xFF], []] as [[UInt8]], [true, false])
    func utf16IsRecognised(mark: [UInt8], isLittleEndian: Bool) {
        let units = Self.dump.utf16.flatMap { unit in
            let bytes = [UInt8(unit & 0xFF), UInt8(unit >> 8)]
            return isLittleEndian ? bytes : bytes.reversed()
        }
        for chunking in [Chunking.whole, .every(1)] {
            let error = error(mark + units, chunking)
            #expect(error?.code == .damagedSnapshot)
            #expect(error?.message.contains("UTF-16") == true)
        }
    }

    @Test func byteOrderMarkIsRecognised() {
        let error = error([0xEF, 0xBB, 0xBF] + Array(Self.dump.utf8))
        #expect(error?.code == .damagedSnapshot)
        #expect(error?.message.contains("byte order mark") == true)
    }

    @Test func noticeOfKubectlIsShown() {
        let notice = "Defaulted container \"pgsql\" out of: pgsql, correct-data-dir-permissions (init)\n"
        let error = error(Array((notice + Self.dump).utf8))
        #expect(error?.code == .damagedSnapshot)
        #expect(error?.message.contains("Defaulted container \"pgsql\" out of: pgsql") == true)
        #expect(error?.next?.contains("-c") == true)
    }

    @Test func controlCharactersOfAFirstLineAreNotPrinted() {
        let error = error(Array(("\u{1B}[31mred\u{7}\n" + Self.dump).utf8))
        #expect(error?.message.contains("\\u{1b}[31mred\\u{7}") == true)
        #expect(error?.message.unicodeScalars.contains("\u{1B}") == false)
    }

    @Test func dumpByPgDumpallIsRecognised() {
        let dump = "--\n-- PostgreSQL database cluster dump\n--\n\nCREATE ROLE sg;\n"
        #expect(error(Array(dump.utf8))?.message.contains("pg_dumpall") == true)
    }

    @Test func customFormatIsRecognised() {
        let error = error(Array("PGDMP".utf8) + [1, 14, 0, 4, 8] + [UInt8](repeating: 0, count: 5000))
        #expect(error?.message.contains("custom format") == true)
        #expect(error?.next?.contains("--format=plain") == true)
    }

    @Test(arguments: [
        "<html>\n", "SELECT 1;\n", "\u{1F}\u{8B}\u{08}\n", "\n", "-- PostgreSQL database dump complete\n--\n",
    ])
    func otherFilesAreRefused(text: String) {
        #expect(error(Array(text.utf8))?.code == .damagedSnapshot)
    }

    @Test func wrongFileIsRefusedBeforeItsEnd() throws {
        var pass = DumpPass(profile: .cloudSQL)
        var output = ByteBuffer()
        #expect(throws: MigrationError.self) {
            try pass.transform(ByteBuffer(string: String(repeating: "x\n", count: 4096)), into: &output)
        }
    }

    @Test func beginningOfTheHeadIsATornDump() {
        for length in 1..<31 { #expect(error(Array(Self.dump.utf8.prefix(length)))?.code == .tornDump, "\(length)") }
    }
}
