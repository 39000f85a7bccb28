import Foundation
import Testing

@testable import MigrationKitBase

/// Times that are read and written again keep their text.
@Suite struct TimeTextTests {
    @Test func everyMillisecondIsWrittenAsItWasRead() throws {
        for millisecond in 0..<1000 {
            let digits = String(1000 + millisecond).dropFirst()
            let text = "2026-11-30T00:09:44.\(digits)Z"
            let time = try #require(TimeText.time(text))
            #expect(TimeText.exact(time) == text)
        }
    }

    @Test(arguments: ["2026-11-29T11:56:01Z", "1970-01-01T00:00:00Z", "2024-02-29T23:59:59Z"])
    func secondIsWrittenAsItWasRead(text: String) throws {
        #expect(TimeText.seconds(try #require(TimeText.time(text))) == text)
    }

    @Test(arguments: ["", "never", "2026-11-29", "12:00", "\u{1B}"])
    func otherTextIsNotATime(text: String) { #expect(TimeText.time(text) == nil) }

    @Test func formGoesByTheMember() throws {
        struct File: Codable, Equatable {
            var at: Date
            var createdAt: Date
            var uploadedAt: Date?
        }
        let time = Date(timeIntervalSince1970: 1_795_953_361)
        let text = try JSONText.encode(File(at: time, createdAt: time), pretty: false)
        #expect(text == #"{"at":"2026-11-29T11:56:01.000Z","createdAt":"2026-11-29T11:56:01Z"}"#)
        #expect(try JSONText.decode(File.self, from: Array(text.utf8)) == File(at: time, createdAt: time))
    }

    @Test func personIsToldToTheMinute() {
        #expect(TimeText.minutes(Date(timeIntervalSince1970: 1_795_953_361)) == "2026-11-29 11:56 UTC")
    }

    @Test func headersOfHTTPTellTheTime() {
        #expect(TimeText.http("Sun, 06 Nov 1994 08:49:37 GMT") == Date(timeIntervalSince1970: 784_111_777))
        #expect(TimeText.http("Thu, 29 Feb 2024 23:59:59 GMT") == Date(timeIntervalSince1970: 1_709_251_199))
    }

    @Test(arguments: ["", "yesterday", "Sun, 06 Abc 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 CET"])
    func otherHeaderTellsNoTime(text: String) { #expect(TimeText.http(text) == nil) }
}
