import ArgumentParser
import Testing

@testable import MigrationKitCommandSupport

@Suite struct ArgumentDurationTests {
    @Test(arguments: [
        ("90s", Duration.seconds(90)), ("15m", .seconds(900)), ("1h30m", .seconds(5400)), ("14d", .seconds(14 * 86400)),
        ("0", .zero), ("1.5h", .seconds(5400)),
    ])
    func durationIsRead(text: String, duration: Duration) {
        #expect(ArgumentDuration(argument: text)?.duration == duration)
    }

    @Test(arguments: ["", "10", "m", "1x", "-1s", "1h30", "1e3s"]) func anythingElseIsRefused(text: String) {
        #expect(ArgumentDuration(argument: text) == nil)
    }

    @Test func bareNumberIsSecondsWhereItAlwaysWas() throws {
        #expect(try ArgumentDuration.orSeconds("900").duration == .seconds(900))
        #expect(try ArgumentDuration.orSeconds("15m").duration == .seconds(900))
        for text in ["", "-1", "15 m", "x"] {
            #expect(throws: ValidationError.self) { try ArgumentDuration.orSeconds(text) }
        }
    }

    @Test(arguments: ["15m", "1h30m", "1m30s", "0", "336h"]) func durationIsShownAsItIsWritten(text: String) {
        #expect(ArgumentDuration(argument: text)?.description == text)
    }
}
