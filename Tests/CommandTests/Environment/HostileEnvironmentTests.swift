import Foundation
import TestClusters
import Testing

/// The tests do not depend on who runs them: a few of each kind, in an environment that does what harm it can.
@Suite(.inTurn, .enabled(if: !HostileEnvironment.isInside, "This is the run that it has started."))
struct HostileEnvironmentTests {
    /// Of each kind of program that tests start, and each kind of place that they find it in.
    private static let tests = [
        "DatabaseDumperTests/streamIsTheDumpByteForByte", "ContainerDumpTests/dumpsAreThoseOfAServerNearby",
        "PreflightTests/missingProgramIsNamed", "CommandUploadTests/prefixComesBeforeTheNames",
        "InstanceCommandTests/noticeGoesUpOnceAndDownAgainFromBothCommands",
        "InstanceCommandTests/instanceThatNobodyNamedIsAskedFor", "JSONOutputTests/failureEndsInOneLineOfIt",
        "ReportCommandTests/importIsReportedBeforeItAndWhenItHasFailed",
        "SSHReachTests/operatorsReachItByTheirPrograms",
        "ComposeHostTests/onlyTheFormsOfComposeThatAreWantedAreThere", "RunTests/interruptedRunSaysHowItGoesOn",
        "TerminalTests/progressIsDrawnOverWhereTheTerminalCan", "ResourcesTests/keyIsWrittenForItsOwnerAlone",
        "InstanceJobTests/folderIsItsOwnersAlone", "HTTPProxyTests",
    ]

    @Test func fewOfEachKindPass() async throws {
        let workplace = try await Workplace()
        let hostile = HostileEnvironment(folder: workplace.folder)
        try hostile.make()
        // What the runner needs, and is kept by it, is let through.
        let kept = ProcessInfo.processInfo.environment.filter { !["PATH", "HOME", "LC_ALL", "TZ"].contains($0.key) }
        let variables = kept.merging(hostile.variables) { $1 }.merging([HostileEnvironment.mark: "1"]) { $1 }
        let all = CommandLine.arguments
        // On macOS another program loads the bundle.
        let bundle = all.firstIndex(of: "--test-bundle-path").map { Array(all[$0...].prefix(2)) } ?? []
        let filters = Self.tests.flatMap { ["--filter", "\\.\($0)"] }
        let program = Bundle.main.executableURL?.path ?? all[0]
        let passed = try await workplace.run(
            "/bin/sh",
            ["-c", "umask 077; exec \"$0\" \"$@\"", program] + bundle + ["--testing-library", "swift-testing"]
                + filters,
            environment: variables, limit: .seconds(120))
        let said = passed.output + passed.errors
        #expect(passed.exit == 0, "\(said)")
        // A name that is none any more would be no test.
        let names = Set(Self.tests.compactMap { $0.split(separator: "/").last })
        for name in names { #expect(said.contains("\(name)"), "\(name) did not run") }
        #expect(try hostile.called == "")
    }
}
