import Foundation
import Testing

@testable import MigrationKitBase

@Suite struct ShellQuotingTests {
    @Test(arguments: [
        "plain", "", "two words", "it's", "'", "''", "$(touch pwned)", "`id`", "a\nb", "-dash", "\"q\"", "a\\b", "*",
        "~",
        "#", "ü", "a;b", "a&b", "!x", "\t", "FOO=bar",
        "'\u{301}", "a'\u{301}; exit 9; '\u{301}b", "\r\n", "a\r\n'b",
    ])
    func shellGivesBackWhatWasQuoted(text: String) throws {
        let shell = Process()
        shell.executableURL = URL(filePath: "/bin/sh")
        shell.arguments = ["-c", "printf %s \(text.shellQuoted)"]
        let output = Pipe()
        shell.standardOutput = output
        try shell.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        shell.waitUntilExit()
        #expect(String(decoding: data, as: UTF8.self) == text)
    }

    @Test func maskedLineHidesEverySecret() {
        let command = Command(
            "p", ["--a"], environment: [.init("PGPASSWORD", Secret("hunter2"))], input: Secret("swordfish"))
        #expect(command.maskedLine == "printf %s '<redacted>' | PGPASSWORD='<redacted>' p --a")
        #expect(command.shellLine == "printf %s swordfish | PGPASSWORD=hunter2 p --a")
        #expect(Command("p", ["two words"]).shellLine == "p 'two words' </dev/null")
    }

    @Test func secretShowsNothingHoweverItIsPrinted() {
        let secret = Secret("hunter2")
        var dumped = ""
        dump([secret], to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), "\([secret])", dumped] {
            #expect(!text.contains("hunter2"), "\(text)")
        }
    }
}
