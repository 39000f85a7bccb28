import Testing

@testable import MigrationKitCommandSupport

/// What is read of a command line before its command is known.
@Suite struct CommandReaderTests {
    @Test func valueStandsBehindASignOrASpaceAndTheLastCounts() {
        #expect(CommandReader.value(of: "--log-file", in: ["run", "--log-file=a"]) == "a")
        #expect(CommandReader.value(of: "--log-file", in: ["--log-file", "a", "run", "--log-file", "b"]) == "b")
        #expect(CommandReader.value(of: "--log-file", in: ["run", "--log-file"]) == nil)
        #expect(CommandReader.value(of: "--log-file", in: ["run", "--", "--log-file=a"]) == nil)
        #expect(CommandReader.has(["-q", "--quiet"], in: ["run", "-q"]))
        #expect(!CommandReader.has(["-q", "--quiet"], in: ["run", "--", "-q"]))
    }
}
