import DumpSamples
import NIOCore
import TestSupport
import Testing

@testable import MigrationKitBase
@testable import MigrationKitPostgresDump

/// Credentials of other servers in a dump: it is refused, they are shown nowhere, and no store gets them.
@Suite struct CloudSQLCredentialsTests {
    @Test(arguments: DumpCredentials.statements, RewriteProfile.allCases)
    func statementIsRefusedAndNotShown(statement: String, profile: RewriteProfile) {
        let rewritten = Rewritten("SET lock_timeout = 0;\n\(statement)\n", profile)
        #expect(rewritten.refusals.map { Verdict.refuse($0.reason) } == [CloudSQLRules.credentials])
        #expect(rewritten.refusals.first?.position.line == 2)
        #expect(rewritten.rewrites.isEmpty)
        let shown = "\(rewritten.refusals) \(Refusal.error(rewritten.refusals, in: "primary.sql"))"
        #expect(!shown.contains("hunter2"), "\(shown)")
        let head = statement.split(separator: " ").prefix(2).joined(separator: " ")
        #expect(shown.contains(head), "\(shown)")
    }

    @Test func statementThatIsTooLongToBeCheckedIsRefusedForThem() {
        let long = "CREATE USER MAPPING FOR a SERVER s OPTIONS (password 'hunter2', x '"
        let rewritten = Rewritten(long + String(repeating: "y", count: 2 << 20) + "');\n")
        #expect(rewritten.refusals.map { Verdict.refuse($0.reason) } == [CloudSQLRules.credentials])
        #expect(!"\(rewritten.refusals)".contains("hunter2"))
    }

    /// The text of what pg_dumpall writes is shown, and the password in it is not.
    @Test func otherStatementsAreShownWithoutPasswords() {
        let rewritten = Rewritten("ALTER ROLE sg WITH LOGIN PASSWORD 'hunter2' VALID UNTIL 'infinity';\n")
        #expect(
            rewritten.refusals.map(\.statement) == [
                "ALTER ROLE sg WITH LOGIN PASSWORD '<redacted>' VALID UNTIL 'infinity';"
            ])
    }
}
