import Foundation
import Testing

@testable import MigrationKit
@testable import MigrationKitBase
@testable import MigrationKitGoogleCloud

/// What is read from the failure of an import.
@Suite struct CloudSQLAnswerTests {
    private func failure(_ message: String, code: String = "ERROR_RDBMS") -> CloudSQLFailure {
        CloudSQLFailure(.init(code: code, message: message))
    }

    private func wrapped(_ complaint: String, output: String = "SET\n") -> String {
        "exit status 3\nstdout(capped at 100k bytes):\n\(output)stderr:\n\(complaint)"
    }

    @Test func answerIsReadBetweenItsMarks() throws {
        let assertion = CloudSQLAssertion("SELECT 1")
        let text = Data("{\"a\":[1,2]}".utf8).base64EncodedString()
        let told = failure(
            wrapped("psql:<stdin>:9: ERROR:  \(assertion.mark)\(text)\(assertion.mark)\nCONTEXT:  PL/pgSQL function"))
        #expect(try assertion.answer([String: [Int]].self, in: told) == ["a": [1, 2]])
        #expect(!assertion.sql.contains(assertion.mark))
    }

    @Test func answerThatIsNotWholeIsAnError() throws {
        let assertion = CloudSQLAssertion("SELECT 1")
        let text = Data("[1,2]".utf8).base64EncodedString()
        let messages = [
            ("ERROR:  \(assertion.mark)\(text.dropLast(3))", "Cloud SQL truncated the result of a query."),
            ("ERROR:  \(assertion.mark)%%%\(assertion.mark)", "it was altered on the way"),
            ("ERROR:  \(assertion.mark)\(text.dropLast(4))\(assertion.mark)", "it was altered on the way"),
            ("ERROR:  \(assertion.mark)\(assertion.mark)", "it was altered on the way"),
            ("ERROR:  permission denied", "through a small import failed: ERROR:  permission denied"),
            ("", "through a small import failed: exit status 3"),
        ]
        for (message, told) in messages {
            let error = try #require(throws: MigrationError.self) {
                _ = try assertion.answer([Int].self, in: failure(wrapped(message)))
            }
            #expect(error.message.contains(told), "\(error)")
        }
    }

    @Test func questionsAreToldApart() {
        #expect(CloudSQLAssertion("SELECT 1").mark != CloudSQLAssertion("SELECT 1").mark)
    }

    static let complaints = [
        // The word in what psql printed before, and in the row that the error shows.
        (
            "stderr: ERROR: none\n",
            "psql:<stdin>:7: ERROR:  duplicate key\nCONTEXT:  COPY t, line 2: \"stderr: ERROR: x\""
        ),
        (
            String(repeating: "SET\n", count: 25_000),
            "psql:<stdin>:7: ERROR:  duplicate key\nDETAIL:  Key (a)=(stderr:)"
        ),
        ("", "WARNING:  no\npsql:<stdin>:7: ERROR:  duplicate key\nLINE 1: x"),
    ]

    @Test(arguments: complaints)
    func firstErrorBehindTheOutputIsTold(output: String, complaint: String) {
        let told = failure(wrapped(complaint, output: output))
        #expect(told.message == "psql:<stdin>:7: ERROR:  duplicate key")
        #expect(told.details.count == 1)
    }

    @Test func failureWithoutAnErrorOfTheDatabaseIsToldInShort() {
        #expect(failure("An internal error occurred.").message == "An internal error occurred.")
        #expect(failure("").message == "no reason was given")
        #expect(failure(wrapped("")).message == "exit status 3")
        #expect(failure(String(repeating: "x", count: 100_000)).message.count <= 1000)
        #expect(failure("stderr: ERROR: on one line").message == "ERROR: on one line")
    }

    @Test(arguments: [
        ("ERROR:  deadlock detected", true), ("FATAL:  terminating connection due to administrator command", true),
        ("FATAL:  the database system is starting up", true), ("ERROR:  out of shared memory", false),
        ("ERROR:  invalid input syntax for type integer: \"deadlock detected\"", false),
    ])
    func whatPassesIsTheSameAsOverAConnection(message: String, isTransient: Bool) {
        #expect(failure(wrapped("psql:<stdin>:7: \(message)")).isTransient == isTransient)
    }
}
