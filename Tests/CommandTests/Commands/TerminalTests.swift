import TestClusters
import Testing

/// What a person sees at a terminal.
@Suite(.inTurn) struct TerminalTests {
    @Test(arguments: [("xterm", true), ("dumb", false)])
    func progressIsDrawnOverWhereTheTerminalCan(terminal: String, isDrawn: Bool) async throws {
        let workplace = try await Workplace()
        try workplace.writeTargets()
        let dumped = try await workplace.atTerminal(
            "\(BuiltPrograms.path("src-snapshot")) databases --targets=targets.yaml --only=primary --run",
            environment: ["TERM": terminal])
        #expect(dumped.exit == 0, "\(dumped.output)")
        #expect(dumped.output.contains("\u{1b}[") == isDrawn, "\(dumped.output)")
        #expect(dumped.output.contains("primary"))
    }
}
