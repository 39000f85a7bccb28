import Testing

@testable import MigrationKitCommandSupport

@Suite struct ColorTests {
    @Test func colorsAreForTerminalsThatHaveThem() {
        #expect(ColorChoice.auto.applies(isTerminal: true, ["TERM": "xterm"]))
        #expect(ColorChoice.auto.applies(isTerminal: true, ["NO_COLOR": ""]))
        #expect(!ColorChoice.auto.applies(isTerminal: true, ["NO_COLOR": "1"]))
        #expect(!ColorChoice.auto.applies(isTerminal: true, ["TERM": "dumb"]))
        #expect(!ColorChoice.auto.applies(isTerminal: false, [:]))
        #expect(ColorChoice.always.applies(isTerminal: false, ["NO_COLOR": "1"]))
        #expect(!ColorChoice.never.applies(isTerminal: true, [:]))
    }

    @Test func statesArePaintedAndNothingElse() {
        #expect(Color.paint("  FAIL  disk  full") == "  \u{1B}[31mFAIL\u{1B}[0m  disk  full")
        #expect(Color.paint("load primary  done  12:00") == "load primary  \u{1B}[32mdone\u{1B}[0m  12:00")
        #expect(Color.paint("error: no\ndone") == "\u{1B}[31merror:\u{1B}[0m no\n\u{1B}[32mdone\u{1B}[0m")
        for text in ["all is done.", "it has failed because", "an error: no", "ok.sql", ""] {
            #expect(Color.paint(text) == text)
        }
    }
}
